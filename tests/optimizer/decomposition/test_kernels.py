"""The compiled sweeps against plain numpy, and each block against everything near it."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.descent import TwoTiers, node_prices
from fillplan_optimizer.decomposition.tree import Tree
from tests.optimizer.decomposition.cases import isolated, random_levels, small_tree, tiny_trees, whole_core


def _scale(tree: Tree) -> float:
    return float(tree.value.max() * tree.reach(0).sum() / max(1.0, tree.size.sum()))


def _value(core: Core, levels: Levels) -> float:
    return TwoTiers(core, levels).dual()


@pytest.mark.parametrize("seed", range(60))
def test_priced_value_is_the_bound(seed: int) -> None:
    """`refresh` and `dual` against the numpy twin, which knows no core and no kernel."""
    rng = np.random.default_rng(seed)
    for tree in [small_tree(seed)] if seed % 6 == 0 else tiny_trees(seed):
        core = whole_core(tree)
        levels = random_levels(core, rng, _scale(tree))
        assert _value(core, levels) == pytest.approx(upper_bound(tree, node_prices(core, levels)), rel=1e-10)


@pytest.mark.parametrize("seed", range(8))
def test_sweeps_only_ever_lower_the_value(seed: int) -> None:
    tree = small_tree(seed)
    core = whole_core(tree)
    levels = random_levels(core, np.random.default_rng(seed), 3 * _scale(tree))
    priced = TwoTiers(core, levels)
    values = [priced.dual()]
    for radius in (0.0, 0.0, 0.1, 0.0, 0.02):
        in_step = priced.sweep(radius)
        values.append(priced.dual())
        assert in_step == pytest.approx(values[-1], rel=1e-10)
    assert (np.diff(values) <= 1e-10 * values[0]).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_serve_price_is_better_than_the_settled_one(seed: int) -> None:
    core, levels, node, off, on = isolated(seed, limited=True)
    scratch = np.zeros((6, len(core.at)))
    kernels.settle_serve(core, levels, node, off, on, scratch)
    settled = kernels.node_dual(core, levels, node, off, on)
    for price in np.linspace(0.0, core.value[node], 200):
        levels.serve[node] = price
        assert kernels.node_dual(core, levels, node, off, on) >= settled * (1 - 1e-12)
