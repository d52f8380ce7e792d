"""How long the memory of a series' level should be: the half-life that would have foretold its last weeks best.

Charts move within days, a back catalogue within weeks, and a series of few hours needs many days to tell its level
from chance. One half-life for all is wrong for most, and which one is right is told by the history itself: levels are
made at the ends of past weeks with each candidate, and the week after decides, by class of size and age.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fillplan_models.appeal import Appeal
from fillplan_models.baseline import TITLE_MEMORY_DAYS, posterior_level, title_factor
from fillplan_models.codes import weighted_sums
from fillplan_models.history import Recent

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIVES_DAYS = np.array([1.0, 1.5, 2.5, 4.0, 6.0, 10.0, 16.0])
"""Candidates."""
USUAL_DAYS = 4.0
"""Half-life where nothing can be told, for want of weeks or hours."""
WEEKS = 4
"""Past weeks that the candidates are judged on."""
LEAST_DAYS = 14
"""Days of history that a judged level must have behind it."""
SIZE_EDGES = np.array([4.0, 16.0, 64.0, 256.0])
"""Classes of level, in units of the noise of one hour."""
YOUNG_DAYS = 28
COMMON_SHARE = 0.25
"""What the errors of all series count for in the choice of a class, beside its own."""


def half_lives(recent: Recent, appeal: Appeal) -> Floats:
    """[A] half-life in days of the level of each active series."""
    group = _classes(recent, appeal)
    groups = 2 * (len(SIZE_EDGES) + 1)
    errors, hours = np.zeros((len(HALF_LIVES_DAYS), groups)), np.zeros(groups)
    for origin in _origins(len(recent.days)):
        week = slice(origin, origin + 7)
        watched = recent.hours[:, week].sum(axis=1, dtype=np.float64)
        usual = recent.usual[:, week].sum(axis=1, dtype=np.float64)
        hours += np.bincount(group, watched, groups)
        lately = _sums_before(recent, origin, TITLE_MEMORY_DAYS)
        for i, days in enumerate(HALF_LIVES_DAYS):
            level = posterior_level(appeal, *_sums_before(recent, origin, days), recent.active)
            level *= title_factor(appeal, level, *lately, recent.panel.title[recent.active])
            miss = np.abs(level * usual - watched)
            errors[i] += np.bincount(group, miss, groups)
    return _best(errors, hours)[group]


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
    if not hours.sum() > 0:
        return np.full(len(hours), USUAL_DAYS)
    common = errors.sum(axis=1) / hours.sum()
    own = np.divide(errors, hours, out=np.tile(common[:, None], len(hours)), where=hours > 0)
    return HALF_LIVES_DAYS[np.argmin(own + COMMON_SHARE * common[:, None], axis=0)]
