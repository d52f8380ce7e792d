"""Packing one cache against all subsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition.margin import lay_out, new_board, pack_margin, priced_worth
from fillplan_optimizer.decomposition.shelf import Shelf, spare, unmetered
from tests.optimizer.decomposition.cases import best_subset, keeps_company, packings


@pytest.mark.parametrize("seed", range(40))
def test_priced_worth_is_the_best_choice_without_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, *_ in packings(range(seed, seed + 1)):
        reduced = gain - rng.exponential(1.0) * shelf.size
        assert priced_worth(shelf, reduced) == pytest.approx(best_subset(shelf, reduced, within=False))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_margins_of_any_prices_are_feasible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shelf, gain, *_ in packings(range(seed, seed + 1)):
        prices = np.append(rng.exponential(1.0, 2), 0.0)
        reduced = gain - prices[0] * shelf.size - prices[1] * shelf.fresh
        hold = pack_margin(shelf, unmetered(shelf), reduced, prices, np.inf, 64)
        if hold is not None:
            assert (spare(shelf, unmetered(shelf), hold) >= 0).all()
            assert hold[shelf.pinned].all()
            assert keeps_company(shelf, hold)


def test_large_losses_where_no_limit_has_a_price_do_not_overflow() -> None:
    """Worth in another unit is the same choice, though losses are divided by prices of nothing."""

    def packed(shelf: Shelf, reduced: Floats) -> list[bool] | None:
        hold = pack_margin(shelf, unmetered(shelf), reduced, np.zeros(3), np.inf, 64)
        return None if hold is None else hold.tolist()

    for shelf, gain, *_ in packings(range(8)):
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
