"""In which files a title comes (its edition), and how each region's viewers spread over rungs and languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.catalogue import Catalogue
from fillplan_data.synthetic.regions import Region
from fillplan_data.synthetic.sizes import SizeSpec
from fillplan_data.synthetic.works import LIVE, SHORT

OFF = -1
"""Subtitle switched off."""
_BREADTH_OF_BUDGET = np.array([0, 1, 1, 2])
_SPREAD_OF_RUNGS = 0.62
_Pair = tuple[int, int]


@dataclass(frozen=True)
class Edition:
    """Languages that titles of one origin and budget come in; indices into the catalogue's languages."""

    original: int
    muxed: bool
    audio: tuple[int, ...]
    subtitles: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Editions:
    """All editions, which title has which, and the ladder of each title."""

    editions: tuple[Edition, ...]
    ladders: tuple[tuple[int, ...], ...]
    of_title: Ints
    ladder_of_title: Ints


@dataclass(frozen=True, eq=False)
class VariantShares:
    """How the viewers of one region spread, per edition, over audio and subtitle languages."""

    region: Region
    editions: Editions
    pairs: tuple[Ints, ...]
    """Per edition [pairs, 2]: audio language, subtitle language (OFF = none)."""
    pair_share: tuple[Floats, ...]
    audio_share: Floats
    """[editions, languages]."""
    subtitle_share: Floats
    """[editions, languages]; what is missing from 1 is OFF."""


def make_editions(spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...]) -> Editions:
    """Editions by original language, breadth (from the budget) and form; shorts and live events are muxed."""
    dubbed, read = _languages_by_use(catalogue, regions)
    muxed = np.isin(catalogue.kind, (SHORT, LIVE))
    breadth = _BREADTH_OF_BUDGET[catalogue.budget]
    keys, of_title = np.unique(np.stack([catalogue.original, breadth, muxed], 1), axis=0, return_inverse=True)
    editions = tuple(_edition(spec, int(o), int(b), bool(m), dubbed, read) for o, b, m in keys)
    full = spec.ladder_kbps
    ladders = (tuple(full[k] for k in sorted({1, len(full) // 2, len(full) - 2})), full[:-1], full)
    ladder_of_title = np.where(muxed, 0, np.where(catalogue.budget >= 2, 2, 1))
    return Editions(editions, ladders, of_title.reshape(-1), ladder_of_title)


def _languages_by_use(catalogue: Catalogue, regions: tuple[Region, ...]) -> tuple[list[int], list[int]]:
    """Languages worth dubbing into, and all, by the hours they are worth; English second to none."""
    dub, read = np.zeros(len(catalogue.languages)), np.zeros(len(catalogue.languages))
    for region in regions:
        for tag, part in region.country.languages.items():
            k = catalogue.languages.index(tag)
            read[k] += part * region.hours_per_day
            dub[k] += part * region.hours_per_day * region.dub_share**2
    dub[0] = read[0] = np.inf
    return [int(k) for k in np.argsort(-dub, kind="stable")], [int(k) for k in np.argsort(-read, kind="stable")]


def _edition(spec: SizeSpec, original: int, breadth: int, muxed: bool, dubbed: list[int], read: list[int]) -> Edition:
    if muxed:
        return Edition(original, True, _first(original, dubbed, 1 + (breadth > 0)), ())
    audio = (2, max(2, spec.audio_languages * 5 // 8), spec.audio_languages)[breadth]
    subtitles = spec.subtitle_languages * (2, 3, 4)[breadth] // 4
    return Edition(original, False, _first(original, dubbed, audio), _first(original, read, subtitles))


def _first(original: int, languages: list[int], count: int) -> tuple[int, ...]:
    return (original, *[k for k in languages if k != original][: count - 1])


def variant_shares(catalogue: Catalogue, editions: Editions, region: Region) -> VariantShares:
    """Spread of a region's viewers over (audio, subtitle), its language groups weighted together."""
    count, languages = len(editions.editions), len(catalogue.languages)
    audio_share, subtitle_share = np.zeros((count, languages)), np.zeros((count, languages))
    pairs, pair_share = [], []
    for e, edition in enumerate(editions.editions):
        share: dict[_Pair, float] = {}
        for tag, part in region.country.languages.items():
            _add_speakers(share, edition, catalogue.languages.index(tag), part, region)
        kept = {pair: p for pair, p in sorted(share.items()) if p > 0}
        pairs.append(np.array(list(kept), dtype=np.int64))
        pair_share.append(np.array(list(kept.values())) / sum(kept.values()))
        np.add.at(audio_share[e], pairs[-1][:, 0], pair_share[-1])
        on = pairs[-1][:, 1] != OFF
        np.add.at(subtitle_share[e], pairs[-1][on, 1], pair_share[-1][on])
    return VariantShares(region, editions, tuple(pairs), tuple(pair_share), audio_share, subtitle_share)


def _add_speakers(share: dict[_Pair, float], edition: Edition, own: int, part: float, region: Region) -> None:
    """Add what the speakers of one language do: choose the audio, then the subtitles to it."""
    for audio, p_audio in _audio_choice(edition, own, region).items():
        for subtitle, p_subtitle in _subtitle_choice(edition, own, audio).items():
            share[audio, subtitle] = share.get((audio, subtitle), 0.0) + part * p_audio * p_subtitle


def _audio_choice(edition: Edition, own: int, region: Region) -> dict[int, float]:
    if own == edition.original:
        return {own: 1.0}
    if own in edition.audio:
        return {own: region.dub_share, edition.original: 1 - region.dub_share}
    if 0 in edition.audio and edition.original != 0:  # English is the second choice of some
        return {edition.original: 0.8, 0: 0.2}
    return {edition.original: 1.0}


def _subtitle_choice(edition: Edition, own: int, audio: int) -> dict[int, float]:
    if not edition.subtitles:
        return {OFF: 1.0}
    if audio == own:
        return {OFF: 0.88, own: 0.12} if own in edition.subtitles else {OFF: 1.0}
    off = 0.3 if audio == 0 else 0.07
    if own in edition.subtitles:
        return {OFF: off, own: 0.95 - off, 0: 0.05} if own != 0 else {OFF: off, 0: 1 - off}
    return {OFF: 0.4, 0: 0.6} if 0 in edition.subtitles else {OFF: 1.0}


def rung_share(ladder_kbps: tuple[int, ...], region: Region, weeks: float = 0.0) -> Floats:
    """[rungs] share of hours per rung, `weeks` from the plan date: a bell around what the lines carry."""
    target = region.target_kbps * np.exp(region.kbps_drift_per_week * weeks)
    distance = np.log(np.array(ladder_kbps) / target) / _SPREAD_OF_RUNGS
    weight = np.exp(-0.5 * distance**2) + 0.012
    return weight / weight.sum()
