"""How long the memory of a series' level should be: what would have foretold its last weeks best.

Charts move within days, a back catalogue within weeks, and a series of few hours needs many days to tell its level
from chance. One half-life for all is wrong for most, and which one is right is told by the history itself: levels are
made at the ends of past weeks with each candidate, and the week after decides, by class of size and age. How fast
titles move everywhere is one more half-life, the same for all of them.

A candidate blends two memories, short^power x long^(1 - power). Two equal ones are simple smoothing; the geometric mean
of two lets what surged come back to where it came from; a power beyond 1 goes on with what has begun, like a damped
trend (Gardner and McKenzie 1985). The longer memory may be calm: days are cut near the median of the weeks, so that it
forgets at once how high a surge was (winsorised, Tukey 1962).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fillplan_models.appeal import Appeal, weighted_window
from fillplan_models.baseline import posterior_level, title_factor
from fillplan_models.codes import weighted_sums
from fillplan_models.history import Recent

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


class Blend(NamedTuple):
    """Two half-lives in days, the power of the first, and whether the second is calm."""

    short_days: float
    long_days: float
    power: float
    calm: bool


USUAL_DAYS, USUAL_TITLE_DAYS = 4.0, 2.0
"""Half-lives where nothing can be told, for want of weeks or hours."""
HALF_LIVES_DAYS = (1.0, 1.5, 2.5, 4.0, 6.0, 10.0, 16.0)
RETURNING, GOING_ON = 0.5, 1.3
"""Powers of the shorter memory."""
BLENDS = [Blend(days, days, 1.0, calm=False) for days in HALF_LIVES_DAYS]
BLENDS += [
    Blend(*pair, power, calm)
    for power, calm in ((RETURNING, False), (GOING_ON, False), (RETURNING, True))
    for pair in combinations(HALF_LIVES_DAYS, 2)
]
"""Candidates."""
CALM = 2.0
"""Highest day of a calm memory, in medians of the weeks."""
TITLE_HALF_LIVES_DAYS = (1.0, 2.0, 4.0)
"""Candidates for what a title does everywhere."""
WEEKS = 4
"""Past weeks that the candidates are judged on."""
LEAST_DAYS = 14
"""Days of history that a judged level must have behind it."""
SIZE_EDGES = np.array([4.0, 16.0, 64.0, 256.0])
"""Classes of level, in units of the noise of one hour."""
YOUNG_DAYS = 28
COMMON_SHARE = 1.0
"""What the errors of all series count for in the choice of a class, beside its own."""


class Memory(NamedTuple):
    """What is chosen."""

    blend: Ints
    """[A] place in `BLENDS` of each active series."""
    title_days: float
    """Half-life of what a title does in all its regions."""


def best_memory(recent: Recent, appeal: Appeal) -> Memory:
    """The blends and the half-life that would have foretold the last weeks best."""
    group = _classes(recent, appeal)
    groups = 2 * (len(SIZE_EDGES) + 1)
    errors, hours = np.zeros((len(TITLE_HALF_LIVES_DAYS), len(BLENDS), groups)), np.zeros(groups)
    for origin in _origins(len(recent.days)):
        week = slice(origin, origin + 7)
        watched, usual = (x[:, week].sum(axis=1, dtype=np.float64) for x in (recent.hours, recent.usual))
        hours += np.bincount(group, watched, groups)
        for place, miss in _misses(recent, appeal, origin, watched, usual):
            errors[place] += np.bincount(group, miss, groups)
    if not hours.sum() > 0:
        return usual_memory(len(group))
    best = int(np.argmin(errors.min(axis=1).sum(axis=1)))
    return Memory(_best(errors[best], hours)[group], TITLE_HALF_LIVES_DAYS[best])


def usual_memory(series: int) -> Memory:
    """The memory of so many active series where nothing is told."""
    usual = Blend(USUAL_DAYS, USUAL_DAYS, 1.0, calm=False)
    return Memory(np.full(series, BLENDS.index(usual)), USUAL_TITLE_DAYS)


def levels(recent: Recent, appeal: Appeal, memory: Memory) -> tuple[Floats, tuple[Floats, Floats]]:
    """[N] the baseline's levels, what titles do lately among it, and the window of their short memory."""
    level, short = blended_level(recent, appeal, memory)
    lately = weighted_window(recent, memory.title_days)
    return level * title_factor(appeal, level, *lately, recent.panel.title), short


def blended_level(recent: Recent, appeal: Appeal, memory: Memory) -> tuple[Floats, tuple[Floats, Floats]]:
    """[N] levels by each series' blend, and the window (hours, usual days, [N] each) of its short memory."""
    blends = np.array(BLENDS)[memory.blend]
    power = np.ones(recent.panel.series_count)
    power[recent.active] = blends[:, 2]
    short = weighted_window(recent, USUAL_DAYS, blends[:, 0])
    hours = recent.hours
    if blends[:, 3].any():
        hours = np.where(blends[:, 3:] > 0, _calm_hours(recent, len(recent.days)), hours)
    long = weighted_window(replace(recent, hours=hours), USUAL_DAYS, blends[:, 1])
    return _blend(posterior_level(appeal, *short), posterior_level(appeal, *long), power), short


def _blend(short: Floats, long: Floats, power: Floats | float) -> Floats:
    level: Floats = short**power * long ** (1 - power)
    return level


def _misses(
    recent: Recent, appeal: Appeal, origin: int, watched: Floats, usual: Floats
) -> Iterator[tuple[tuple[int, int], Floats]]:
    """((half-life of titles, blend), [A] absolute errors) of the week at `origin`."""
    title = recent.panel.title[recent.active]
    lately = {days: _sums_before(recent, recent.hours, origin, days) for days in TITLE_HALF_LIVES_DAYS}
    levels = [
        {
            days: posterior_level(appeal, *_sums_before(recent, hours, origin, days), recent.active)
            for days in HALF_LIVES_DAYS
        }
        for hours in (recent.hours, _calm_hours(recent, origin))
    ]
    for j, (short, long, power, calm) in enumerate(BLENDS):
        level = _blend(levels[0][short], levels[calm][long], power)
        for i, days in enumerate(TITLE_HALF_LIVES_DAYS):
            yield (i, j), np.abs(level * title_factor(appeal, level, *lately[days], title) * usual - watched)


def _calm_hours(recent: Recent, until: int) -> Singles:
    """[A, until] hours cut at `CALM` times the usual of their day at the median level of the weeks before `until`.

    Series that are watched on few days are left alone: every view of theirs would be a surge.
    """
    first, weeks = until % 7, until // 7
    before = recent.hours[:, :until]
    if not weeks:
        return before
    hours, usual = (x[:, first:until].reshape(-1, weeks, 7).sum(axis=2) for x in (recent.hours, recent.usual))
    level = np.sort(np.divide(hours, usual, out=np.full_like(hours, np.inf), where=usual > 0), axis=1)
    known = np.count_nonzero(np.isfinite(level), axis=1)
    middle = level[np.arange(len(level)), np.maximum(known - 1, 0) // 2]
    often = 2 * np.count_nonzero(before, axis=1) >= np.count_nonzero(recent.counted[:, :until], axis=1)
    calm = np.flatnonzero(often & (middle > 0) & np.isfinite(middle))
    calmed = before.copy()
    calmed[calm] = np.minimum(before[calm], CALM * middle[calm, None] * recent.usual[calm, :until])
    return calmed


def _classes(recent: Recent, appeal: Appeal) -> Ints:
    """[A] class of size x young or not, as they stand at the cut-off."""
    level = appeal.watched[recent.active] / np.maximum(appeal.expected[recent.active], 1e-9)
    young = recent.panel.history_days - recent.launch[recent.active] < YOUNG_DAYS
    return (np.searchsorted(SIZE_EDGES, level / appeal.phi) * 2 + young).astype(np.int64)


def _origins(width: int) -> list[int]:
    """Columns of the window at which the judged weeks begin."""
    return [width - 7 * week for week in range(1, WEEKS + 1) if width - 7 * week >= LEAST_DAYS]


def _sums_before(recent: Recent, hours: Singles, origin: int, half_life_days: float) -> tuple[Floats, Floats]:
    """[A] weighted hours and usual days before a column of the window."""
    weight = 0.5 ** (np.arange(origin - 1, -1, -1) / half_life_days)
    return weighted_sums(hours[:, :origin], weight), weighted_sums(recent.usual[:, :origin], weight)


def _best(errors: Floats, hours: Floats) -> Ints:
    """[groups] place of the smallest error, the class's own and that of all series weighed."""
    common = errors.sum(axis=1) / hours.sum()
    own = np.divide(errors, hours, out=np.tile(common[:, None], len(hours)), where=hours > 0)
    return np.argmin(own + COMMON_SHARE * common[:, None], axis=0)
