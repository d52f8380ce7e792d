"""The bound with whole files: never below a plan, never above the bound with priced bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.descent import Effort, descend, node_prices
from fillplan_optimizer.decomposition.knapsack import Search, best_choice
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.decomposition.whole import Whole, WholeFiles
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.verifier import verify
from tests.optimizer.decomposition.cases import random_prices, small_tree, tiny_trees
from tests.optimizer.instances import network, tiny, tree

ALWAYS = Whole(gap=0.0, loss=0.0, search=Search(gap=0.0, nodes=1000))


def _whole(group: Tree, effort: Effort | None = None) -> tuple[WholeFiles, float]:
    """Before any visit, and the bound with priced bytes."""
    descent = descend(group, effort or Effort())
    prices = node_prices(descent.core, descent.levels)
    return WholeFiles(group, descent, prices, ALWAYS), upper_bound(group, prices)


@pytest.mark.parametrize("seed", range(3))
def test_it_begins_at_the_bound_with_priced_bytes_and_only_falls(seed: int) -> None:
    files, priced = _whole(small_tree(seed))
    before = files.bound()
    assert before == pytest.approx(priced, rel=1e-12)
    for node in (*range(1, files.tree.node_count), 0):
        files.visit(node)
        assert files.bound() <= before * (1 + 1e-9)
        before = files.bound()
    assert before < priced * (1 - 1e-5), "whole files cost something here"


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.integers(2, 8), st.booleans())
def test_it_holds_against_the_exact_program(seed: int, files: int, settled: bool) -> None:
    """At prices of a descent, or cut short at its first sweep."""
    for group in tiny_trees(seed, files=files):
        whole, _ = _whole(group, Effort() if settled else Effort(sweeps=1, searches=0))
        whole.visit_all()
        exact = Exact(Limits(gap=0.0)).place(group.problem)
        assert whole.bound() >= exact.value - 1e-6 * max(1.0, abs(exact.value))


def test_a_cache_that_loses_much_is_settled_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache of a group lost 0.53 %, and HiGHS was content with a fifth of that: a gap of 0.15 % remained."""
    left = []

    def recorded(*arguments: Any) -> tuple[float, Any]:
        *_, loss, search = arguments
        left.append(loss * search.gap)
        return best_choice(*arguments)

    monkeypatch.setattr("fillplan_optimizer.decomposition.whole.best_choice", recorded)
    group = small_tree(0)
    descent = descend(group, Effort())
    files = WholeFiles(group, descent, node_prices(descent.core, descent.levels), Whole(loss=0.0, far=2e-6))
    begin = files.bound()
    files.visit_all()
    assert max(left) == pytest.approx(2e-6 * begin), "less than a fifth of the most that some cache loses"


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 9))
def test_it_holds_at_any_prices(seed: int, draw: int) -> None:
    for group in tiny_trees(seed):
        whole = WholeFiles(group, descend(group, Effort()), random_prices(group, np.random.default_rng(draw)), ALWAYS)
        whole.visit_all()
        exact = Exact(Limits(gap=0.0)).place(group.problem)
        assert whole.bound() >= exact.value - 1e-6 * max(1.0, abs(exact.value))


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["one-tier", "two-tier"]))
def test_plans_and_bounds_of_the_placer_with_it(seed: int, shape: str) -> None:
    problem = tiny(seed, shape=shape, files=8)
    result, exact = Decomposition(whole=ALWAYS).place(problem), Exact(Limits(gap=0.0)).place(problem)
    assert not verify(problem, result.placement).violations
    slack = 1e-6 * max(1.0, abs(exact.value))
    assert result.value <= exact.bound + slack
    assert exact.value <= result.bound + slack


def test_half_a_file_is_no_longer_counted() -> None:
    """Room for one of two files of three bytes: priced bytes sell the other two bytes to the second."""
    problem = tree([-1], [1.0], [3, 3], [[9, 6]], storage=[5])
    assert Decomposition(whole=Whole(gap=1.0)).place(problem).bound == pytest.approx(13.0)
    result = Decomposition().place(problem)
    assert (result.value, result.status) == (9.0, "optimal")
    assert result.bound == pytest.approx(9.0)


def test_small_networks_come_much_closer() -> None:
    problem = network(100, 8, 2, seed=4)
    priced, whole = Decomposition(whole=Whole(gap=1.0)).place(problem), Decomposition().place(problem)
    assert whole.gap < 0.6 * priced.gap
    assert whole.value >= priced.value
