"""Packing one cache against all subsets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.decomposition.descent import Effort, descend
from fillplan_optimizer.decomposition.margin import lay_out, new_board, pack_margin, priced_worth
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.shelf import Meter, Shelf, net_gain, spare, unmetered
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
        if not within or (spare(shelf, unmetered(shelf), hold) >= 0).all():
            best = max(best, float(gain[hold].sum()))
    return best


def _packings(seeds: range) -> list[tuple[Shelf, Floats, Bools, float]]:
    found = []
    for seed in seeds:
        for tree in tiny_trees(seed, files=9):
            plan = Plan(descend(tree, Effort()), Recovery())
            for node, shelf in enumerate(plan.shelves):
                worth = tree.value[node] * shelf.demand
                hold, loss = plan.pack_close(node, worth)
                found.append((shelf, worth - shelf.cost * shelf.fresh, hold, loss))
    return found


def test_packings_keep_every_rule_and_are_close_to_the_best() -> None:
    packings = _packings(range(80))
    reached = []
    for shelf, gain, hold, loss in packings:
        assert (spare(shelf, unmetered(shelf), hold) >= 0).all()
        assert hold[shelf.pinned].all()
        assert _keeps_company(shelf, hold)
        reached.append((gain[hold].sum(), _best_subset(shelf, gain)))
        assert reached[-1][1] <= reached[-1][0] + loss + 1e-9, "no choice is better by more than the loss"
    values, best = np.array(reached).T
    assert len(best) > 100
    assert (values <= best + 1e-9).all()
    assert np.isclose(values, best).mean() > 0.98
    assert values.sum() > 0.999 * best.sum()


@pytest.mark.parametrize("seed", range(40))
def test_priced_worth_is_the_best_choice_without_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, *_ in _packings(range(seed, seed + 1)):
        reduced = gain - rng.exponential(1.0) * shelf.size
        assert priced_worth(shelf, reduced) == pytest.approx(_best_subset(shelf, reduced, within=False))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_margins_of_any_prices_are_feasible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, *_ in _packings(range(seed, seed + 1)):
        prices = np.append(rng.exponential(1.0, 2), 0.0)
        reduced = gain - prices[0] * shelf.size - prices[1] * shelf.fresh
        hold = pack_margin(shelf, unmetered(shelf), reduced, prices, np.inf, 64)
        if hold is not None:
            assert (spare(shelf, unmetered(shelf), hold) >= 0).all()
            assert hold[shelf.pinned].all()
            assert _keeps_company(shelf, hold)


def test_large_losses_where_no_limit_has_a_price_do_not_overflow() -> None:
    """Worth in another unit is the same choice, though losses are divided by prices of nothing."""

    def packed(shelf: Shelf, reduced: Floats) -> list[bool] | None:
        hold = pack_margin(shelf, unmetered(shelf), reduced, np.zeros(3), np.inf, 64)
        return None if hold is None else hold.tolist()

    for shelf, gain, *_ in _packings(range(8)):
        with np.errstate(over="raise"):
            assert packed(shelf, 2.0**40 * gain) == packed(shelf, gain)


@settings(max_examples=150)
@given(st.integers(0, 10**6))
def test_laying_out_finds_the_best_combination(seed: int) -> None:
    """Small whole numbers, so that every state has a cell of its own until it is out of reach."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 7))
    axis = int(rng.integers(0, 3))
    takes = np.zeros((3, count))
    takes[axis] = rng.integers(1, 9, count) * rng.choice([-1.0, 1.0], count)
    takes = takes[:, np.argsort(-np.abs(takes[axis]), kind="stable")]
    loss, left, prices, over = rng.integers(0, 6, count).astype(float), np.zeros(3), np.zeros(3), 2.0
    left[axis], prices[axis] = rng.integers(-4, 9), rng.integers(1, 4)
    radius, other = np.full((count, 3), 64.0), (axis + 1) % 3
    board = new_board(count)
    lay_out(np.arange(count + 1), loss, takes, radius, left, prices, over, axis, other, 1, board)
    found = board.result

    def cost(taken: list[int]) -> float:
        rest = left[axis] - takes[axis, taken].sum()
        beyond = over * -rest if axis == 2 else np.inf
        return float(loss[taken].sum() + (prices[axis] * rest if rest >= 0 else beyond))

    best = min(cost([i for i in range(count) if bits >> i & 1]) for bits in range(2**count))
    if best == np.inf:
        assert found[0] == -2
    else:
        assert cost(found[found >= 0].tolist()) == best


@pytest.mark.parametrize("seed", range(20))
def test_metered_packings_use_the_serve_limit_well(seed: int) -> None:
    """At the exact serve price of a fractional choice; against all subsets, what is over the limit lost."""
    rng = np.random.default_rng(seed)
    reached = []
    for tree in tiny_trees(seed, files=9):
        plan = Plan(descend(tree, Effort()), Recovery())
        for node, shelf in enumerate(plan.shelves):
            limit, value = float(rng.integers(5, 25)), float(tree.value[node])
            best, top = -np.inf, -np.inf
            for part in (0.0, 0.3, 0.6, 0.9):
                meter = Meter(shelf.demand, limit, part * value, (1 - part) * value)
                gain = (1 - part) * value * shelf.demand - shelf.cost * shelf.fresh
                hold = plan.pack(node, (1 - part) * value * shelf.demand, meter)
                assert (spare(shelf, meter, hold)[:2] >= 0).all()
                best = max(best, net_gain(meter, gain, hold) + part * value * limit)
            for bits in product([False, True], repeat=len(shelf.size)):
                hold = np.array(bits, dtype=np.bool_)
                within = (spare(shelf, unmetered(shelf), hold) >= 0).all()
                if within and not (shelf.pinned & ~hold).any() and _keeps_company(shelf, hold):
                    served = min(limit, shelf.demand[hold].sum())
                    top = max(top, value * served - shelf.cost * shelf.fresh[hold].sum())
            assert best <= top + 1e-9
            reached.append((best, top))
    values, best_values = np.array(reached).T
    assert (best_values - values).sum() <= 0.1 * np.abs(best_values).sum() + 1e-9
