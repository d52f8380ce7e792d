"""Central 80 % intervals from residuals: how far hours fell from the forecast, by level of the forecast.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018) with actual / forecast - 1 as score, in units of a
series' own reach where one is known (`reach.py`), in classes of the forecast's level, so that every level is covered
and not only the average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints

LEVELS = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 1e4, 1e5, 1e6])
"""Edges of the classes of forecast hours."""
LOWER, UPPER = 0.1, 0.9
MISS_PRICE = 10.0
"""2 / alpha of the interval score (Gneiting and Raftery 2007) for a central 80 % interval."""
FEWEST = 60
"""A class with fewer residuals borrows from its neighbours."""
FEWEST_IN_REACHES = 500
"""The same where residuals are in units of reaches: these are alike at all levels, so that more can be borrowed."""
UNKNOWN = np.array([-1.0, 2.0])
"""What surprises are taken to be where there are none: hours of anything from 0 to three times the forecast."""


@dataclass(frozen=True, eq=False)
class Bands:
    """Quantiles of actual / forecast at a reach of 1, per kind of series [K] and level of forecast [L]."""

    lower: Floats
    """[K, L] at most 1."""
    upper: Floats
    """[K, L] at least 1."""

    def apply(self, mean: Floats, kind: Ints, reach: Floats | None = None) -> tuple[Floats, Floats]:
        """(low, high) around `mean` [n, H] for series of `kind` [n]; 0 <= low <= mean <= high.

        `reach` [2, n, H] scales how far they lie below and above; 1 where it is not given.
        """
        level = np.searchsorted(LEVELS, mean)
        rows = np.broadcast_to(kind[:, None], mean.shape)
        down, up = (1.0, 1.0) if reach is None else reach
        low = np.maximum(0.0, 1 - down * (1 - self.lower[rows, level]))
        return mean * low, mean * (1 + up * (self.upper[rows, level] - 1))


def fit_bands(mean: Floats, actual: Floats, kind: Ints, reach: Floats | None = None, *, kinds: int) -> Bands:
    """Bands from forecasts of past days and what came; all arrays [n], `reach` [2, n]; forecasts of 0 do not count."""
    some = mean > 0
    level = np.searchsorted(LEVELS, mean[some])
    surprise = actual[some] / mean[some] - 1
    plain = reach is None or bool((reach == 1).all())
    down, up = np.ones((2, len(surprise))) if reach is None else reach[:, some]
    lower, upper = np.zeros((kinds, len(LEVELS) + 1)), np.ones((kinds, len(LEVELS) + 1))
    for k in range(kinds):
        members = [np.flatnonzero((kind[some] == k) & (level == step)) for step in range(len(LEVELS) + 1)]
        for step in range(len(LEVELS) + 1):
            pool = _neighbours(members, step, FEWEST if plain else FEWEST_IN_REACHES)
            if len(pool) == 0:
                pool = np.arange(len(surprise))
            below, above = (surprise[pool] / side[pool] if len(pool) else UNKNOWN for side in (down, up))
            lower[k, step] = 1 + min(0.0, np.quantile(below, LOWER))
            upper[k, step] = 1 + max(0.0, np.quantile(above, UPPER))
    return Bands(lower, upper)


def _neighbours(members: list[Ints], step: int, fewest: int) -> Ints:
    """Residuals of a level, widened to both sides until there are enough."""
    for reach in range(len(members)):
        pool = np.concatenate(members[max(0, step - reach) : step + reach + 1])
        if len(pool) >= fewest:
            return pool
    return np.concatenate(members)
