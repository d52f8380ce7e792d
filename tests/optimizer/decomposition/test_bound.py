"""Weak duality, whatever the prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.bounds import trivial
from fillplan_optimizer.decomposition.bound import NodePrices, served, upper_bound
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.exact.placer import Exact
from tests.optimizer.decomposition.cases import random_prices, small_tree, trees
from tests.optimizer.instances import tiny


@settings(max_examples=80)
@given(st.integers(0, 10**6), st.sampled_from(["one-tier", "two-tier", "three-tier"]), st.booleans(), st.integers(0, 9))
def test_any_prices_bound_the_exact_optimum(seed: int, shape: str, monotone: bool, draw: int) -> None:
    problem = tiny(seed, shape=shape, monotone=monotone)
    rng = np.random.default_rng(draw)
    bound = sum(upper_bound(tree, random_prices(tree, rng)) for tree in trees(problem))
    exact = Exact().place(problem).value
    assert bound >= exact - 1e-6 * max(1.0, abs(exact))


def test_without_prices_the_bound_is_that_of_ample_caches() -> None:
    """With nothing to pay, every file is held wherever that is worth more than its fill cost."""
    tree = small_tree(2, pins=0)
    nothing = np.zeros(tree.node_count)
    blank = tuple(np.zeros(0, dtype=np.int64) for _ in nothing)
    free = NodePrices(nothing, nothing, nothing, blank, tuple(np.zeros(0) for _ in nothing))
    assert upper_bound(tree, free) <= trivial(tree.problem) * (1 + 1e-12)
    ample = np.full(tree.problem.cache_count, 2 * tree.problem.size_bytes.sum())
    unlimited = np.full(tree.problem.cache_count, np.inf)
    relaxed = replace(
        tree.problem,
        storage_bytes=ample,
        fill_budget_bytes=ample,
        serve_limit_bytes=unlimited,
        companion=-1 + 0 * tree.companion,
    )
    (wide,) = trees(relaxed)
    assert upper_bound(wide, free) == pytest.approx(Decomposition().place(relaxed).value, rel=1e-9)


@pytest.mark.parametrize("limited", [True, False])
def test_a_held_file_is_served_from_the_nearest_cache_if_that_is_not_limited(limited: bool) -> None:
    """Sets count none, edge, parent, both; a farther cache of higher worth counts only behind a limit."""
    tree = small_tree(3, serve_share=1.0 if limited else 0.0)
    tree.value[0] = 2 * tree.value.max()
    node = next(n for n in range(1, tree.node_count) if len(tree.points[n]))
    caches, values = tree.problem.options(int(tree.points[node][0]))
    values[caches.tolist().index(tree.cache[0])] = tree.value[0]
    demand = tree.demand(node)
    none, edge, parent, both = served(tree, np.zeros(tree.node_count), node)
    assert not none.any()
    assert np.allclose(edge, tree.value[node] * demand)
    assert np.allclose(parent, tree.value[0] * demand)
    assert np.allclose(both, (tree.value[0] if limited else tree.value[node]) * demand)
