"""Parts add up to the whole, always, and fall to the cause that was changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan.comparison.attribution import CAUSES, METRICS, OTHER, _closed, shapley


@given(
    causes=st.lists(st.sampled_from(CAUSES), unique=True),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-3, 1.0, 1e7, 1e15]),
    stored=st.sampled_from(["as the pure mixtures say", "a little off", "other tables"]),
)
def test_parts_add_up_to_the_stored_difference(causes, seed, scale, stored):
    rng, known = np.random.default_rng(seed), {}

    def measure(mixture):
        known[mixture] = {metric: scale * rng.normal() for metric in METRICS}
        return known[mixture]

    parts = shapley(tuple(causes), measure)
    for metric in METRICS:
        total = known[frozenset(causes)][metric] - known[frozenset()][metric]
        total *= {"as the pure mixtures say": 1.0, "a little off": 1 + 1e-12, "other tables": rng.normal()}[stored]
        told = _closed(metric, {**dict.fromkeys(CAUSES, 0.0), **parts[metric]}, total)
        found = sum(told[cause] for cause in (*CAUSES, OTHER))
        # value and offload are of ordinary size, bytes are whole
        if metric.endswith("_bytes") or scale <= 1e7:
            assert found == pytest.approx(told["total"], abs=1e-6)


def test_a_cause_gets_what_it_makes_alone_and_half_of_what_two_make_together():
    gains = {
        frozenset(): 0,
        frozenset(["demand"]): 2,
        frozenset(["capacity"]): 5,
        frozenset(["demand", "capacity"]): 11,
    }
    parts = shapley(("demand", "capacity"), lambda mixture: dict.fromkeys(METRICS, float(gains[mixture])))
    assert parts["value"] == {"demand": 4.0, "capacity": 7.0}


def test_the_measure_is_asked_once_per_mixture():
    asked = []
    shapley(CAUSES, lambda mixture: asked.append(mixture) or dict.fromkeys(METRICS, 0.0))
    assert len(asked) == len(set(asked)) == 16


def test_the_rounding_of_long_sums_is_no_part() -> None:
    sums = {frozenset(): 1e15, frozenset(["demand"]): 1e15 - 1.0}
    parts = shapley(("demand",), lambda mixture: dict.fromkeys(METRICS, sums[mixture]))
    assert parts["served_bytes"] == {"demand": 0.0}


def test_parts_that_are_rounded_to_whole_bytes_leave_no_other():
    halves = {"demand": -1455510.5, "content": 35518071.5, "capacity": 0.0, "policy": 0.0}
    told = _closed("fill_bytes", halves, 34062561.0)
    assert (told["demand"], told["content"], told[OTHER]) == (-1455510.0, 35518071.0, 0.0)
