"""Packing by dynamic programming over the margin of a cache.

At a cache's own prices every choice has a loss: what it gives up against the best priced choice of its title. The
best whole-file packing deviates from the priced one only in choices of small loss, so the search takes the
cheapest deviations and lays them out over the storage and fill that they leave, largest files first; of the states
that fall into one cell of a grid over (storage left, fill left) the one of least loss lives on. Losses and bytes are
exact; only which states survive is rounded. Core problems: Balas and Zemel 1980; Pisinger 1995.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.decomposition.shelf import Shelf, spare
from fillplan_optimizer.problem import Bools, Floats, Ints

FLIP, DROP, TAKE, START = 0, 1, 2, 3
"""Kinds of deviation: flip an entry; drop or take a leader's whole company; start a company with one follower."""
CELLS = 1024
"""Cells of the grid; one line of them where only one of storage and fill has a price, else a square."""


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
    storage: Floats
    """Bytes of storage that the deviation takes (negative: sets free)."""
    fill: Floats


def priced_worth(shelf: Shelf, reduced: Floats) -> float:
    """Best worth of the shelf's files less the price of their bytes, companions kept."""
    gains = np.where(shelf.pinned, reduced, np.maximum(reduced, 0.0))
    following = shelf.company >= 0
    total = np.maximum(_company_worth(shelf, reduced), 0.0)
    return float(gains[~following & ~shelf.leading].sum() + total.sum())


def pack_margin(
    shelf: Shelf, reduced: Floats, prices: tuple[float, float], loss_limit: float, limit: int
) -> Bools | None:
    """[m] whole files near the priced choice; None if no state within the limits was found.

    reduced: [m] worth less the price of the bytes, companion prices left out. loss_limit: what the best known
    packing loses against the priced choice; costlier deviations cannot be part of a better one.
    """
    found = _deviations(shelf, reduced, prices, loss_limit, limit)
    left = spare(shelf, found.choice)
    taken = lay_out(found.start, found.loss, found.storage, found.fill, _radius(found), left, np.array(prices))
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
    shelf: Shelf, reduced: Floats, prices: tuple[float, float], loss_limit: float, limit: int
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
    taken = []
    for need in (shelf.size, shelf.fresh):
        members = np.where(reduced[followers] > 0, need[followers], 0.0)
        all_of = need[leader] + np.bincount(company, weights=members, minlength=len(leader))
        joining = need[followers] + np.where(starts, need[leader[company]], 0.0)
        taken.append(sign * np.concatenate([need[alone], all_of, joining]))
    keep = np.flatnonzero(loss < loss_limit)
    worth = np.abs(prices[0] * taken[0][keep] + prices[1] * taken[1][keep])
    keep = keep[_least(loss[keep] / np.maximum(worth, 1e-300), limit)]
    kind = [np.full(len(alone), FLIP), np.where(inside, DROP, TAKE), np.where(starts, START, FLIP)]
    what = np.concatenate([alone, np.arange(len(leader)), followers])[keep]
    group = np.concatenate([np.full(len(alone), -1), np.arange(len(leader)), company])[keep]
    return _grouped(choice, np.concatenate(kind)[keep], what, group, loss[keep], taken[0][keep], taken[1][keep], prices)


def _least(value: Floats, limit: int) -> Ints:
    """Places of the `limit` least values; ties by place."""
    if len(value) <= limit:
        return np.arange(len(value))
    cut = np.partition(value, limit)[limit]
    least = np.flatnonzero(value <= cut)
    return least[np.argsort(value[least], kind="stable")[:limit]]


def _grouped(
    choice: Bools,
    kind: Ints,
    what: Ints,
    group: Ints,
    loss: Floats,
    storage: Floats,
    fill: Floats,
    prices: tuple[float, float],
) -> Deviations:
    """Groups of deviations that exclude each other, those of most bytes (at their prices) first."""
    free = ~np.isin(group, group[kind != FLIP])
    group = np.where(free, group.max(initial=0) + 1 + np.cumsum(free), group)
    largest = np.zeros(int(group.max(initial=0)) + 1)
    np.maximum.at(largest, group, np.abs(prices[0] * storage + prices[1] * fill))
    order = np.lexsort((group, -largest[group]))
    start = np.append(np.flatnonzero(np.diff(group[order], prepend=-1)), len(group)).astype(np.int64)
    return Deviations(choice, start, kind[order], what[order], loss[order], storage[order], fill[order])


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
    """[G, 2] storage and fill left beyond which states share the outermost cell: twice the largest to come."""
    still = np.zeros((len(found.start) - 1, 2))
    for column, need in enumerate((found.storage, found.fill)):
        largest = np.maximum.reduceat(np.abs(need), found.start[:-1]) if len(need) else np.zeros(0)
        still[:, column] = np.append(largest[1:], largest[-1:])
    return 2.0 * np.maximum.accumulate(still[::-1], axis=0)[::-1] + 1.0


@kernel
def cell(left: float, radius: float, cells: int) -> int:
    """Cell of a value within -radius .. radius."""
    place = int(np.floor((left + radius) / (2.0 * radius) * cells))
    return min(max(place, 0), cells - 1)


@kernel
def lay_out(
    start: Ints, loss: Floats, storage: Floats, fill: Floats, radius: Floats, spare: Floats, prices: Floats
) -> Ints:
    """[G] deviation taken per group, -1 for none; [-2] if no state within the limits was found."""
    groups = len(start) - 1
    across = CELLS if prices[1] <= 0.0 else (1 if prices[0] <= 0.0 else 32)
    down = CELLS // across
    lost = np.full((groups + 1, CELLS), np.inf)
    left, score = np.empty((2, CELLS, 2)), np.empty((2, CELLS))
    came, took = np.empty((groups, CELLS), np.int32), np.empty((groups, CELLS), np.int32)
    lost[0, 0] = 0.0
    left[0, 0, 0], left[0, 0, 1] = spare[0], spare[1]
    for g in range(groups):
        now, then = g % 2, 1 - g % 2
        score[then] = np.inf
        for c in range(CELLS):
            if lost[g, c] == np.inf:
                continue
            for x in range(start[g] - 1, start[g + 1]):
                taken = x if x >= start[g] else -1
                total, s, b = lost[g, c], left[now, c, 0], left[now, c, 1]
                if taken >= 0:
                    total, s, b = total + loss[x], s - storage[x], b - fill[x]
                to = cell(s, radius[g, 0], across) * down + cell(b, radius[g, 1], down)
                grade = total + prices[0] * abs(s) + prices[1] * abs(b)
                if grade < score[then, to]:
                    score[then, to] = grade
                    lost[g + 1, to] = total
                    left[then, to, 0], left[then, to, 1] = s, b
                    came[g, to], took[g, to] = c, taken
    best, at = np.inf, -1
    for c in range(CELLS):
        s, b = left[groups % 2, c, 0], left[groups % 2, c, 1]
        if lost[groups, c] < np.inf and s >= 0.0 and b >= 0.0:
            total = lost[groups, c] + prices[0] * s + prices[1] * b
            if total < best:
                best, at = total, c
    result = np.full(max(1, groups), -1 if at >= 0 else -2)
    if at >= 0:
        for g in range(groups - 1, -1, -1):
            result[g] = took[g, at]
            at = came[g, at]
    return result
