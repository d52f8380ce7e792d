"""The week of a title's own: weekly episodes are watched on the day they come, whatever weekday that is.

By days since the launch, modulo 7, and kind of title: hours over their moving average of seven days (the classical
ratio to moving average), sums over titles. Believed as far as titles of a kind agree (James and Stein 1961; jackknife,
Efron 1982): where they do not, or all comes at once, nothing is left of it.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles

FIRST_AGE, LAST_AGE = 7, 62
"""Ages with a rhythm: the first week is the launch itself, and after nine weeks a season is told."""
LEAST_REST = 0.05
"""A title with more of a kind's hours than all but this part leaves nothing to agree with."""
SIDE = 3
"""Days on either side of the moving average."""


def weekly_rhythm(flat: Singles, counted: Bools, age: Ints, title: Ints, kind: Ints, kinds: int) -> Floats:
    """[kinds, 7] factor by days since the launch modulo 7, mean 1.

    `flat` [n, W] hours cleared of weekdays, `counted` [n, W], `age` [n] on the first day, `title` [n], `kind` [titles].
    """
    if flat.shape[1] <= 2 * SIDE:
        return np.ones((kinds, 7))
    young = in_rhythm(age, flat.shape[1])
    row, day = np.nonzero(counted[young])
    at = age[young[row]] + day
    inside = (at >= FIRST_AGE) & (at <= LAST_AGE) & (day >= SIDE) & (day < flat.shape[1] - SIDE)
    row, day, at = row[inside], day[inside], at[inside]
    whole = _moving_sum(counted[young].astype(np.float32))[row, day - SIDE] == 2 * SIDE + 1
    row, day, at = row[whole], day[whole], at[whole]
    mean = _moving_sum(flat[young])[row, day - SIDE] / (2 * SIDE + 1)
    place = title[young[row]] * 7 + at % 7
    hours, usual = (np.bincount(place, x, len(kind) * 7).reshape(-1, 7) for x in (flat[young[row], day], mean))
    return np.stack([_believed(hours[kind == k], usual[kind == k]) for k in range(kinds)])


def in_rhythm(age: Ints, days: int) -> Ints:
    """Places of the series that have an age with a rhythm on some of so many days from `age` [n] on."""
    return np.flatnonzero((age <= LAST_AGE) & (age + days > FIRST_AGE))


def at_age_in_week(rhythm: Floats, kind: Ints, age: Ints) -> Floats:
    """Factor for kinds and ages (arrays that broadcast)."""
    factor: Floats = np.where((age >= FIRST_AGE) & (age <= LAST_AGE), rhythm[kind, age % 7], 1.0)
    return factor


def _moving_sum(x: Singles) -> Floats:
    """[n, W - 2 SIDE] sums of seven neighbouring days."""
    sums: Floats = np.lib.stride_tricks.sliding_window_view(x, 2 * SIDE + 1, axis=1).sum(axis=-1, dtype=np.float64)
    return sums


def _believed(hours: Floats, usual: Floats) -> Floats:
    """[7] from those of the titles of a kind [titles, 7], believed as far as leaving one out changes nothing."""
    some = usual.any(axis=1)
    hours, usual = hours[some], usual[some]
    total, rest = usual.sum(axis=0), usual.sum(axis=0) - usual
    if len(usual) < 2 or not (rest > total * LEAST_REST).all():
        return np.ones(7)
    ratio = hours.sum(axis=0) / total
    without = (hours.sum(axis=0) - hours) / rest
    chance = (len(usual) - 1) / len(usual) * ((without - ratio) ** 2).sum()
    told = ((ratio - 1) ** 2).sum()
    factor = 1 + (ratio - 1) * (max(0.0, 1 - chance / told) if told > 0 else 0.0)
    return factor / factor.mean()
