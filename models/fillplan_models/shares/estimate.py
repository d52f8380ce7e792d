"""Shares per region and file: the evidence of a title drawn towards its priors, over the files that exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt

from fillplan_data.history import before
from fillplan_data.tables import Tables
from fillplan_models.codes import code_of
from fillplan_models.shares.evidence import Codes, Evidence, make_codes, read_evidence, rung_code
from fillplan_models.shares.languages import audio_prior, subtitle_prior
from fillplan_models.shares.rungs import rung_prior
from fillplan_models.shares.split import Habit, make_offers, split

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class VariantShares:
    """Part of a title's hours in a region that each of its files serves."""

    regions: tuple[str, ...]
    asset_ids: tuple[str, ...]
    """In the order of the assets table."""
    share: Floats
    """[R, F] per title and region: pictures sum to 1, audio to 1, subtitles to at most 1 (the rest is off)."""


@dataclass(frozen=True, eq=False)
class _Files:
    """The assets table as codes, and what the habits need to know of the titles."""

    kind: npt.NDArray[np.object_]
    title: Ints
    rung: Ints
    language: Ints
    title_kind: Ints
    title_top: Ints
    title_original: Ints


def variant_shares(tables: Tables, regions: tuple[str, ...], plan_date: date) -> VariantShares:
    """Estimate the share of every file in every region on the eve of `plan_date`.

    Titles that nobody has watched yet, and all titles without `variant_views`, get the priors' shares.
    """
    tables = before(tables, plan_date)
    return shares_from(tables, read_evidence(tables, make_codes(tables, regions), plan_date))


def shares_from(tables: Tables, evidence: Evidence, strength: float | None = None) -> VariantShares:
    """Shares from given evidence. strength: hours that a prior counts for; by default what foretells best."""
    regions, files = evidence.codes.regions, _read_files(tables, evidence.codes)
    # a video with a language of its own serves its rung in its language, as a muxed file does
    muxed = (files.kind == "muxed") | ((files.kind == "video") & (files.language >= 0))
    share = np.zeros((len(regions), len(files.title)))
    for chosen in ((files.kind == "video") & ~muxed, muxed):
        share[:, chosen] = _pictures(files, chosen, evidence, strength)
    for name, habit in (("audio", _audio_habit(files)), ("subtitle", _subtitle_habit(files))):
        chosen = files.kind == name
        offers = make_offers(files.title[chosen], files.language[chosen])
        share[:, chosen] = (split(offers, habit, evidence, strength) / offers.twins)[:, offers.of_file]
    return VariantShares(regions=regions, asset_ids=tuple(tables.assets["asset_id"]), share=share)


def _pictures(files: _Files, chosen: Bools, evidence: Evidence, strength: float | None) -> Floats:
    """[R, chosen] rung share x audio share, over the combinations that exist."""
    if not chosen.any():
        return np.zeros((len(evidence.codes.regions), 0))
    title, rung, language = files.title[chosen], files.rung[chosen], files.language[chosen]
    rungs = make_offers(title, rung)
    share = split(rungs, _rung_habit(files), evidence, strength)[:, rungs.of_file]
    if (language >= 0).any():
        spoken = make_offers(title, language)
        share = share * split(spoken, _audio_habit(files), evidence, strength)[:, spoken.of_file]
    keys = np.stack([title, rung, language])
    _, of_file, twins = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    return _sum_to_one(share / twins[of_file.reshape(-1)], title)


def _sum_to_one(share: Floats, title: Ints) -> Floats:
    """Scale [R, n] so that the files of each title sum to 1 in every region: not every rung comes in every language."""
    order = np.argsort(title, kind="stable")
    start = np.flatnonzero(np.diff(title[order], prepend=-1))
    sums = np.add.reduceat(share[:, order], start, axis=1)
    place = np.searchsorted(title[order][start], title)
    return share / sums[:, place]


def _read_files(tables: Tables, codes: Codes) -> _Files:
    assets, titles = tables.assets, tables.titles
    kind = assets["kind"].astype(object).to_numpy()
    title, rung = code_of(assets["title_id"], codes.titles), rung_code(assets["bitrate_kbps"].to_numpy(), codes)
    top = np.full(len(titles), -1, dtype=np.int64)
    pictures = np.isin(kind, ("video", "muxed"))
    np.maximum.at(top, title[pictures], rung[pictures])
    return _Files(
        kind=kind,
        title=title,
        rung=rung,
        language=code_of(assets["language"], codes.languages),
        title_kind=np.unique(titles["kind"].to_numpy().astype(object), return_inverse=True)[1].astype(np.int64),
        title_top=top,
        title_original=code_of(titles["original_language"], codes.languages),
    )


def _rung_habit(files: _Files) -> Habit:
    def prior(evidence: Evidence) -> Callable[[Ints], Floats]:
        kind, top = files.title_kind, files.title_top
        shares = rung_prior(evidence, kind, int(kind.max(initial=0)) + 1, top)
        return lambda title: shares[:, kind[title], top[title]]

    return Habit(column=lambda evidence: evidence.rung, prior=prior, missing_is_off=False)


def _audio_habit(files: _Files) -> Habit:
    prior = partial(_by_original, audio_prior, files)
    return Habit(column=lambda evidence: evidence.audio, prior=prior, missing_is_off=False)


def _subtitle_habit(files: _Files) -> Habit:
    prior = partial(_by_original, subtitle_prior, files)
    return Habit(column=lambda evidence: evidence.subtitle, prior=prior, missing_is_off=True)


def _by_original(
    prior: Callable[[Evidence, Ints], Floats], files: _Files, evidence: Evidence
) -> Callable[[Ints], Floats]:
    """A prior by original language as a prior by title; unknown languages stand last."""
    shares = prior(evidence, files.title_original)
    return lambda title: shares[:, files.title_original[title]]
