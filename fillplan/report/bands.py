"""Hours per day of each region and of all, with the interval of the sums.

The interval of a sum depends on how surprises hang together. Distances of the cells' quantiles are added as deviations
with the shares that `fillplan_models.dependence` measures: exact where hours are linear in the score, close for sums of
many cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.dependence import USUAL


@dataclass(frozen=True, eq=False)
class Bands:
    """Sums per region and day, and over all regions."""

    mean: Floats
    """[R, H]."""
    low: Floats
    """[R, H] all titles at their 10 % quantile at once."""
    high: Floats
    """[R, H] all at their 90 % quantile."""
    below: Floats
    """[R, H] how far the 10 % quantile of the region's sum lies below its mean."""
    above: Floats
    """[R, H] how far the 90 % quantile lies above."""
    total_below: Floats
    """[H] the same for the sum over regions."""
    total_above: Floats
    """[H]."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows of a forecast: hours of a title in a region on a day, with their 10 % and 90 % quantiles; [N] each."""

    region: Ints
    title: Ints
    day: Ints
    mean: Floats
    low: Floats
    high: Floats
    cold: Bools


def bands(cells: Cells, regions: int, titles: int, days: int) -> Bands:
    """Sums of the cells with their intervals; cells outside these counts must be left out before."""
    place, shape = cells.region * days + cells.day, (regions, days)
    mean, low, high = (sums(place, amount, shape) for amount in (cells.mean, cells.low, cells.high))
    spread = [_spread(cells, far, regions, titles, days) for far in (cells.mean - cells.low, cells.high - cells.mean)]
    (below, total_below), (above, total_above) = spread
    return Bands(mean, low, high, below, above, total_below, total_above)


def _spread(cells: Cells, far: Floats, regions: int, titles: int, days: int) -> tuple[Floats, Floats]:
    """[R, H] and [H]: deviation of the sums per region and over all, from the deviations of the cells."""
    of_region, of_title = (_shares(cells.cold, names) for names in (("region",), ("title", "title_day")))
    place, shape = cells.region * days + cells.day, (regions, days)
    shared = sums(place, far * np.sqrt(of_region), shape) ** 2
    region = sums(place, far**2 * (1.0 - of_region), shape) + shared
    title = sums(cells.title * days + cells.day, far * np.sqrt(of_title), (titles, days)) ** 2
    own = np.bincount(cells.day, far**2 * (1.0 - of_region - of_title), minlength=days)
    return np.sqrt(region), np.sqrt(own + shared.sum(axis=0) + title.sum(axis=0))


def _shares(cold: Bools, names: tuple[str, ...]) -> Floats:
    warm, new = (sum(getattr(shares, name) for name in names) for shares in (USUAL.warm, USUAL.cold))
    return np.where(cold, new, warm)


def sums(place: Ints, amount: Floats, shape: tuple[int, int]) -> Floats:
    """Amounts summed by their places in an array of this shape, counted row by row."""
    flat: Floats = np.bincount(place, amount, minlength=shape[0] * shape[1]).astype(np.float64)
    return flat.reshape(shape)
