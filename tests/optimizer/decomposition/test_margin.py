"""Packing one cache against all subsets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.decomposition.descent import Effort, descend
from fillplan_optimizer.decomposition.margin import lay_out, pack_margin, priced_worth
from fillplan_optimizer.decomposition.primal import Plan, Recovery
from fillplan_optimizer.decomposition.shelf import Shelf, spare
from fillplan_optimizer.problem import Bools, Floats
from tests.optimizer.decomposition.cases import tiny_trees


def _keeps_company(shelf: Shelf, hold: Bools) -> bool:
    follows = shelf.company >= 0
    return bool((~hold[follows] | hold[shelf.leader[shelf.company[follows]]]).all())


def _best_subset(shelf: Shelf, gain: Floats, within: bool = True) -> float:
    """Most that any allowed choice gains; without limits if not `within`."""
    best = -np.inf
    for bits in product([False, True], repeat=len(shelf.size)):
        hold = np.array(bits, dtype=np.bool_)
        if (shelf.pinned & ~hold).any() or not _keeps_company(shelf, hold):
            continue
        if not within or (spare(shelf, hold) >= 0).all():
            best = max(best, float(gain[hold].sum()))
    return best


def _packings(seeds: range) -> list[tuple[Shelf, Floats, Bools]]:
    found = []
    for seed in seeds:
        for tree in tiny_trees(seed, files=9):
            plan = Plan(descend(tree, Effort()), Recovery())
            for node, shelf in enumerate(plan.shelves):
                worth = tree.value[node] * shelf.demand
                hold = plan.pack(node, worth)
                found.append((shelf, worth - shelf.cost * shelf.fresh, hold))
    return found


def test_packings_keep_every_rule_and_are_close_to_the_best() -> None:
    packings = _packings(range(80))
    reached = []
    for shelf, gain, hold in packings:
        assert (spare(shelf, hold) >= 0).all()
        assert hold[shelf.pinned].all()
        assert _keeps_company(shelf, hold)
        reached.append((gain[hold].sum(), _best_subset(shelf, gain)))
    values, best = np.array(reached).T
    assert len(best) > 100
    assert (values <= best + 1e-9).all()
    assert np.isclose(values, best).mean() > 0.98
    assert values.sum() > 0.999 * best.sum()


@pytest.mark.parametrize("seed", range(40))
def test_priced_worth_is_the_best_choice_without_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, _ in _packings(range(seed, seed + 1)):
        reduced = gain - rng.exponential(1.0) * shelf.size
        assert priced_worth(shelf, reduced) == pytest.approx(_best_subset(shelf, reduced, within=False))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_margins_of_any_prices_are_feasible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, _ in _packings(range(seed, seed + 1)):
        prices = float(rng.exponential(1.0)), float(rng.exponential(1.0))
        reduced = gain - prices[0] * shelf.size - prices[1] * shelf.fresh
        hold = pack_margin(shelf, reduced, prices, np.inf, 64)
        if hold is not None:
            assert (spare(shelf, hold) >= 0).all()
            assert hold[shelf.pinned].all()
            assert _keeps_company(shelf, hold)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_laying_out_finds_the_best_combination(seed: int) -> None:
    """Small whole numbers, so that every state has a cell of its own until it is out of reach."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 7))
    start = np.arange(count + 1)
    fill = rng.integers(1, 9, count) * rng.choice([-1.0, 1.0], count)
    order = np.argsort(-np.abs(fill), kind="stable")
    fill, loss = fill[order], rng.integers(0, 6, count).astype(float)
    left, price = float(rng.integers(-4, 9)), float(rng.integers(1, 4))
    radius = np.full((count, 2), 64.0)
    found = lay_out(start, loss, 0 * fill, fill, radius, np.array([0.0, left]), np.array([0.0, price]))
    best = np.inf
    for bits in product([False, True], repeat=count):
        rest = left - fill[list(bits)].sum()
        if rest >= 0:
            best = min(best, loss[list(bits)].sum() + price * rest)
    if best == np.inf:
        assert found[0] == -2
    else:
        taken = found[found >= 0]
        assert loss[taken].sum() + price * (left - fill[taken].sum()) == best
