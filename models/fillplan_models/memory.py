"""How long the memory of a series' level should be: the half-life that would have foretold its last weeks best.

Charts move within days, a back catalogue within weeks, and a series of few hours needs many days to tell its level
from chance. One half-life for all is wrong for most, and which one is right is told by the history itself: levels are
made at the ends of past weeks with each candidate, and the week after decides, by class of size and age. How fast
titles move everywhere is one more half-life, the same for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fillplan_models.appeal import Appeal
from fillplan_models.baseline import posterior_level, title_factor
from fillplan_models.codes import weighted_sums
from fillplan_models.history import Recent

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIVES_DAYS = np.array([1.0, 1.5, 2.5, 4.0, 6.0, 10.0, 16.0])
"""Candidates."""
TITLE_HALF_LIVES_DAYS = (1.0, 2.0, 4.0)
"""Candidates for what a title does everywhere."""
USUAL_DAYS, USUAL_TITLE_DAYS = 4.0, 2.0
"""Half-lives where nothing can be told, for want of weeks or hours."""
WEEKS = 4
"""Past weeks that the candidates are judged on."""
LEAST_DAYS = 14
"""Days of history that a judged level must have behind it."""
SIZE_EDGES = np.array([4.0, 16.0, 64.0, 256.0])
"""Classes of level, in units of the noise of one hour."""
YOUNG_DAYS = 28
COMMON_SHARE = 0.25
"""What the errors of all series count for in the choice of a class, beside its own."""


class Memory(NamedTuple):
    """Half-lives in days."""

    own_days: Floats
    """[A] of the level of each active series."""
    title_days: float
    """Of what a title does in all its regions."""


def half_lives(recent: Recent, appeal: Appeal) -> Memory:
    """The half-lives that would have foretold the last weeks best."""
    group = _classes(recent, appeal)
    groups = 2 * (len(SIZE_EDGES) + 1)
    errors = np.zeros((len(TITLE_HALF_LIVES_DAYS), len(HALF_LIVES_DAYS), groups))
    hours, title = np.zeros(groups), recent.panel.title[recent.active]
    for origin in _origins(len(recent.days)):
        week = slice(origin, origin + 7)
        watched = recent.hours[:, week].sum(axis=1, dtype=np.float64)
        usual = recent.usual[:, week].sum(axis=1, dtype=np.float64)
        hours += np.bincount(group, watched, groups)
        lately = [_sums_before(recent, origin, days) for days in TITLE_HALF_LIVES_DAYS]
        for i, days in enumerate(HALF_LIVES_DAYS):
            level = posterior_level(appeal, *_sums_before(recent, origin, days), recent.active)
            for k, sums in enumerate(lately):
                miss = np.abs(level * title_factor(appeal, level, *sums, title) * usual - watched)
                errors[k, i] += np.bincount(group, miss, groups)
    if not hours.sum() > 0:
        return Memory(np.full(len(group), USUAL_DAYS), USUAL_TITLE_DAYS)
    best = int(np.argmin(errors.min(axis=1).sum(axis=1)))
    return Memory(_best(errors[best], hours)[group], TITLE_HALF_LIVES_DAYS[best])


def _classes(recent: Recent, appeal: Appeal) -> Ints:
    """[A] class of size x young or not, as they stand at the cut-off."""
    level = appeal.watched[recent.active] / np.maximum(appeal.expected[recent.active], 1e-9)
    young = recent.panel.history_days - recent.launch[recent.active] < YOUNG_DAYS
    return (np.searchsorted(SIZE_EDGES, level / appeal.phi) * 2 + young).astype(np.int64)


def _origins(width: int) -> list[int]:
    """Columns of the window at which the judged weeks begin."""
    return [width - 7 * week for week in range(1, WEEKS + 1) if width - 7 * week >= LEAST_DAYS]


def _sums_before(recent: Recent, origin: int, half_life_days: float) -> tuple[Floats, Floats]:
    """[A] weighted hours and usual days before a column of the window."""
    weight = 0.5 ** (np.arange(origin - 1, -1, -1) / half_life_days)
    return weighted_sums(recent.hours[:, :origin], weight), weighted_sums(recent.usual[:, :origin], weight)


def _best(errors: Floats, hours: Floats) -> Floats:
    """[groups] candidate of the smallest error, the class's own and that of all series weighed."""
    common = errors.sum(axis=1) / hours.sum()
    own = np.divide(errors, hours, out=np.tile(common[:, None], len(hours)), where=hours > 0)
    return HALF_LIVES_DAYS[np.argmin(own + COMMON_SHARE * common[:, None], axis=0)]
