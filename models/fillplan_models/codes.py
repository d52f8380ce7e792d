"""Sums over the days of series and over the series of regions, the same to the last digit on any machine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Floats, Ints


def weighted_sums(values: npt.NDArray[Any], weight: Floats) -> Floats:
    """[n] sums of [n, days] weighted by day ([days] or [n, days]).

    Not `@`: a BLAS may add in another order with another number of threads or rows.
    """
    sums: Floats = np.einsum("ij,j->i" if weight.ndim == 1 else "ij,ij->i", values, weight, optimize=False)
    return sums


def region_sums(values: npt.NDArray[Any], region: Ints, regions: int) -> Floats:
    """[regions, days] sums of [N, days] over series that are sorted by region."""
    bounds = np.searchsorted(region, np.arange(regions + 1))
    return np.stack([values[a:b].sum(axis=0, dtype=np.float64) for a, b in pairwise(bounds)])
