"""Whole instances: proven against the exact program, the same for a seed, in time, whatever the clock says."""

import time

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.greedy import TopK
from fillplan_optimizer.hashcode.solving import solve
from fillplan_optimizer.mesh.clock import Clock
from tests.optimizer.hashcode.contest import make


@pytest.mark.parametrize("seed", range(6))
def test_small_instances_are_proven(seed):
    instance = make(20, 5, 60, 3, 60, 30, (1, 3), seed=seed)
    solved = solve(instance, Clock(), seed=0, iterations=2)
    exact = Exact(Limits(gap=0.0)).place(instance.problem())
    assert solved.proven
    assert solved.score >= instance.score(round(exact.value))
    if exact.status == "optimal":
        assert solved.score == instance.score(round(exact.value))
    assert solved.score <= instance.score(int(exact.bound + 1e-3))


def test_seed_and_iterations_decide():
    instance = make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=1)
    first, second = (solve(instance, Clock(), seed=5, iterations=1) for _ in range(2))
    assert all(map(np.array_equal, first.files, second.files))
    popular = TopK().place(instance.problem())
    assert instance.score(round(popular.value)) < first.score <= first.bound


def test_a_clock_that_is_over_still_leaves_a_submission():
    instance = make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=2)
    solved = solve(instance, Clock(deadline=time.perf_counter()), seed=0)
    assert 0 < solved.score <= solved.bound
    assert instance.score(instance.saved_ms(solved.files)) == solved.score


def test_an_instance_without_requests_or_caches():
    for requests, caches in ((0, 2), (5, 0)):
        solved = solve(make(5, 2, requests, caches, 10, 5, (0, 0), seed=0), Clock(), iterations=1)
        assert (solved.score, solved.bound, solved.proven) == (0, 0, True)
