"""Packing by dynamic programming over the margin of a cache.

At a cache's own prices every choice has a loss: what it gives up against the best priced choice of its title. The
best whole-file packing deviates from the priced one only in choices of small loss, so the search takes the
cheapest deviations and lays them out over the storage, fill and serve limit that they leave, largest files first; of
the states that fall into one cell of a grid over the two that matter most the one of least loss lives on. Losses and
bytes are exact; only which states survive is rounded. Core problems: Balas and Zemel 1980; Pisinger 1995.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.core import Index
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.decomposition.shelf import Meter, Shelf, spare

FLIP, DROP, TAKE, START = 0, 1, 2, 3
"""Kinds of deviation: flip an entry; drop or take a leader's whole company; start a company with one follower."""
CELLS = 1024
"""Cells of the grid: a line of them where only one limit has a price, else a square."""


_NO_WORTH = 1e-100
"""Instead of no worth at all, so that what costs nothing at the prices can be divided by it without overflow."""


class Deviations(NamedTuple):
    """The cheapest deviations from the priced choice of a node, in groups of which at most one is taken."""

    choice: Bools
    """[m] the priced choice."""
    start: Ints
    """[G + 1] deviations of group g."""
    kind: Ints
    what: Ints
    """Entry of FLIP and START, leader's number of DROP and TAKE."""
    loss: Floats
    takes: Floats
    """[3, D] bytes of storage, fill and serve limit that each deviation takes (negative: sets free)."""


class Board(NamedTuple):
    """Where states are laid out: G groups, CELLS cells; made outside the kernels, see `byte_prices.settle_bytes`."""

    lost: Floats
    """[G + 1, CELLS] loss of the state in each cell, inf for none."""
    left: Floats
    """[2, CELLS, 3] bytes left of storage, fill and serve limit, after this group and the one before."""
    score: Floats
    """[2, CELLS]."""
    now: Floats
    """[3]."""
    came: Index
    """[G, CELLS] cell that a state came from."""
    took: Index
    """[G, CELLS] deviation that it took there."""
    result: Ints
    """[max(1, G)]."""


def new_board(groups: int) -> Board:
    """Room for `lay_out` with G groups."""
    states = (groups, CELLS)
    return Board(
        lost=np.full((groups + 1, CELLS), np.inf),
        left=np.empty((2, CELLS, 3)),
        score=np.empty((2, CELLS)),
        now=np.empty(3),
        came=np.empty(states, dtype=np.int32),
        took=np.empty(states, dtype=np.int32),
        result=np.empty(max(1, groups), dtype=np.int64),
    )


def priced_worth(shelf: Shelf, reduced: Floats) -> float:
    """Best worth of the shelf's files less the price of their bytes, companions kept."""
    gains = np.where(shelf.pinned, reduced, np.maximum(reduced, 0.0))
    following = shelf.company >= 0
    total = np.maximum(_company_worth(shelf, reduced), 0.0)
    return float(gains[~following & ~shelf.leading].sum() + total.sum())


def pack_margin(
    shelf: Shelf, meter: Meter, reduced: Floats, prices: Floats, loss_limit: float, limit: int
) -> Bools | None:
    """[m] whole files near the priced choice; None if no state within the limits was found.

    reduced: [m] worth less the price of the bytes, companion prices left out. prices: [3] of storage, fill and serve.
    loss_limit: what the best known packing loses against the priced choice; costlier deviations cannot be part of a
    better one.
    """
    found = _deviations(shelf, meter, reduced, prices, loss_limit, limit)
    radius = _radius(found)
    axes = _axes(found, prices)
    left = spare(shelf, meter, found.choice)
    board = new_board(len(found.start) - 1)
    lay_out(found.start, found.loss, found.takes, radius, left, prices, meter.over, *axes, board)
    taken = board.result
    if taken[0] == -2:
        return None
    hold = found.choice.copy()
    for deviation in taken[taken >= 0]:
        _apply(shelf, found, int(deviation), reduced, hold)
    return hold


def _company_worth(shelf: Shelf, reduced: Floats) -> Floats:
    """[a] reduced worth of each leader with all followers that gain."""
    gains = np.maximum(reduced[shelf.follower], 0.0)
    joined = np.bincount(shelf.company[shelf.follower], weights=gains, minlength=len(shelf.leader))
    return reduced[shelf.leader] + joined


def _deviations(
    shelf: Shelf, meter: Meter, reduced: Floats, prices: Floats, loss_limit: float, limit: int
) -> Deviations:
    followers, leader = shelf.follower, shelf.leader
    company = shelf.company[followers]
    total = _company_worth(shelf, reduced)
    inside = total > 0
    choice: Bools = shelf.pinned | (reduced > 0)
    choice[leader] = inside
    choice[followers] &= inside[company]
    alone = np.flatnonzero(~shelf.pinned & ~shelf.leading & (shelf.company < 0))
    starts = ~inside[company]
    joins = reduced[followers] + np.where(starts, reduced[leader[company]], 0.0)
    loss = np.abs(np.concatenate([reduced[alone], total, joins]))
    sign = np.where(np.concatenate([choice[alone], inside, choice[followers]]), -1.0, 1.0)
    takes = np.empty((3, len(loss)))
    for taken, need in zip(takes, (shelf.size, shelf.fresh, meter.load), strict=True):
        members = np.where(reduced[followers] > 0, need[followers], 0.0)
        all_of = need[leader] + np.bincount(company, weights=members, minlength=len(leader))
        joining = need[followers] + np.where(starts, need[leader[company]], 0.0)
        taken[:] = sign * np.concatenate([need[alone], all_of, joining])
    keep = np.flatnonzero(loss < loss_limit)
    worth = np.abs(prices @ takes[:, keep])
    keep = keep[_least(loss[keep] / np.maximum(worth, _NO_WORTH), limit)]
    kind = np.concatenate([np.full(len(alone), FLIP), np.where(inside, DROP, TAKE), np.where(starts, START, FLIP)])
    what = np.concatenate([alone, np.arange(len(leader)), followers])
    group = np.concatenate([np.full(len(alone), -1), np.arange(len(leader)), company])
    found = Deviations(choice, np.zeros(0, np.int64), kind[keep], what[keep], loss[keep], takes[:, keep])
    return _grouped(found, group[keep], np.abs(prices @ takes[:, keep]))


def _least(value: Floats, limit: int) -> Ints:
    """Places of the `limit` least values; ties by place."""
    if len(value) <= limit:
        return np.arange(len(value))
    cut = np.partition(value, limit)[limit]
    least = np.flatnonzero(value <= cut)
    return least[np.argsort(value[least], kind="stable")[:limit]]


def _grouped(found: Deviations, group: Ints, worth: Floats) -> Deviations:
    """Put deviations that exclude each other together, those of most bytes (at their prices) first."""
    free = ~np.isin(group, group[found.kind != FLIP])
    group = np.where(free, group.max(initial=0) + 1 + np.cumsum(free), group)
    largest = np.zeros(int(group.max(initial=0)) + 1)
    np.maximum.at(largest, group, worth)
    order = np.lexsort((group, -largest[group]))
    start = np.append(np.flatnonzero(np.diff(group[order], prepend=-1)), len(group)).astype(np.int64)
    return Deviations(
        found.choice, start, found.kind[order], found.what[order], found.loss[order], found.takes[:, order]
    )


def _apply(shelf: Shelf, found: Deviations, deviation: int, reduced: Floats, hold: Bools) -> None:
    kind, what = int(found.kind[deviation]), int(found.what[deviation])
    if kind == FLIP:
        hold[what] = ~hold[what]
    elif kind == START:
        hold[[what, shelf.leader[shelf.company[what]]]] = True
    else:
        members = shelf.follower[shelf.followers[what] : shelf.followers[what + 1]]
        hold[members[reduced[members] > 0]] = kind == TAKE
        hold[shelf.leader[what]] = kind == TAKE


def _radius(found: Deviations) -> Floats:
    """[G, 3] bytes left beyond which states share the outermost cell: twice the largest still to come."""
    if not len(found.loss):
        return np.ones((0, 3))
    largest = np.maximum.reduceat(np.abs(found.takes), found.start[:-1], axis=1).T
    still = np.concatenate([largest[1:], largest[-1:]])
    return 2.0 * np.maximum.accumulate(still[::-1], axis=0)[::-1] + 1.0


def _axes(found: Deviations, prices: Floats) -> tuple[int, int, int]:
    """The two limits that the grid is laid over, by what deviations take of them; and the cells along the second."""
    stake = prices * np.abs(found.takes).max(axis=1, initial=0.0)
    second, first = (int(axis) for axis in np.argsort(stake, kind="stable")[1:])
    return first, second, 32 if stake[second] > 0.0 else 1


@kernel
def cell(left: float, radius: float, cells: int) -> int:
    """Cell of a value within -radius .. radius."""
    place = int(np.floor((left + radius) / (2.0 * radius) * cells))
    return min(max(place, 0), cells - 1)


@kernel
def lay_out(
    start: Ints,
    loss: Floats,
    takes: Floats,
    radius: Floats,
    spare: Floats,
    prices: Floats,
    over: float,
    first: int,
    second: int,
    down: int,
    board: Board,
) -> None:
    """Fill in `board.result`: [G] deviation taken per group, -1 for none; -2 if no state within the limits was found.

    The grid has `down` cells along the limit `second` and the others along `first`. Bytes over the serve limit lose
    `over` each; storage and fill must not be exceeded in the end.
    """
    groups, across = len(start) - 1, CELLS // down
    lost, left, score, came, took, now_left = board.lost, board.left, board.score, board.came, board.took, board.now
    lost[0, 0] = 0.0
    for r in range(3):  # copies as a whole take numba seconds to compile
        left[0, 0, r] = spare[r]
    for g in range(groups):
        now, then = g % 2, 1 - g % 2
        score[then] = np.inf
        for c in range(CELLS):
            if lost[g, c] == np.inf:
                continue
            for x in range(start[g] - 1, start[g + 1]):
                total = lost[g, c]
                for r in range(3):
                    now_left[r] = left[now, c, r]
                    if x >= start[g]:
                        now_left[r] -= takes[r, x]
                if x >= start[g]:
                    total += loss[x]
                to = cell(now_left[first], radius[g, first], across) * down
                to += cell(now_left[second], radius[g, second], down)
                grade = total + prices[0] * abs(now_left[0]) + prices[1] * abs(now_left[1])
                grade += prices[2] * now_left[2] if now_left[2] >= 0.0 else -over * now_left[2]
                if grade < score[then, to]:
                    score[then, to], lost[g + 1, to] = grade, total
                    for r in range(3):
                        left[then, to, r] = now_left[r]
                    came[g, to], took[g, to] = c, x if x >= start[g] else -1
    trace(groups, lost[groups], left[groups % 2], prices, over, board)


@kernel
def trace(groups: int, lost: Floats, left: Floats, prices: Floats, over: float, board: Board) -> None:
    """The way back from the best final state within storage and fill."""
    came, took, result = board.came, board.took, board.result
    best, at = np.inf, -1
    for c in range(CELLS):
        if lost[c] < np.inf and left[c, 0] >= 0.0 and left[c, 1] >= 0.0:
            total = lost[c] + prices[0] * left[c, 0] + prices[1] * left[c, 1]
            total += prices[2] * left[c, 2] if left[c, 2] >= 0.0 else -over * left[c, 2]
            if total < best:
                best, at = total, c
    result[:] = -1 if at >= 0 else -2
    for step in range(groups if at >= 0 else 0):
        g = groups - 1 - step
        result[g] = took[g, at]
        at = came[g, at]
