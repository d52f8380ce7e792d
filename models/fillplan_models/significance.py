"""Is one method better than another, or were these origins lucky? Said from the origins alone, few as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 4000
LEVEL = 0.9
FEWEST = 4
"""With fewer origins neither interval nor probability means anything."""


@dataclass(frozen=True)
class Comparison:
    """A method's pooled error over an opponent's."""

    ratio: float | None
    """Below 1: the method errs less. None where the opponent does not err."""
    low: float | None
    high: float | None
    """Central 90 % interval of the ratio over resampled origins; None with few origins."""
    p_value: float | None
    """Two-sided, that the mean difference is nothing but chance; None with few origins or no spread."""
    better: int
    """Origins at which the method erred less."""
    origins: int


def compare(errors: Floats, opponent: Floats, hours: Floats, overlap: int, seed: int = 0) -> Comparison:
    """Errors [origins] of two methods at the same origins, in time order.

    The interval is a paired bootstrap over blocks of `overlap` origins (origins closer than a horizon share days);
    the p value is Diebold and Mariano's (1995) for the difference in errors / hours, with the correction for small
    samples of Harvey, Leybourne and Newbold (1997) and `overlap` - 1 autocovariances.
    """
    ratio = float(errors.sum() / opponent.sum()) if opponent.sum() > 0 else None
    better, count = int((errors < opponent).sum()), len(errors)
    if count < FEWEST * overlap or ratio is None:
        return Comparison(ratio, None, None, None, better, count)
    chosen = _resampled(count, overlap, seed)
    below = opponent[chosen].sum(axis=1)
    ratios = errors[chosen].sum(axis=1)[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    differences = (errors - opponent) / np.maximum(hours, 1e-12)
    return Comparison(ratio, float(low), float(high), diebold_mariano(differences, overlap), better, count)


def _resampled(count: int, block: int, seed: int) -> npt.NDArray[np.int64]:
    """[DRAWS, about count] circular blocks of neighbouring origins."""
    starts = np.random.default_rng(seed).integers(0, count, (DRAWS, -(-count // block)))
    return ((starts[:, :, None] + np.arange(block)) % count).reshape(DRAWS, -1)


def diebold_mariano(differences: Floats, overlap: int) -> float | None:
    """Two-sided p value of a mean difference of 0; None without spread."""
    from scipy.stats import t

    count = len(differences)
    centred = differences - differences.mean()
    lags = [float((centred[k:] * centred[: count - k]).sum()) / count for k in range(overlap)]
    variance = (lags[0] + 2 * sum(lags[1:])) / count
    if variance <= 0:  # sample autocovariances may outweigh it: then without them
        variance = lags[0] / count
    if variance <= 0:
        return None
    small = (count + 1 - 2 * overlap + overlap * (overlap - 1) / count) / count
    statistic = differences.mean() / np.sqrt(variance) * np.sqrt(max(small, 0.0))
    return float(2 * t.sf(abs(statistic), count - 1))
