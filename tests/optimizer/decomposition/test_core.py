"""The core leaves out only what does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_optimizer.decomposition import descent
from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.core import Breadth, build, settle
from fillplan_optimizer.decomposition.descent import Effort, descend, node_prices
from fillplan_optimizer.decomposition.plan import Recovery
from fillplan_optimizer.decomposition.primal import recover
from tests.optimizer.decomposition.cases import small_tree, tiny_trees, whole_core


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_out_is_below_the_floor(seed: int) -> None:
    tree = small_tree(seed)
    core = build(tree, Breadth(np.full(tree.node_count, 0.05 * tree.size.sum())), np.zeros_like(tree.held))
    assert (core.floor > 0).any()
    for node in range(tree.node_count):
        listed = np.zeros(tree.file_count, dtype=np.bool_)
        listed[core.file[core.at[core.start[node] : core.start[node + 1]]]] = True
        worth = tree.value[node] * tree.reach(node)
        left_out = tree.allowed[node] & ~listed
        density = worth / tree.size - tree.cost[node]
        assert (density[left_out & ~tree.held[node]] <= max(core.floor[node], 0.0)).all()
        assert not worth[left_out & tree.held[node]].any()
        assert listed[tree.pinned[node]].all()
        companion = tree.companion[listed]
        companion = companion[companion >= 0]
        assert listed[companion[tree.allowed[node][companion]]].all()


@pytest.mark.parametrize("seed", range(12))
def test_settled_pairs_change_no_price_and_no_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken out as surely held comes back in the plan, and the core without it has the same value."""
    tree = small_tree(seed, serve_share=0.2)
    assert settle(tree).sum() > 30
    with_settled = descend(tree, Effort())
    monkeypatch.setattr(descent, "settle", lambda tree: np.zeros_like(tree.held))
    without = descend(tree, Effort())
    assert len(with_settled.core.at) < len(without.core.at)
    assert with_settled.dual == pytest.approx(without.dual, rel=1e-4)
    assert upper_bound(tree, node_prices(with_settled.core, with_settled.levels)) == pytest.approx(
        with_settled.dual, rel=1e-10
    )
    plan = recover(tree, with_settled, Recovery()).placement(tree)
    for node, cache in enumerate(tree.cache):
        assert np.isin(np.flatnonzero(with_settled.settled[node]), plan.files[cache]).all()


@pytest.mark.parametrize("seed", range(30))
def test_entries_are_consistent(seed: int) -> None:
    for tree in tiny_trees(seed):
        core = whole_core(tree)
        assert core.start[-1] == len(core.at) == len(core.demand)
        follows = core.unit >= 0
        leader = core.leader[core.unit[follows]]
        assert np.array_equal(leader, core.audio[follows])
        assert core.leading[leader].all()
        assert not core.pinned[core.leader].any()
        assert sorted(core.follower) == np.flatnonzero(follows).tolist()
