"""Shares per region and file: the evidence of a title drawn towards its priors, over the files that exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.declarations import PICTURES
from fillplan_data.history import before
from fillplan_data.tables import Tables
from fillplan_models.shares.drift import moved_to
from fillplan_models.shares.evidence import Evidence, make_codes, read_evidence
from fillplan_models.shares.files import Files, read_files
from fillplan_models.shares.languages import audio_prior, subtitle_prior
from fillplan_models.shares.offers import make_offers
from fillplan_models.shares.rungs import rung_prior
from fillplan_models.shares.split import Habit, Prior, split

DAYS_AHEAD = 3.5
"""Rungs are moved on to the middle of the first week."""


@dataclass(frozen=True, eq=False)
class VariantShares:
    """Part of a title's hours in a region that each of its files serves."""

    regions: tuple[str, ...]
    asset_ids: tuple[str, ...]
    """In the order of the assets table."""
    share: Floats
    """[R, F] per title and region: pictures (plain and muxed) sum to 1, audio to what is not heard in muxed
    files, subtitles to at most 1 (the rest is off)."""


def variant_shares(tables: Tables, regions: tuple[str, ...], plan_date: date) -> VariantShares:
    """Estimate the share of every file in every region on the eve of `plan_date`.

    Titles that nobody has watched yet, and all titles without `variant_views`, get the priors' shares.
    """
    tables = before(tables, plan_date)
    evidence = read_evidence(tables, make_codes(tables, regions), plan_date)
    return shares_from(tables, moved_to(evidence, float(np.datetime64(plan_date, "D").astype(np.int64)) + DAYS_AHEAD))


def shares_from(tables: Tables, evidence: Evidence, strength: float | None = None) -> VariantShares:
    """Shares from given evidence. strength: hours that a prior counts for; by default what foretells best."""
    regions, files = evidence.codes.regions, read_files(tables, evidence.codes)
    # a video with a language of its own serves its rung in its language, as a muxed file does
    muxed = (files.kind == "muxed") | ((files.kind == "video") & (files.language >= 0))
    plain, audio, subtitle = (files.kind == "video") & ~muxed, files.kind == "audio", files.kind == "subtitle"
    pictures, heard = plain | muxed, muxed | audio
    share = np.ones((len(regions), len(files.title)))
    share[:, pictures] = _shares_of(files, pictures, files.rung, _rung_habit(files), evidence, strength)
    # one habit of listening, whether the sound comes in a file of its own or not
    share[:, heard] *= _shares_of(files, heard, files.language, _audio_habit(files), evidence, strength)
    share[:, subtitle] = _shares_of(files, subtitle, files.language, _subtitle_habit(files), evidence, strength)
    for chosen in (plain, muxed, audio, subtitle):
        share[:, chosen] /= _twins(files, chosen)
    _divide(share, files, plain, muxed, audio)
    return VariantShares(regions=regions, asset_ids=tuple(tables.assets["asset_id"]), share=share)


def _divide(share: Floats, files: Files, plain: Bools, muxed: Bools, audio: Bools) -> None:
    """Scale shares [R, F] so that the pictures of each title sum to 1, and its audio to what its plain pictures do.

    Where a rung comes both muxed and plain, muxed files serve half of what both can. Plain and audio files serve
    what muxed ones do not. Not every rung comes in every language, hence the scaling.
    """
    title, rung, language = files.title, _pairs(files.title, files.rung), _pairs(files.title, files.language)
    share[:, muxed & np.isin(rung, rung[plain])] /= 2
    for chosen, pair in ((plain, rung), (audio, language)):
        by_muxed = _sums(share, pair, muxed, chosen) / _sums(share, pair, chosen, chosen)
        share[:, chosen] *= np.maximum(0.0, 1.0 - by_muxed)
    pictures, apart = plain | muxed, audio & np.isin(title, title[plain])
    share[:, pictures] /= _sums(share, title, pictures, pictures)
    heard = _sums(share, title, apart, apart)
    # nothing is left where plain pictures have so little of the title that muxed ones have all but a rounding of it
    share[:, apart] *= np.divide(_sums(share, title, plain, apart), heard, out=np.zeros_like(heard), where=heard > 0)


def _pairs(title: Ints, value: Ints) -> Ints:
    """[F] codes of the distinct pairs."""
    return np.unique(np.stack([title, value]), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _sums(share: Floats, group: Ints, members: Bools, at: Bools) -> Floats:
    """[R, at] sums over the members [F] of the groups that the files `at` [F] are in."""
    sums = np.zeros((int(group.max(initial=0)) + 1, len(share)))
    np.add.at(sums, group[members], share[:, members].T)
    return sums[group[at]].T


def _shares_of(
    files: Files, chosen: Bools, value: Ints, habit: Habit, evidence: Evidence, strength: float | None
) -> Floats:
    """[R, chosen] share of each file's value in its title's hours."""
    if not chosen.any():
        return np.zeros((len(evidence.codes.regions), 0))
    offers = make_offers(files.title[chosen], value[chosen], habit.off)
    return split(offers, habit, evidence, strength)[:, offers.of_file]


def _twins(files: Files, chosen: Bools) -> Ints:
    """[chosen] files of the same title that serve the same demand."""
    rung = np.where(np.isin(files.kind, PICTURES), files.rung, 0)
    keys = np.stack([files.title, rung, files.language])[:, chosen]
    _, of_file, twins = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    return twins[of_file.reshape(-1)]


def _rung_habit(files: Files) -> Habit:
    def prior(evidence: Evidence) -> Prior:
        kind, top = files.title_kind, files.title_top
        shares = rung_prior(evidence, kind, int(kind.max(initial=0)) + 1, top)
        return lambda title, value: shares[:, kind[title], top[title], value]

    return Habit(column=lambda evidence: evidence.rung, prior=prior)


def _audio_habit(files: Files) -> Habit:
    prior = partial(_by_original, audio_prior, files)
    return Habit(column=lambda evidence: evidence.audio, prior=prior, boosted=files)


def _subtitle_habit(files: Files) -> Habit:
    prior = partial(_by_original, subtitle_prior, files)
    return Habit(column=lambda evidence: evidence.subtitle, prior=prior, boosted=files, off=files.has_subtitle.shape[1])


def _by_original(prior: Callable[[Evidence, Ints], Floats], files: Files, evidence: Evidence) -> Prior:
    """A prior by original language as a prior by title; unknown languages stand last."""
    shares = prior(evidence, files.title_original)
    return lambda title, value: shares[:, files.title_original[title], value]
