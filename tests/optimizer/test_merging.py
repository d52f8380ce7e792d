import numpy as np
import pytest

from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.groups import split
from fillplan_optimizer.merging import merge
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import network, tree


def test_merging_gives_back_placement_value_bound_and_prices():
    problem = network(30, 6, 2, seed=1)
    groups = split(problem)
    assert len(groups) == 2
    results = [DensityGreedy().place(group.problem(problem)) for group in groups]
    merged = merge(problem, groups, results, "both")
    verdict = verify(problem, merged.placement)
    assert verdict.violations == ()
    assert merged.value == pytest.approx(verdict.value)
    assert merged.bound == pytest.approx(sum(result.bound for result in results))
    assert np.isfinite(merged.prices.storage).all()


def test_a_problem_without_caches_has_no_groups_and_is_worth_nothing():
    problem = tree([], [], [1], [])
    assert split(problem) == ()
    merged = merge(problem, (), (), "none")
    assert (merged.value, merged.bound, merged.gap, merged.status) == (0.0, 0.0, 0.0, "optimal")


def test_a_merged_result_keeps_the_proof_of_every_group():
    problem = tree([2, 3, -1, -1, 2], [2.0, 2.0, 1.0, 1.0, 1.5], [1, 2], [[1.0, 3.0], [1.0, 2.0]])
    result = DensityGreedy().place(problem)
    assert [len(proof.group.caches) for proof in result.groups] == [3, 2]
    assert sum(proof.value for proof in result.groups) == result.value
    assert sum(proof.bound for proof in result.groups) == result.bound
