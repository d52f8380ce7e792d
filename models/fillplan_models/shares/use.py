"""What the viewers of a region do with languages that are not a title's own: features of the language booster.

A prior by region and original language cannot know what a title comes in: where the region's own language is not
among the dubs, its viewers read it, or listen to the original. Which languages a region takes where it can, and which
of them a title offers, foretells that for combinations that nobody has watched yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.shares.bayes import table
from fillplan_models.shares.evidence import Evidence
from fillplan_models.shares.files import Files
from fillplan_models.shares.offers import Offers

STRENGTH = 30.0
"""Hours that the usual use of all regions counts for in each of them."""
USUAL_USE = 0.1
USUAL_HOURS = 3.0
"""Without any evidence a tenth takes a language that is not the original; worth so many hours."""


@dataclass(frozen=True, eq=False)
class LanguageUse:
    """Sizes: R regions, L languages."""

    audio: Floats
    """[R, L] share that listens to the language, of the hours of titles that offer it and are not in it."""
    subtitle: Floats
    """[R, L] share that reads it, likewise."""
    understood: Floats
    """[R, L + 1] share that hears titles of an original language in it and reads nothing; last = not told."""


def language_use(evidence: Evidence, files: Files) -> LanguageUse:
    """Measure the use of languages, drawn to that of all regions."""
    regions, languages = len(evidence.codes.regions), len(evidence.codes.languages)
    original = np.where(files.title_original < 0, languages, files.title_original)[evidence.title]
    heard_only = (evidence.audio == original) & (evidence.subtitle == languages)
    shape = (regions, languages + 1)
    return LanguageUse(
        audio=_taken(evidence, files, evidence.audio, files.has_audio),
        subtitle=_taken(evidence, files, evidence.subtitle, files.has_subtitle),
        understood=_drawn(
            table(shape, (evidence.region, original), evidence.hours * heard_only),
            table(shape, (evidence.region, original), evidence.hours),
        ),
    )


def _taken(evidence: Evidence, files: Files, language: Ints, offered: Bools) -> Floats:
    regions, (titles, languages) = len(evidence.codes.regions), offered.shape
    chosen = (language >= 0) & (language < languages) & (language != files.title_original[evidence.title])
    taken = table((regions, languages), (evidence.region[chosen], language[chosen]), evidence.hours[chosen])
    hours = table((regions, titles), (evidence.region, evidence.title), evidence.hours)
    # not `@`: a BLAS may add in another order with another number of threads
    foreign = _foreign(offered, files.title_original).astype(np.float64)
    could = np.einsum("rt,tl->rl", hours, foreign, optimize=False)
    return _drawn(taken, could)


def _foreign(offered: Bools, original: Ints) -> Bools:
    """[titles, L] the offers without the original."""
    foreign = offered.copy()
    told = np.flatnonzero(original >= 0)
    foreign[told, original[told]] = False
    return foreign


def _drawn(part: Floats, whole: Floats) -> Floats:
    usual = (part.sum(axis=0) + USUAL_HOURS * USUAL_USE) / (whole.sum(axis=0) + USUAL_HOURS)
    share: Floats = np.minimum((part + STRENGTH * usual) / (whole + STRENGTH), 1.0)
    return share


def use_features(use: LanguageUse, files: Files, offers: Offers, prior: Floats, region: int, pairs: Ints) -> Singles:
    """[m, features] of some offers [m] in one region; prior [m] is their share so far."""
    languages = use.audio.shape[1]
    value, (titles, place) = offers.value[pairs], np.unique(offers.title[pairs], return_inverse=True)
    original = files.title_original[titles]
    real, at = (value >= 0) & (value < languages), np.clip(value, 0, languages - 1)
    of_title: list[npt.NDArray[Any]] = [use.understood[region, original], files.title_kind[titles]]
    columns: list[npt.NDArray[Any]] = [np.log(prior), value == original[place], value == languages]
    for taken, offered in ((use.audio[region], files.has_audio), (use.subtitle[region], files.has_subtitle)):
        foreign = taken * _foreign(offered[titles], original)
        own, best = np.where(real, taken[at], 0.0), foreign.max(axis=1, initial=0.0)
        columns += [
            own,
            own >= best[place],
            real & offered[titles[place], at],
            np.full(len(pairs), taken.max(initial=0)),
        ]
        of_title += [best, foreign.sum(axis=1), np.where(original >= 0, taken[original], 0.0)]
        of_title.append(np.full(len(titles), taken.max(initial=0.0)))
    columns += [column[place] for column in of_title]
    return np.stack(columns, axis=1).astype(np.float32)
