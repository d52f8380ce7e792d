"""The general sweeps: the same as the compiled ones in two tiers, valid and useful beyond."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.auto import Auto
from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.core import copy
from fillplan_optimizer.decomposition.deep import DeepTree
from fillplan_optimizer.decomposition.descent import TwoTiers, node_prices, zero_levels
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.decomposition.cases import random_levels, small_tree, trees, whole_core
from tests.optimizer.instances import network, tiny, tree_points


def three_tiers(seed: int, serve_share: float = 0.3) -> PlacementProblem:
    """A network whose parents hang under the first of them."""
    problem = network(30, 8, 3, seed, serve_share=serve_share)
    parent = problem.parent.copy()
    parent[1:3] = 0
    value = np.zeros(problem.cache_count)
    value[problem.points.cache] = problem.points.value_per_byte
    value[0] = 0.1e-9
    edges = np.array([int(problem.options(point)[0][0]) for point in range(len(problem.points.region))])
    points = tree_points(problem.points.region, problem.points.share, edges, parent, value)
    return replace(problem, parent=parent, points=points)


@pytest.mark.parametrize("seed", range(4))
def test_values_are_those_of_the_compiled_sweeps(seed: int) -> None:
    tree = small_tree(seed)
    core = whole_core(tree)
    levels = random_levels(core, np.random.default_rng(seed), 1e-9)
    assert DeepTree(tree, core, levels).dual() == pytest.approx(TwoTiers(core, levels).dual(), rel=1e-10)


def test_sweeps_settle_the_same_prices_as_the_compiled_ones() -> None:
    tree = small_tree(5, serve_share=0.0)
    core = whole_core(tree)
    deep, flat = zero_levels(core), zero_levels(core)
    DeepTree(tree, core, deep).sweep(0.0)
    TwoTiers(core, flat).sweep(0.0)
    # the compiled sweep starts with the edges, the general one with the root
    later = copy(deep)
    assert DeepTree(tree, core, deep).sweep(0.0) == pytest.approx(TwoTiers(core, flat).sweep(0.0), rel=1e-2)
    assert (later.storage >= 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_priced_value_of_three_tiers_is_the_bound(seed: int) -> None:
    for tree in [*trees(tiny(seed, shape="three-tier")), *trees(three_tiers(seed))]:
        core = whole_core(tree)
        levels = random_levels(core, np.random.default_rng(seed), 1e-9)
        priced = DeepTree(tree, core, levels)
        values = [priced.dual()]
        assert values[0] == pytest.approx(upper_bound(tree, node_prices(core, levels)), rel=1e-10)
        values += [priced.sweep(radius) for radius in (0.0, 0.1, 0.0)]
        assert (np.diff(values) <= 1e-10 * abs(values[0])).all()


@pytest.mark.parametrize("seed", range(2))
def test_three_tiers_are_solved_closely(seed: int) -> None:
    problem = three_tiers(seed)
    result, greedy = Decomposition().place(problem), DensityGreedy().place(problem)
    assert not verify(problem, result.placement).violations
    assert result.value >= greedy.value
    assert result.bound <= greedy.bound
    assert result.gap < 0.02


def test_a_start_that_is_worth_more_than_what_is_found_stands() -> None:
    """Plans of deep trees are made anew, and may fall short of the one that was there."""
    problem = three_tiers(0)
    found, best = Decomposition().place(problem), Auto().place(problem)
    assert found.value < best.value
    assert Decomposition().place(problem, Start.of(problem, best)).value == pytest.approx(best.value, rel=1e-12)


def test_a_worth_that_differs_by_client_is_priced_as_such() -> None:
    """The parent's byte is worth twice as much to one edge's clients."""
    problem = network(40, 4, 1, seed=9, serve_share=0.0)
    values = problem.points.value_per_byte.copy()
    values[1] *= 1.5
    changed = replace(problem, points=replace(problem.points, value_per_byte=values))
    before, after = Decomposition().place(problem), Decomposition().place(changed)
    assert not verify(changed, after.placement).violations
    assert after.bound > before.bound
    assert after.gap < 5e-3
