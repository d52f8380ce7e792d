"""Age decay: how demand falls with the days since the launch, for each title.

Chain ladder, as actuaries develop claims: the ratio of the hours at age a + 1 to those at age a, sums over all series
that were watched on both days, chained from the launch day on. Ratios of sums over the same series have
no survivor's bias, whatever the mix of titles at each age. What settled titles lose or gain from day to day is the
market's, not age's: it is taken out, or a chain over months would carry a slow trend into the worth of every old title.

Hits are one title among others: a ratio of plain sums would be told by the few that fill them, so titles count by a
power of their own variance between plain sums (0) and the inverse of it (1; quasi-likelihood, Wedderburn 1974).

A rate is believed as far as it is told: all titles together are drawn towards standing still, a kind of title towards
all, a title towards its kind, first for all ages (a title that fades faster than its kind does so at every age), then
age by age (normal means, drawn by their precision: a credibility ladder, Buehlmann 1967).
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles

OLDEST = 240
"""From this age on (days) nothing decays; also the age of series whose launch is not known."""
EDGES = np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 30, 45, 65, 90, 130, 180, OLDEST])
"""Ages from EDGES[i] to EDGES[i + 1] share one daily rate."""
RATIO_VARIANCE = 0.08
"""Squared relative error of the ratio of two days of one title: all its regions share what moves it."""
WALK_VARIANCE = 0.0015
"""What a title's own drift adds to that with every day between them."""
EVENNESS = 0.75
"""That power. Its size is that of both days, for a title's high day must not count less than the fall after it."""
COMMON_SPREAD, KIND_SPREAD, OWN_SPREAD = (0.5, 0.01), (0.25, 0.0001), (0.25, 0.005)
"""Usual daily log rate of all titles, and how far a kind is from all, a title from its kind: on the launch day, which
falls with 1 / (1 + age), for what moves has moved most of its way early; and at every age alike, as half-lives differ
between titles, not between kinds."""
FURTHEST = 1.0
"""How far a title's log decay may end from its kind's: a chart's steps of a hundred to one tell nothing."""
LOWEST, HIGHEST = np.log(1e-6), np.log(100.0)
"""Bounds of a kind's log decay: a service that goes live after weeks of tests grows within a day by more than titles
do in their lives, which taken for every day's growth is no number any more."""
SPIKE = 10.0
"""No title is worth so many times the days before and after on one day alone."""
BLOCK_SERIES = 20_000
"""Settled series that are summed at a time."""
STEEPEST = np.log(3.0)
"""No daily rate beyond a factor of 3 either way."""


def neighbours(counted: Bools, state: Ints) -> Bools:
    """[n, W - 1] days that can be compared with the next: both counted, in the same `state` [n, W] (of promotion)."""
    both: Bools = counted[:, :-1] & counted[:, 1:] & (state[:, :-1] == state[:, 1:])
    return both


def without_spikes(hours: Singles) -> Singles:
    """[n, W] the same, no day more than `SPIKE` times the larger of its neighbours, if these have hours at all.

    One cell that is a thousand times too large would else tell how all titles of its age fade.
    """
    near = np.zeros_like(hours)
    near[:, 1:] = hours[:, :-1]
    np.maximum(near[:, :-1], hours[:, 1:], out=near[:, :-1])
    return np.where(near > 0, np.minimum(hours, SPIKE * near), hours)


def log_decay(hours: Singles, pair: Bools, age: Ints, title: Ints, kind: Ints, market: float, phi: float) -> Floats:
    """[titles, OLDEST + 1] log of demand at each age relative to the launch day, less the `market_rate`.

    `hours` [n, W] cleared of weekdays, `pair` as by `neighbours`, `age` [n] at the first column, `title` [n], the
    `kind` [titles] of each, from 0, and the hours of variance per hour of mean `phi`.
    """
    row, day = np.nonzero(pair)
    at = age[row] + day
    young = (at >= 0) & (at < OLDEST)
    row, day, at = row[young], day[young], at[young]
    shape = len(kind), len(EDGES) - 1
    place = title[row] * shape[1] + _bin(at)
    now, then = (_sums(place, hours[row, d], shape) for d in (day, day + 1))
    ages = np.flatnonzero(np.bincount(title[row] * OLDEST + at))
    days = _sums(ages // OLDEST * shape[1] + _bin(ages % OLDEST), None, shape)
    evidence = now, then, days, market, phi
    everything = np.zeros(len(kind), dtype=np.int64)
    common = _drawn(np.zeros((1, shape[1])), *_observed(*evidence, everything, 1), COMMON_SPREAD)
    of_kind = _drawn(common, *_observed(*evidence, kind, int(kind.max(initial=0)) + 1), KIND_SPREAD)[kind]
    own = _drawn(of_kind, *_observed(*evidence, np.arange(len(kind)), len(kind)), OWN_SPREAD)
    usual = np.clip(_chain(of_kind), LOWEST, HIGHEST)
    return usual + np.clip(_chain(own) - usual, -FURTHEST, FURTHEST)


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


def _bin(age: Ints) -> Ints:
    return np.searchsorted(EDGES, age, side="right") - 1


def _sums(place: Ints, hours: Singles | None, shape: tuple[int, int]) -> Floats:
    sums: Floats = np.bincount(place, hours, shape[0] * shape[1]).astype(np.float64).reshape(shape)
    return sums


def _observed(
    now: Floats, then: Floats, days: Floats, market: float, phi: float, group: Ints, groups: int
) -> tuple[Floats, Floats]:
    """[groups, bins] daily log rates beside the market's from [titles, bins], and 1 / their variance, 0 without hours.

    The days of one title telescope: what tells its rate is how far the last is from the first.
    """
    before, after, squares = (np.zeros((groups, now.shape[1])) for _ in range(3))
    n = np.maximum(days, 1)
    spread = RATIO_VARIANCE / n**2 + WALK_VARIANCE / n
    weight = (2 * phi + spread * (now + then) / 2) ** -EVENNESS
    variance = 2 * phi * now + spread * now**2
    for total, part in ((before, weight * now), (after, weight * then), (squares, weight**2 * variance)):
        np.add.at(total, group, part)
    seen = before > 0
    ratio = np.divide(after, before, out=np.ones_like(after), where=seen)
    rate = np.clip(np.log(np.maximum(ratio, 1e-6)), -STEEPEST, STEEPEST)
    return rate - market, np.divide(before**2, squares, out=np.zeros_like(before), where=seen)


def _drawn(prior: Floats, rate: Floats, precision: Floats, spread: tuple[float, float]) -> Floats:
    """[groups, bins] rates drawn to `prior`: by a number that falls with age and one that does not, then bin by bin."""
    falls, stays = spread
    falling = 1 / (1 + (EDGES[:-1] + EDGES[1:] - 1) / 2)
    variance = (falls * falling) ** 2
    weight = precision / (1 + precision * variance)
    excess = np.where(precision > 0, rate - prior, 0.0)
    # two normal means at once: ridge regression on two shapes; no product of matrices, whose digits depend on threads
    a = (weight * falling**2).sum(axis=1) + 1 / falls**2
    b = (weight * falling).sum(axis=1)
    c = weight.sum(axis=1) + 1 / stays**2
    u, v = (weight * excess * falling).sum(axis=1), (weight * excess).sum(axis=1)
    early, always = (c * u - b * v) / (a * c - b * b), (a * v - b * u) / (a * c - b * b)
    nearer = prior + early[:, None] * falling + always[:, None]
    return nearer + np.where(precision > 0, rate - nearer, 0.0) * (weight * variance)


def _chain(rates: Floats) -> Floats:
    daily = np.repeat(rates, np.diff(EDGES), axis=1)
    return np.concatenate([np.zeros((len(rates), 1)), np.cumsum(daily, axis=1)], axis=1)


def at_age(log_profile: Floats, title: Ints, age: Ints) -> Floats:
    """Decay factor per title and age, 1 on the launch day; earlier days count as the launch day."""
    return np.exp(log_profile[title, np.clip(age, 0, OLDEST)])
