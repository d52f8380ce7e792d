"""From prices to plans: one packing per edge is enough, and turns only gain."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_optimizer.decomposition import primal
from fillplan_optimizer.decomposition.descent import Descent, Effort, descend
from fillplan_optimizer.decomposition.plan import Recovery
from fillplan_optimizer.decomposition.tree import Tree
from tests.optimizer.decomposition.cases import trees
from tests.optimizer.instances import network


def _descent(seed: int) -> tuple[Tree, Descent]:
    tree = max(trees(network(250, 8, 2, seed, serve_share=1.0)), key=lambda tree: tree.node_count)
    return tree, descend(tree, Effort())


@pytest.mark.parametrize("seed", range(3))
def test_an_edge_whose_serve_price_equals_its_lift_uses_up_its_limit(seed: int) -> None:
    """There a file that the parent holds too is worth nothing at the edge, up to rounding: packed at the price itself
    the edge would leave its limit unused.
    """
    tree, descent = _descent(seed)
    core, levels = descent.core, descent.levels
    lift = core.value - core.value[0] + levels.serve[0]
    tied = np.flatnonzero((levels.serve > 0) & (np.abs(levels.serve - lift) <= 1e-9 * core.value))
    assert tied.size
    plan = primal.recover(tree, descent, Recovery())
    for node in tied.tolist():
        hold = plan.hold[plan.segment(node)]
        assert plan.shelves[node].demand[hold].sum() >= 0.999 * core.serve[node]
        assert plan.parts[node][0] > 0.98


def test_parts_of_serve_prices_stay_below_the_lift() -> None:
    assert primal._edge_parts(lift=0.7, tau=0.0) == (0.0,)
    assert primal._edge_parts(lift=0.9, tau=0.7)[0] == 1.0
    for tau in (0.7, 0.7 * (1 + 1e-15), 0.7 * (1 - 1e-15), 0.701, 0.9):
        parts = primal._edge_parts(lift=0.7, tau=tau)
        assert list(parts) == sorted(parts, reverse=True)
        below = [part for part in parts if part * tau < 0.7]
        assert below[0] * tau >= 0.7 * (1 - 2e-6)


@pytest.mark.parametrize("seed", range(3))
def test_further_turns_never_lose(seed: int) -> None:
    tree, descent = _descent(seed)
    plan = primal.recover(tree, descent, Recovery())
    first = plan.loss(descent.dual)
    assert 0.0 <= primal.go_on(plan).loss(descent.dual) <= first
