"""Priors of the audio and subtitle shares: region and the title's original language."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.shares.bayes import posterior, table
from fillplan_models.shares.evidence import Evidence

ORIGINAL_AUDIO = 0.5
"""Without evidence: half listens to the original, the rest to any other language alike."""
SUBTITLES_OFF = 0.7
STRENGTHS = (100.0, 300.0, 300.0)
"""Hours of prior for all regions, the region, the region x original language."""


def audio_prior(evidence: Evidence, original: Ints) -> Floats:
    """[R, O, L] share of each audio language, by region and original language (the last O = unknown)."""
    return _prior(evidence, original, evidence.audio, off=False)


def subtitle_prior(evidence: Evidence, original: Ints) -> Floats:
    """[R, O, L + 1] share of each subtitle language and of off (last), by region and original language."""
    return _prior(evidence, original, evidence.subtitle, off=True)


def _prior(evidence: Evidence, original: Ints, language: Ints, *, off: bool) -> Floats:
    """Counts by region and original language drawn to the region's habit: original or which other language."""
    languages, regions = len(evidence.codes.languages), len(evidence.codes.regions)
    spoken = np.where(original < 0, languages, original)[evidence.title]
    shape = (regions, languages + 1, languages + off)
    hours = table(shape, (evidence.region, spoken, language), evidence.hours)
    own = np.arange(languages)
    original_hours = hours[:, own, own].sum(axis=1)
    other = hours.copy()
    other[:, own, own] = 0
    built_in = _built_in_other(languages, off)
    other_share = posterior(other.sum(axis=1), posterior(other.sum(axis=(0, 1)), built_in, STRENGTHS[0]), STRENGTHS[1])
    start = ORIGINAL_AUDIO if not off else (1 - SUBTITLES_OFF) / max(languages, 1)
    all_regions = (original_hours.sum() + STRENGTHS[0] * start) / (hours.sum() + STRENGTHS[0])
    kept = (original_hours + STRENGTHS[1] * all_regions) / (hours.sum(axis=(1, 2)) + STRENGTHS[1])
    return posterior(hours, _habit(kept, other_share, languages), STRENGTHS[2])


def _habit(kept: Floats, other: Floats, languages: int) -> Floats:
    """[R, O, L (+ 1)] the original with share `kept` [R], the rest by `other` [R, L (+ 1)] without the original."""
    habit = np.repeat(other[:, None, :], languages + 1, axis=1)
    own = np.arange(languages)
    habit[:, own, own] = 0
    total = habit.sum(axis=2, keepdims=True)
    habit = np.divide(habit, total, out=np.zeros_like(habit), where=total > 0)
    habit[:, own] *= (1 - kept)[:, None, None]
    habit[:, own, own] = kept[:, None]
    return habit / np.maximum(habit.sum(axis=2, keepdims=True), 1e-12)


def _built_in_other(languages: int, off: bool) -> Floats:
    """[L (+ 1)] shares of what is not the original."""
    shares = np.full(languages, (1 - SUBTITLES_OFF if off else 1.0) / max(languages, 1))
    return np.append(shares, SUBTITLES_OFF) if off else shares
