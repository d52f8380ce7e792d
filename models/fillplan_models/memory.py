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

from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Floats, Ints, Singles
from fillplan_models.appeal import Appeal, weighted_window
from fillplan_models.baseline import posterior_level, title_factor
from fillplan_models.codes import weighted_sums
from fillplan_models.history import Recent


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


@dataclass(frozen=True, eq=False)
class Week:
    """A past week of the active series [A], and what was known before it."""

    watched: Floats
    usual: Floats
    """Usual days."""
    title: Ints
    levels: dict[tuple[bool, float], Floats]
    """(calm, half-life) -> levels."""
    lately: dict[float, tuple[Floats, Floats]]
    """Half-life of titles -> weighted hours and usual days."""

    def misses(self, appeal: Appeal, blend: Blend) -> list[Floats]:
        """[A] absolute errors of a blend with each of `TITLE_HALF_LIVES_DAYS`."""
        level = _blend(self.levels[False, blend.short_days], self.levels[blend.calm, blend.long_days], blend.power)
        factors = (title_factor(appeal, level, *self.lately[days], self.title) for days in TITLE_HALF_LIVES_DAYS)
        return [np.abs(level * factor * self.usual - self.watched) for factor in factors]


def best_memory(recent: Recent, appeal: Appeal) -> Memory:
    """The blends and the half-life that would have foretold the last weeks best."""
    group, weeks = _classes(recent, appeal), judged_weeks(recent, appeal)
    groups = 2 * (len(SIZE_EDGES) + 1)
    hours = np.zeros(groups)
    for week in weeks:
        hours += np.bincount(group, week.watched, groups)
    if not hours.sum() > 0:
        return usual_memory(len(group))

    errors = np.zeros((len(TITLE_HALF_LIVES_DAYS), len(BLENDS), groups))
    for week in weeks:
        for k, blend in enumerate(BLENDS):
            errors[:, k] += [np.bincount(group, miss, groups) for miss in week.misses(appeal, blend)]
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


def judged_weeks(recent: Recent, appeal: Appeal) -> list[Week]:
    """The last weeks that have enough of history before them, the earliest first."""
    origins = _origins(len(recent.days))
    hours, usual = (
        {days: _sums_before(x, origins, days) for days in {*HALF_LIVES_DAYS, *TITLE_HALF_LIVES_DAYS}}
        for x in (recent.hours, recent.usual)
    )
    weeks = []
    for k, origin in enumerate(origins):
        days = slice(origin, origin + 7)
        watched, expected = (x[:, days].sum(axis=1, dtype=np.float64) for x in (recent.hours, recent.usual))
        calm, levels = _calm_hours(recent, origin), {}
        for half_life in HALF_LIVES_DAYS:
            calmed = _sums_before(calm, [origin], half_life)[0]
            for is_calm, sums in ((False, hours[half_life][k]), (True, calmed)):
                levels[is_calm, half_life] = posterior_level(appeal, sums, usual[half_life][k], recent.active)
        lately = {half_life: (hours[half_life][k], usual[half_life][k]) for half_life in TITLE_HALF_LIVES_DAYS}
        weeks.append(Week(watched, expected, recent.panel.title[recent.active], levels, lately))
    return weeks


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
    calm = often & (middle > 0) & np.isfinite(middle)
    cap = np.where(calm, CALM * middle, 0)[:, None] * recent.usual[:, :until]
    calmed: Singles = np.minimum(before, cap, out=before.copy(), where=calm[:, None])
    return calmed


def _classes(recent: Recent, appeal: Appeal) -> Ints:
    """[A] class of size x young or not, as they stand at the cut-off."""
    level = appeal.watched[recent.active] / np.maximum(appeal.expected[recent.active], 1e-9)
    young = recent.panel.history_days - recent.launch[recent.active] < YOUNG_DAYS
    return (np.searchsorted(SIZE_EDGES, level / appeal.phi) * 2 + young).astype(np.int64)


def _origins(width: int) -> list[int]:
    """Columns of the window at which the judged weeks begin, the earliest first."""
    return [width - 7 * week for week in range(WEEKS, 0, -1) if width - 7 * week >= LEAST_DAYS]


def _sums_before(values: Singles, origins: list[int], half_life_days: float) -> list[Floats]:
    """[A] weighted sums of the columns before each of `origins`, the earliest first; each goes on from the last."""
    sums: list[Floats] = []
    begin = 0
    for origin in origins:
        weight = 0.5 ** (np.arange(origin - begin - 1, -1, -1) / half_life_days)
        since = weighted_sums(values[:, begin:origin], weight)
        sums.append(since + sums[-1] * 0.5 ** ((origin - begin) / half_life_days) if sums else since)
        begin = origin
    return sums


def _best(errors: Floats, hours: Floats) -> Ints:
    """[groups] place of the smallest error, the class's own and that of all series weighed."""
    common = errors.sum(axis=1) / hours.sum()
    own = np.divide(errors, hours, out=np.tile(common[:, None], len(hours)), where=hours > 0)
    return np.argmin(own + COMMON_SHARE * common[:, None], axis=0)
