"""The compiled quantile against a sort."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition.quantile import quantile, select


def slow_quantile(value: Floats, weight: Floats, room: float) -> float:
    """Least price >= 0 above which the weight is at most `room`."""
    total = 0.0
    for place in np.argsort(-value, kind="stable"):
        total += weight[place]
        if value[place] > 0 and total > room:
            return float(value[place])
    return 0.0


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(-3, 12), st.integers(1, 9)), max_size=40),
    st.integers(0, 120),
    st.sampled_from([0.0, 1e-9, 0.7, 1.0, 3.9, 4.0, 11.0, 500.0]),
)
def test_any_guess_gives_the_quantile(pairs: list[tuple[int, int]], room: int, guess: float) -> None:
    value, weight = (np.array([pair[column] for pair in pairs], dtype=np.float64) for column in (0, 1))
    scratch = np.empty((2, len(pairs)))
    found = quantile(value, weight, 0, len(value), float(room), guess, scratch[0], scratch[1])
    assert found == slow_quantile(value, weight, room)


def test_only_the_given_entries_count() -> None:
    value, weight, scratch = np.array([9.0, 2.0, 5.0, 9.0]), np.ones(4), np.empty((2, 4))
    assert quantile(value, weight, 1, 3, 1.0, 3.0, scratch[0], scratch[1]) == 2.0


def test_selection_counts_what_weighs_above() -> None:
    value, weight = np.array([3.0, 1.0, 2.0]), np.array([4.0, 4.0, 4.0])
    assert select(value.copy(), weight.copy(), 3, 5.0, 0.0) == 2.0
    assert select(value.copy(), weight.copy(), 3, 5.0, 2.0) == 3.0
