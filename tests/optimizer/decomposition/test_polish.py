"""Choosing again never costs anything, and finds the best choice of a lone cache among what is in play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.decomposition.descent import Effort, descend
from fillplan_optimizer.decomposition.knapsack import Search
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.polish import polish
from fillplan_optimizer.decomposition.primal import recover
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.service import net_value
from fillplan_optimizer.verifier import verify
from tests.optimizer.decomposition.cases import small_tree, trees
from tests.optimizer.instances import tiny

THOROUGH = Search(gap=0.0, nodes=1000)


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_a_lone_cache_without_limits_is_solved_from_nothing(seed: int) -> None:
    problem = tiny(seed, shape="one-tier", files=8, limits=False)
    for tree in trees(problem):
        plan = Plan(descend(tree, Effort()), Recovery())
        polish(tree, plan, 1e-12, THOROUGH)
        placement = plan.placement(tree)
        assert not verify(tree.problem, placement).violations
        best = Exact(Limits(gap=0.0, nodes=10**6)).place(in_play(tree, plan)).value
        assert net_value(tree.problem, placement) == pytest.approx(best, abs=1e-6)


def in_play(tree: Tree, plan: Plan) -> PlacementProblem:
    """What the prices leave open: settled files are held, files that they leave out are not asked for.

    What is certain of fractions need not be of whole files.
    """
    pinned, asked = list(tree.problem.pinned), np.zeros(tree.file_count, dtype=bool)
    asked[plan.core.file] = True
    for node in range(tree.node_count):
        asked |= plan.settled[node] | tree.held[node]
        if (cache := tree.cache[node]) >= 0:
            pinned[cache] = np.union1d(pinned[cache], np.flatnonzero(plan.settled[node]))
    return replace(tree.problem, pinned=tuple(pinned), demand_bytes=tree.problem.demand_bytes * asked)


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_is_never_made_worse_and_keeps_all_limits(seed: int) -> None:
    tree = small_tree(seed, serve_share=0.5 * (seed % 3))
    plan = recover(tree, descend(tree, Effort()), Recovery(rounds=1, deviations=4))
    before = plan.value()
    polish(tree, plan, 0.0, THOROUGH)
    assert plan.value() >= before
    assert not verify(tree.problem, plan.placement(tree)).violations


def test_a_plan_that_is_close_enough_is_left_alone() -> None:
    tree = small_tree(1)
    plan = recover(tree, descend(tree, Effort()), Recovery())
    before = plan.hold.copy()
    polish(tree, plan, 1e9, THOROUGH)
    assert np.array_equal(plan.hold, before)


def test_a_choice_that_costs_other_caches_more_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve limits are priced when a cache chooses and kept when the plan is valued."""
    tree = small_tree(0, serve_share=1.0)
    plan = recover(tree, descend(tree, Effort()), Recovery())
    value, told = Plan.value, list[float]()

    def listening(plan: Plan) -> float:
        told.append(value(plan))
        return told[-1]

    monkeypatch.setattr(Plan, "value", listening)
    polish(tree, plan, 0.0, THOROUGH)
    before, after = told[::2], told[1::2]
    assert any(new < old for old, new in zip(before, after, strict=True))
    assert before == sorted(before)
    assert value(plan) == max(told)
