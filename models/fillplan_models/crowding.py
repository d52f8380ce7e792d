"""What launches take from everything else: an evening has so many hours.

The load of a region on a day is the log of all its hours over those of its settled titles. How much settled titles
lose as the load rises is learnt from week to week, from all regions together. Settled titles are parted in three: one
part tells the loss, the two others tell the load, each with a chance of its own, so that noise in what is explained, or
in what explains it, is not taken for the slope (instrumental variables, Wald 1940). The slope is believed as far as
leaving out single weeks lets it stand (jackknife, Efron 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.codes import region_sums

SETTLED_DAYS = 28
"""Age, on the first day of the window, from which on a title is settled."""
COUNTED = 0.85
"""Least part of the window's days on which a settled series was counted."""
LEAST_WEEKS, LEAST_SETTLED = 6, 0.5
"""What it takes to tell: weeks, and the part of all hours that settled titles have; most of a chart comes and goes."""
PARTS = 3
DOUBT = 2.0
"""Standard errors that a slope must outdo before any of it is believed."""


@dataclass(frozen=True, eq=False)
class Crowding:
    """Sizes: R regions, A active series, W days of the window."""

    slope: float
    """Log hours that every title loses per unit of load, 0 to 1."""
    settled: Bools
    """[A]."""
    load: Floats
    """[R, W], its mean where it is not known."""
    usual_load: Floats
    """[R] its mean."""

    def factor(self, load: Floats) -> Floats:
        """[R, days] what a load [R, days] leaves of every title's hours."""
        left: Floats = np.exp(-self.slope * (load - self.usual_load[:, None]))
        return left


def learn_crowding(
    hours: Singles, usual: Singles, counted: Bools, age: Ints, region: Ints, title: Ints, regions: int
) -> Crowding:
    """Learn it from hours [A, W] and what is usual on such days [A, W]; `age` [A] of series on the first day."""
    settled = (age >= SETTLED_DAYS) & (counted.mean(axis=1) >= COUNTED)
    flat = np.divide(hours, usual, out=np.zeros_like(hours), where=usual > 0)
    load = load_of(region_sums(flat, region, regions), region_sums(flat[settled], region[settled], regions))
    known = np.isfinite(load)
    mean = np.where(known, load, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    slope = _believed(*_weekly_products(hours, usual, settled, region, title, regions))
    return Crowding(slope, settled, np.where(known, load, mean[:, None]), mean)


def load_of(everything: Floats, settled: Floats) -> Floats:
    """[R, days] log of all hours over those of settled titles, NaN without either."""
    known = (settled > 0) & (everything > 0)
    return np.log(np.divide(everything, settled, out=np.full(settled.shape, np.nan), where=known))


def _weekly_products(
    hours: Singles, usual: Singles, settled: Bools, region: Ints, title: Ints, regions: int
) -> tuple[Floats, Floats]:
    """[weeks - 1] products of weekly steps: loss x load as one part tells it, load x load as another does."""
    weeks = hours.shape[1] // 7
    nothing = np.zeros(0), np.zeros(0)
    if weeks < LEAST_WEEKS or hours[settled].sum() < LEAST_SETTLED * hours.sum():
        return nothing
    level = np.divide(hours.sum(axis=1), usual.sum(axis=1), out=np.zeros(len(hours)), where=usual.any(axis=1))
    part = np.where(settled, _dealt(hours, settled, title)[title], PARTS)
    watched = [_weekly(hours[part == k], region[part == k], regions) for k in range(PARTS + 1)]
    even = usual * level[:, None].astype(np.float32)
    expected = [_weekly(even[part == k], region[part == k], regions) for k in range(PARTS)]
    known = np.all([(sums > 0).all(axis=1) for sums in (*watched[:PARTS], *expected)], axis=0)
    if not known.any():
        return nothing
    young, parts = watched[PARTS][known], [sums[known] for sums in watched[:PARTS]]
    return _products(young, parts, [sums[known] for sums in expected])


def _dealt(hours: Singles, settled: Bools, title: Ints) -> Ints:
    """[titles] part of each, dealt by hours: the parts are alike, and no matter in which order titles are listed."""
    sums = np.bincount(title, settled * hours.sum(axis=1, dtype=np.float64))
    part = np.empty(len(sums), dtype=np.int64)
    part[np.argsort(-sums, kind="stable")] = np.arange(len(sums)) % PARTS
    return part


def _products(young: Floats, parts: Sequence[Floats], expected: Sequence[Floats]) -> tuple[Floats, Floats]:
    """As `_weekly_products`, from the weekly hours [R, weeks] of young titles and of each part of the settled ones."""
    rest = np.sum(parts, axis=0)
    loss = [-_steps(np.log(w / e)) for w, e in zip(parts, expected, strict=True)]
    load = [_steps(np.log1p(young / (w * (rest.sum(axis=1) / w.sum(axis=1))[:, None]))) for w in parts]
    weight = np.sqrt(rest.mean(axis=1, keepdims=True))
    up, down = np.zeros(rest.shape[1] - 1), np.zeros(rest.shape[1] - 1)
    for k in range(PARTS):
        one, other = load[(k + 1) % PARTS], load[(k + 2) % PARTS]
        up += (weight * loss[k] * (one + other) / 2).sum(axis=0)
        down += (weight * one * other).sum(axis=0)
    return up, down


def _believed(up: Floats, down: Floats) -> float:
    """Slope of sums over weeks, drawn to 0 by its standard error."""
    if not down.sum() > 0 or not up.sum() > 0:
        return 0.0
    slope = up.sum() / down.sum()
    others = np.divide(up.sum() - up, down.sum() - down, out=np.zeros_like(up), where=down.sum() - down > 0)
    variance = (len(up) - 1) * ((others - others.mean()) ** 2).mean()
    return float(np.clip(slope * (1 - DOUBT**2 * variance / slope**2), 0.0, 1.0))


def _weekly(hours: Singles, region: Ints, regions: int) -> Floats:
    """[R, weeks] sums of the last whole weeks."""
    sums = region_sums(hours, region, regions).astype(np.float64)
    whole = sums.shape[1] // 7 * 7
    weekly: Floats = sums[:, sums.shape[1] - whole :].reshape(regions, -1, 7).sum(axis=2)
    return weekly


def _steps(x: Floats) -> Floats:
    steps = np.diff(x, axis=1)
    return steps - steps.mean()
