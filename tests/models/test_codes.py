"""Sums of days and regions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fillplan_models.codes import region_sums, weighted_sums


def test_days_are_weighed_alike_for_all_or_for_each():
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert weighted_sums(values, np.array([10.0, 1.0])).tolist() == [12.0, 34.0]
    assert weighted_sums(values, np.array([[1.0, 0.0], [0.0, 2.0]])).tolist() == [1.0, 8.0]


@given(st.lists(st.integers(0, 3), max_size=12))
def test_sums_of_regions_are_those_of_their_rows_also_where_there_are_none(regions):
    region = np.sort(np.array(regions, dtype=np.int64))
    values = np.arange(2 * len(region), dtype=np.float32).reshape(-1, 2)
    sums = region_sums(values, region, 5)
    assert sums.shape == (5, 2) and sums.dtype == np.float64
    for r in range(5):
        assert sums[r].tolist() == values[region == r].sum(axis=0).tolist()
