"""Age decay: how demand falls with the days since the launch, by kind of title.

Chain ladder, as actuaries develop claims: the ratio of the hours at age a + 1 to those at age a, sums over all series
that were watched on both days, chained from the launch day on. Ratios of sums over the same series have
no survivor's bias, whatever the mix of titles at each age. What settled titles lose or gain from day to day is the
market's, not age's: it is taken out, or a chain over months would carry a slow trend into the worth of every old title.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

OLDEST = 240
"""From this age on (days) nothing decays; also the age of series whose launch is not known."""
EDGES = np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 30, 45, 65, 90, 130, 180, OLDEST])
"""Ages from EDGES[i] to EDGES[i + 1] share one daily rate."""
PRIOR_SERIES_DAYS = 30.0
"""A kind's rate is drawn towards that of all kinds with the weight of so many mean series-days."""
BLOCK_SERIES = 20_000
"""Settled series that are summed at a time."""
STEEPEST = np.log(3.0)
"""No daily rate beyond a factor of 3 either way."""


def neighbours(counted: Bools, state: Ints) -> Bools:
    """[n, W - 1] days that can be compared with the next: both counted, in the same `state` [n, W] (of promotion)."""
    both: Bools = counted[:, :-1] & counted[:, 1:] & (state[:, :-1] == state[:, 1:])
    return both


def log_decay(hours: Singles, pair: Bools, age: Ints, kind: Ints, kinds: int, market: float) -> Floats:
    """[kinds, OLDEST + 1] log of demand at each age relative to the launch day, less the `market_rate`.

    `hours` [n, W] cleared of weekdays, `pair` as by `neighbours`, `age` [n] at the first column.
    """
    row, day = np.nonzero(pair)
    at = age[row] + day
    young = (at >= 0) & (at < OLDEST)
    row, day, at = row[young], day[young], at[young]
    place = kind[row] * len(EDGES) + np.searchsorted(EDGES, at, side="right") - 1
    size = kinds * len(EDGES)
    now = _sums(place, hours[row, day], size).reshape(kinds, -1)
    then = _sums(place, hours[row, day + 1], size).reshape(kinds, -1)
    rows = np.bincount(place, minlength=size).reshape(kinds, -1)
    seen = now.sum(axis=0) > 0
    return _chain(_rates(now, then, rows) - np.where(seen, market, 0.0))


def market_rate(hours: Singles, pair: Bools, age: Ints) -> float:
    """Daily log rate of settled titles: what days do to all, whatever their age; 0 without any.

    The slope of a line through the chained days: the first and the last day alone would be at chance's mercy.
    """
    now, then = (np.zeros(pair.shape[1]) for _ in range(2))
    settled = np.flatnonzero(age >= OLDEST)
    for start in range(0, len(settled), BLOCK_SERIES):
        block = settled[start : start + BLOCK_SERIES]
        now += np.where(pair[block], hours[block, :-1], 0).sum(axis=0, dtype=np.float64)
        then += np.where(pair[block], hours[block, 1:], 0).sum(axis=0, dtype=np.float64)
    seen = (now > 0) & (then > 0)
    if not seen.any():
        return 0.0
    steps = np.log(np.divide(then, now, out=np.ones_like(now), where=seen))
    level = np.concatenate([[0.0], np.cumsum(np.clip(steps, -STEEPEST, STEEPEST))])
    day = np.arange(len(level)) - (len(level) - 1) / 2
    return float(day @ level / (day @ day))


def _sums(place: Ints, hours: Singles, size: int) -> Floats:
    sums: Floats = np.bincount(place, hours, size).astype(np.float64)
    return sums


def _rates(now: Floats, then: Floats, rows: Ints) -> Floats:
    """[kinds, bins] daily log rates; bins without evidence stand still."""
    total_now, total_then = now.sum(axis=0), then.sum(axis=0)
    mean_hours = total_now / np.maximum(rows.sum(axis=0), 1)
    # all kinds are drawn towards standing still, each kind towards all
    base = PRIOR_SERIES_DAYS * mean_hours
    common = (total_then + base) / np.maximum(total_now + base, 1e-12)
    common = np.where(total_now > 0, common, 1.0)
    ratio = (then + base * common) / np.maximum(now + base, 1e-12)
    rate = np.log(np.where(base > 0, np.maximum(ratio, 1e-6), 1.0))
    return np.clip(rate, -STEEPEST, STEEPEST)


def _chain(rates: Floats) -> Floats:
    daily = np.repeat(rates[:, :-1], np.diff(EDGES), axis=1)
    return np.concatenate([np.zeros((len(rates), 1)), np.cumsum(daily, axis=1)], axis=1)


def at_age(log_profile: Floats, kind: Ints, age: Ints) -> Floats:
    """Decay factor per kind and age, 1 on the launch day; earlier days count as the launch day."""
    return np.exp(log_profile[kind, np.clip(age, 0, OLDEST)])
