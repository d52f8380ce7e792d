"""Central 80 % intervals from residuals: what share of the forecast came true, by level of the forecast.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018) with the ratio actual / forecast as score, in
classes of the forecast's level, so that every level is covered and not only the average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEVELS = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 1e4, 1e5, 1e6])
"""Edges of the classes of forecast hours."""
LOWER, UPPER = 0.1, 0.9
FEWEST = 60
"""A class with fewer residuals borrows from its neighbours."""


@dataclass(frozen=True, eq=False)
class Bands:
    """Quantiles of actual / forecast per kind of series [K] and level of forecast [L]."""

    lower: Floats
    """[K, L] at most 1."""
    upper: Floats
    """[K, L] at least 1."""

    def apply(self, mean: Floats, kind: Ints) -> tuple[Floats, Floats]:
        """(low, high) around `mean` [n, H] for series of `kind` [n]; low <= mean <= high."""
        level = np.searchsorted(LEVELS, mean)
        rows = np.broadcast_to(kind[:, None], mean.shape)
        return mean * self.lower[rows, level], mean * self.upper[rows, level]


def fit_bands(mean: Floats, actual: Floats, kind: Ints, kinds: int) -> Bands:
    """Bands from forecasts of past days and what came; all arrays [n], rows with forecast 0 do not count."""
    some = mean > 0
    mean, actual, kind = mean[some], actual[some], kind[some]
    ratio, level = actual / mean, np.searchsorted(LEVELS, mean)
    lower, upper = np.zeros((kinds, len(LEVELS) + 1)), np.ones((kinds, len(LEVELS) + 1))
    for k in range(kinds):
        ratios = [ratio[(kind == k) & (level == step)] for step in range(len(LEVELS) + 1)]
        for step in range(len(LEVELS) + 1):
            pool = _neighbours(ratios, step)
            if len(pool) == 0:
                pool = ratio if len(ratio) else np.array([0.0, 3.0])
            lower[k, step] = min(1.0, np.quantile(pool, LOWER))
            upper[k, step] = max(1.0, np.quantile(pool, UPPER))
    return Bands(lower, upper)


def _neighbours(ratios: list[Floats], step: int) -> Floats:
    """Residuals of a level, widened to both sides until there are enough."""
    for reach in range(len(ratios)):
        pool = np.concatenate(ratios[max(0, step - reach) : step + reach + 1])
        if len(pool) >= FEWEST:
            return pool
    return np.concatenate(ratios)
