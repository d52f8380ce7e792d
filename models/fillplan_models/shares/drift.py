"""Rungs drift: lines get faster, and what was watched weeks ago was watched at lower rates than what comes.

The mean log rate of a title in a region is regressed on time, within titles, so that another mix of titles is no drift.
Slopes of regions are drawn to the mean slope of all by their variances, that to none by its own (DerSimonian and Laird,
Meta-analysis in clinical trials, 1986, for the spread between regions). Evidence is then moved to the day that is
asked for: each row's hours are tilted by the log of its rate, the hours of a title's period stay what they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.shares.evidence import Evidence

MOST_DRIFT = 0.3
"""No evidence is moved by more than this in mean log rate (35 %)."""
MOST_TILT = 1.0
"""Nor are the odds of two rungs moved by more than the ratio of their rates to this power: where nearly all hours are
of one rung, the few others would have to be multiplied by anything to move the mean as far as it moved elsewhere."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """One cell per region, title and period: [n] arrays, sorted."""

    of_row: Ints
    pair: Ints
    """Region and title, 0.. ."""
    region: Ints
    """[pairs] region of each pair."""
    hours: Floats
    rate: Floats
    """Mean log kbps."""
    spread: Floats
    """Variance of the log kbps."""
    day: Floats


def moved_to(evidence: Evidence, day: float) -> Evidence:
    """The evidence as it would be on `day` (since 1970) if the rates of each region went on moving as they did."""
    told = evidence.rung >= 0
    if not told.any():
        return evidence
    log_rate = np.log(np.array(evidence.codes.rungs))[evidence.rung[told]]
    cells = _cells(evidence.only(told), log_rate)
    regions = len(evidence.codes.regions)
    spread = _mean(cells.region[cells.pair], cells.spread, cells.hours, regions)
    slope = daily_drift(cells, spread)
    shift = np.clip(slope[evidence.region[told]] * (day - evidence.day[told]), -MOST_DRIFT, MOST_DRIFT)
    tilt = np.clip(shift / np.maximum(spread[evidence.region[told]], 1e-9), -MOST_TILT, MOST_TILT)
    tilted = evidence.hours[told] * np.exp(tilt * (log_rate - cells.rate[cells.of_row]))
    hours = evidence.hours.copy()
    hours[told] = tilted * (cells.hours / np.bincount(cells.of_row, tilted))[cells.of_row]
    return replace(evidence, hours=hours)


def daily_drift(cells: _Cells, spread: Floats) -> Floats:
    """[R] change of the mean log rate per day; 0 where nothing tells. spread: [R] variance of the log rates."""
    regions, pairs = len(spread), len(cells.region)
    day, rate = (value - _mean(cells.pair, value, cells.hours, pairs)[cells.pair] for value in (cells.day, cells.rate))
    along, time = (np.bincount(cells.pair, cells.hours * day * other, pairs) for other in (rate, day))
    time_of = np.bincount(cells.region, time, regions)
    known = (time_of > 0) & (spread > 0)
    if not known.any():
        return np.zeros(regions)
    slope = np.bincount(cells.region, along, regions) / np.maximum(time_of, 1e-12)
    surprise = (along - slope[cells.region] * time) ** 2
    # titles as clusters; at least what hours that were drawn one by one would scatter
    variance = np.bincount(cells.region, surprise, regions) / np.maximum(time_of, 1e-12) ** 2
    variance = np.maximum(variance, spread / np.maximum(time_of, 1e-12))
    weight = np.where(known, 1 / np.maximum(variance, 1e-300), 0.0)
    usual, of_usual, between = _usual(slope, weight)
    trust = np.divide(between, between + variance, out=np.zeros(regions), where=known)
    return (usual + trust * (slope - usual)) * max(0.0, 1 - of_usual / max(usual**2, 1e-300))


def _usual(slope: Floats, weight: Floats) -> tuple[float, float, float]:
    """Mean slope, its variance, and the variance between regions."""
    total = float(weight.sum())
    mean = float((weight * slope).sum()) / total
    excess = float((weight * (slope - mean) ** 2).sum()) - (np.count_nonzero(weight) - 1)
    between = max(0.0, excess / max(total - float((weight**2).sum()) / total, 1e-12 * total))
    weight = np.where(weight > 0, 1 / (1 / np.maximum(weight, 1e-300) + between), 0.0)
    return float((weight * slope).sum() / weight.sum()), float(1 / weight.sum()), between


def _cells(evidence: Evidence, log_rate: Floats) -> _Cells:
    titles, periods = len(evidence.codes.titles), int(evidence.period.max()) + 1
    keys = (evidence.region * titles + evidence.title) * periods + evidence.period
    found, of_row = np.unique(keys, return_inverse=True)
    of_row, count = of_row.reshape(-1), len(found)
    named, pair = np.unique(found // periods, return_inverse=True)
    rate = _mean(of_row, log_rate, evidence.hours, count)
    return _Cells(
        of_row=of_row,
        pair=pair.reshape(-1),
        region=named // titles,
        hours=np.bincount(of_row, evidence.hours).astype(np.float64),
        rate=rate,
        spread=_mean(of_row, (log_rate - rate[of_row]) ** 2, evidence.hours, count),
        day=_mean(of_row, evidence.day, evidence.hours, count),
    )


def _mean(group: Ints, values: Floats, weight: Floats, groups: int) -> Floats:
    """[groups] weighted means, 0 for a group without any weight."""
    sums, weights = np.bincount(group, values * weight, groups), np.bincount(group, weight, groups)
    means: Floats = np.divide(sums, weights, out=np.zeros(groups), where=weights > 0)
    return means
