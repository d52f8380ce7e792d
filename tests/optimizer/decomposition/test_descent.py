"""From a tree to its prices: the bound only falls, and prices of before save work."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fillplan_optimizer.decomposition import descent
from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.core import Breadth, Levels, build
from fillplan_optimizer.decomposition.descent import (
    Effort,
    TwoTiers,
    descend,
    levels_on,
    node_prices,
    refine,
    zero_levels,
)
from tests.optimizer.decomposition.cases import random_levels, small_tree, trees, whole_core
from tests.optimizer.instances import network, tree


def test_without_prices_every_cache_holds_all_that_it_gains_by() -> None:
    """The edge earns 2 per byte asked for and pays 0.5 per new byte: 2 x 10 - 2 and 2 x 3 - 0 (held); 1 of the third
    file would cost 4 x 0.5 to earn 2 x 0.5. The parent adds nothing to an edge of endless room.
    """
    problem = tree([1, -1], [2.0, 1.0], [4, 5, 4], [[10.0, 3.0, 0.5]], fill_cost=0.5, held=[[1], []])
    (found,) = trees(problem)
    core = whole_core(found)
    assert TwoTiers(core, zero_levels(core)).dual() == pytest.approx(18.0 + 6.0)


def test_more_sweeps_never_raise_the_bound_and_the_value_is_that_of_the_prices() -> None:
    made = small_tree(3, serve_share=0.0)
    found = [descend(made, Effort(sweeps=sweeps, widenings=0)) for sweeps in (0, 1, 4, 60)]
    duals = [each.dual for each in found]
    assert (np.diff(duals) <= 1e-12 * duals[0]).all() and duals[-1] < 0.9 * duals[0]
    assert [each.sweeps for each in found[:2]] == [0, 1] and found[3].sweeps <= 120
    for each in found:
        assert upper_bound(made, node_prices(each.core, each.levels)) == pytest.approx(each.dual, rel=1e-10)


def test_leaps_double_their_stretch_and_go_back_where_one_no_longer_lowers() -> None:
    """From 1 by way of 2 to 3 towards a lowest value at 4; the next leap, to 5, is no better. No price is negative."""
    levels = Levels(np.array([2.0, 1.0]), np.array([0.0, 0.5]), np.zeros(2), np.zeros(0))
    before = [np.array([1.0, 2.0]), np.array([0.0, 0.5]), np.zeros(2)]
    core = SimpleNamespace(floor=np.array([0.0, 0.9]))
    line = SimpleNamespace(dual=lambda: abs(levels.storage[0] - 4.0))
    assert descent._leap(line, core, before, levels, 2.0) == 1.0  # type: ignore[arg-type]
    assert levels.storage.tolist() == [3.0, 0.0]
    assert levels.fill.tolist() == [0.0, 0.9], "new bytes cost no less than the floor"


def test_prices_of_before_save_the_sweeps_that_lead_there() -> None:
    made = small_tree(2, serve_share=0.0)
    first = descend(made, Effort())
    again = descend(made, Effort(), node_prices(first.core, first.levels))
    assert again.sweeps < first.sweeps
    assert again.dual == pytest.approx(first.dual, rel=1e-4)


def test_without_serve_limits_or_searches_there_is_nothing_to_refine() -> None:
    plain, limited = small_tree(1, serve_share=0.0), small_tree(1, serve_share=1.0)
    done = descend(plain, Effort())
    assert refine(plain, Effort(), done) is done
    done = descend(limited, Effort())
    assert refine(limited, Effort(searches=0), done) is done
    before = done.dual
    assert refine(limited, Effort(), done).dual <= before * (1 + 1e-12)


def test_prices_go_into_the_form_of_the_bound_and_back() -> None:
    core = whole_core(small_tree(4))
    levels = random_levels(core, np.random.default_rng(4), 1e-9)
    back = levels_on(core, node_prices(core, levels))
    assert (levels.tie != 0).any()
    for old, new in zip(levels, back, strict=True):
        assert new == pytest.approx(old, rel=1e-12, abs=1e-12)
    back.storage[:] = -1.0
    assert (levels.storage >= 0).all(), "copies, not the same arrays"


@pytest.mark.parametrize("seed", range(4))
def test_a_core_that_starts_too_narrow_widens_to_the_same_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = small_tree(seed)
    usual = descend(tree, Effort())
    monkeypatch.setattr(descent.Breadth, "initial", lambda tree: Breadth(np.full(tree.node_count, 2e9)))
    widened = descend(tree, Effort())
    monkeypatch.setattr(descent.Breadth, "initial", lambda tree: Breadth(np.full(tree.node_count, np.inf)))
    whole = descend(tree, Effort())
    assert (widened.breadth.volume > 2e9).any()
    for found in (usual, widened):
        assert found.dual == pytest.approx(whole.dual, rel=1e-4)
        assert upper_bound(tree, node_prices(found.core, found.levels)) == pytest.approx(found.dual, rel=1e-10)


def test_prices_carry_over_to_a_wider_core() -> None:
    tree = small_tree(1)
    breadth = Breadth(np.full(tree.node_count, 0.02 * tree.size.sum()))
    narrow, wide = build(tree, breadth, np.zeros_like(tree.held)), whole_core(tree)
    levels = random_levels(narrow, np.random.default_rng(1), 1e-9)
    carried = levels_on(wide, node_prices(narrow, levels))
    old, new = node_prices(narrow, levels), node_prices(wide, carried)
    assert upper_bound(tree, old) == upper_bound(tree, new)
    assert any(len(files) for files in new.tie_files)


def test_the_joint_search_passes_where_single_prices_stall() -> None:
    """Two edges at their serve limits, where byte and serve prices settled in turns end 0.5 % too high."""
    tree = trees(network(200, 8, 2, seed=1, serve_share=1.0))[1]
    core = whole_core(tree)
    priced = TwoTiers(core, zero_levels(core))
    stalled = [priced.sweep(0.0) for _ in range(20)][-1]
    assert refine(tree, Effort(), descend(tree, Effort())).dual < 0.996 * stalled
