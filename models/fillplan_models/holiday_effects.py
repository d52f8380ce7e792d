"""What holidays do to a region's hours, and what they do on the day before and after.

A day is compared with ordinary days of the same weekday around it, in the whole history. Lifts are told by all regions
together first, then by each, both drawn by their precision (normal means, Buehlmann 1967), in which the regions of one
date are one voice as far as ordinary dates move them together.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.codes import region_sums
from fillplan_models.panel import Panel

ORDINARY, HOLIDAY, EVE, MORROW = range(4)
SPREADS = {HOLIDAY: 0.3, EVE: 0.1, MORROW: 0.1}
"""Usual size of the log of what a day of each kind does."""
HOLIDAY_SPREAD, REGION_SPREAD = 0.1, 0.08
"""Logs by which holidays differ from each other, and regions in what they make of them."""
AROUND_DAYS = (-21, -14, -7, 7, 14, 21)
MEDIAN_SQUARE = 0.4549
"""Median of the square of a standard normal."""
UNKNOWN_NOISE = 0.04
"""Variances where no ordinary day can be compared: what is not known is not quiet."""
SLOPE_DAYS = 28
WEEKLY, LEAST_WEEKS = 0.5, 4
"""Part of a weekday's days from which its holidays are no feasts, and of how many weeks that is told."""
LARGEST = 1.0
"""No day is further than by this log from those around it: what is, is an outage."""


def holiday_effects(panel: Panel) -> Floats:
    """[R, D + H] factor of every day, 1 on ordinary ones."""
    kind = kinds_of_days(panel)
    past = kind[:, : panel.history_days]
    effect = np.ones(kind.shape)
    if not (past > ORDINARY).any():
        return effect
    beside = _beside_ordinary(panel, past)
    noise = _noise(np.where(past == ORDINARY, beside, np.nan))
    for k, spread in SPREADS.items():
        lift = np.exp(_drawn(np.where(past == k, beside, np.nan), spread, *noise))
        effect = np.where(kind == k, lift[:, None], effect)
    return effect


def noise_of_dates(panel: Panel) -> tuple[float, float]:
    """Variances of the log of an ordinary day for all regions together, and of one region beside the others."""
    past = kinds_of_days(panel)[:, : panel.history_days]
    return _noise(np.where(past == ORDINARY, _beside_ordinary(panel, past), np.nan))


def feast_days(panel: Panel) -> Bools:
    """[R, D + H] holidays but those of every week: a rest day is what its weekday is."""
    weekday = panel.weekday(np.arange(panel.holiday.shape[1]))
    days = np.bincount(weekday, minlength=7)
    hits = np.stack([panel.holiday[:, weekday == w].sum(axis=1) for w in range(7)], axis=1)
    weekly = (hits > WEEKLY * days) & (days >= LEAST_WEEKS)
    feasts: Bools = panel.holiday & ~weekly[:, weekday]
    return feasts


def kinds_of_days(panel: Panel) -> Ints:
    """[R, D + H] as `day_kinds`, of feasts."""
    return day_kinds(feast_days(panel))


def day_kinds(holiday: Bools) -> Ints:
    """[R, days] kind of each day: a holiday, before or after one, or ordinary."""
    kind = np.zeros(holiday.shape, dtype=np.int64)
    kind[:, 1:][holiday[:, :-1]] = MORROW
    kind[:, :-1][holiday[:, 1:]] = EVE
    kind[holiday] = HOLIDAY
    return kind


def _beside_ordinary(panel: Panel, kind: Ints) -> Floats:
    """[R, D] log of a region's hours over the median of ordinary days of that weekday around, NaN where not known."""
    totals = region_sums(panel.hours, panel.region, len(panel.regions))
    known = panel.observed & (totals > 0)
    level = np.log(np.where(known, totals, 1.0))
    level[~known] = np.nan
    level -= _slope(level)[:, None] * np.arange(level.shape[1])
    usual = np.where(kind == ORDINARY, level, np.nan)
    far = max(AROUND_DAYS)
    padded = np.pad(usual, ((0, 0), (far, far)), constant_values=np.nan)
    around = np.stack([padded[:, far + d : far + d + usual.shape[1]] for d in AROUND_DAYS])
    some = np.isfinite(around).any(axis=0)
    around[:, ~some] = 0.0
    middle = np.nanmedian(around, axis=0)
    return np.where(some, np.clip(level - middle, -LARGEST, LARGEST), np.nan)


def _slope(level: Floats) -> Floats:
    """[R] median daily growth of logs [R, D] over four weeks: at an end of the history there is one side only."""
    growth = (level[:, SLOPE_DAYS:] - level[:, :-SLOPE_DAYS]) / SLOPE_DAYS
    some = np.isfinite(growth).any(axis=1)
    growth[~some] = 0.0
    return np.nanmedian(growth, axis=1) if growth.shape[1] else np.zeros(len(level))


def _noise(beside: Floats) -> tuple[float, float]:
    """As `noise_of_dates`, of logs [R, D], NaN on other days; by medians, for a few odd weeks a year are no noise."""
    some = np.isfinite(beside)
    regions = some.sum(axis=0)
    if not some.any():
        return UNKNOWN_NOISE, UNKNOWN_NOISE
    dates, several = regions > 0, regions >= 2
    mean = np.where(some, beside, 0.0).sum(axis=0) / np.maximum(regions, 1)
    apart = ((beside - mean) ** 2 * regions / np.maximum(regions - 1, 1))[some & several]
    own = float(np.median(apart)) / MEDIAN_SQUARE if several.any() else 0.0
    together = float(np.median(mean[dates] ** 2)) / MEDIAN_SQUARE
    return max(together - own * float((1 / regions[dates]).mean()), 0.0), own


def _drawn(seen: Floats, spread: float, common: float, own: float) -> Floats:
    """[R] logs from days [R, D], NaN where none."""
    some = np.isfinite(seen)
    regions = some.sum(axis=0)
    dates = regions > 0
    mean = np.where(some, seen, 0.0).sum(axis=0)[dates] / regions[dates]
    weight = 1 / (common + HOLIDAY_SPREAD**2 + (own + REGION_SPREAD**2) / regions[dates])
    everywhere = float((weight * mean).sum() / (weight.sum() + 1 / spread**2))
    days = some.sum(axis=1)
    beyond = np.where(some, seen - everywhere, 0.0).sum(axis=1) / np.maximum(days, 1)
    belief = days * REGION_SPREAD**2 / (days * REGION_SPREAD**2 + common + own + HOLIDAY_SPREAD**2)
    return everywhere + belief * beyond
