"""Names to indices, and sums over them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Floats, Ints


def code_of(column: pd.Series, names: tuple[str, ...]) -> Ints:
    """Index of each value of a text or category column in `names`, -1 if it is not there."""
    index = pd.Index(names, dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_category = index.get_indexer(pd.Index(column.cat.categories.astype(object)))
        return np.append(of_category, -1).astype(np.int64)[column.cat.codes]
    return index.get_indexer(column.astype(object)).astype(np.int64)


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
