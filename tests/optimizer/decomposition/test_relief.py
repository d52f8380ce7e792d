"""The parent's serve price against a scan, and beside its edges'."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.decomposition import descent, relief
from fillplan_optimizer.decomposition.core import Core, Levels, copy
from fillplan_optimizer.decomposition.descent import Effort, TwoTiers, descend, zero_levels
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.decomposition.relief import settle_parent_serve
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.service import serve
from tests.optimizer.decomposition.cases import small_tree, trees, whole_core
from tests.optimizer.instances import network


def _limited(seed: int, share: float) -> Tree:
    """A tree whose parent may serve only a part of what reaches it."""
    tree = small_tree(seed, serve_share=share)
    limit = tree.serve.copy()
    limit[0] = 0.1 * tree.reach(0).sum()
    return replace(tree, serve=limit)


def _swept(tree: Tree) -> tuple[Core, Levels]:
    core = whole_core(tree)
    levels = zero_levels(core)
    TwoTiers(core, levels).sweep(0.0)
    return core, levels


@pytest.mark.parametrize("seed", range(5))
def test_no_price_of_the_parent_is_better(seed: int) -> None:
    core, levels = _swept(_limited(seed, share=0.0))
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    settle_parent_serve(core, levels, off, on)
    settled, probe = TwoTiers(core, levels).dual(), copy(levels)
    assert 0 < levels.serve[0] <= core.value[0]
    for price in np.linspace(0.0, core.value[0], 300):
        probe.serve[0] = price
        assert TwoTiers(core, probe).dual() >= settled * (1 - 1e-9)


def _half_limited(seed: int) -> Tree:
    """A tree in which all edges and the parent serve at most part of what they would."""
    problem = network(100, 6, 1, seed, serve_share=1.0)
    load = serve(problem, Decomposition().place(problem).placement).cache_bytes
    limit = np.where(problem.parent < 0, 0.7 * load, problem.serve_limit_bytes)
    (tree,) = trees(replace(problem, serve_limit_bytes=limit))
    return tree


def test_prices_move_together_where_one_alone_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edges' prices tie the parent's to theirs: without moving them together, 1 % is left."""
    tree = _half_limited(3)
    together = descend(tree, Effort()).dual
    monkeypatch.setattr(relief, "_directions", lambda core, levels: [np.arange(len(core.value)) == 0])
    monkeypatch.setattr(descent, "search_parent_serve", lambda *arguments: None)
    assert together < 0.99 * descend(tree, Effort()).dual


@pytest.mark.parametrize("seed", range(3))
def test_the_search_with_byte_prices_following_only_lowers(seed: int) -> None:
    core, levels = _swept(_half_limited(seed))
    off, on, short = np.zeros(len(core.file)), np.zeros(len(core.file)), np.zeros(len(core.value), dtype=np.bool_)
    before = TwoTiers(core, levels).dual()
    relief.settle_parent_serve(core, levels, off, on)
    settled = TwoTiers(core, levels).dual()
    room = np.empty((6, len(core.at))), np.empty(len(core.at))
    relief.search_parent_serve(core, levels, off, on, short, room, 1.0)
    assert TwoTiers(core, levels).dual() <= settled * (1 + 1e-10) <= before * (1 + 1e-9)


def test_a_limit_that_does_not_bind_has_no_price() -> None:
    tree = small_tree(3, serve_share=0.0)
    limit = tree.serve.copy()
    limit[0] = 2 * tree.reach(0).sum()
    found = descend(replace(tree, serve=limit), Effort())
    assert found.levels.serve[0] == 0.0
    assert found.dual == pytest.approx(descend(tree, Effort()).dual, rel=1e-5)
