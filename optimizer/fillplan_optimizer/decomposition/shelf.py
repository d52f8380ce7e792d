"""One cache of a core by itself, as packing sees it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_optimizer.decomposition.core import Core, Index
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.problem import Bools, Floats, Ints


class Shelf(NamedTuple):
    """m entries of one node; a leader is a companion that others need, its followers are those others."""

    size: Floats
    """[m] bytes."""
    fresh: Floats
    """[m] bytes that holding the entry takes from tonight's fill: its size, or 0 if it is there."""
    demand: Floats
    """[m] bytes that the node serves if it alone holds the file."""
    pinned: Bools
    """[m]."""
    leader: Ints
    """[a] entries that lead."""
    company: Index
    """[m] number of the leader that an entry follows, -1 for none."""
    leading: Bools
    """[m] whether an entry leads."""
    follower: Ints
    """Entries that follow, by leader."""
    followers: Ints
    """[a + 1] where each leader's followers start."""
    storage: float
    """Bytes."""
    fill: float
    """Bytes."""
    cost: float
    """Fill cost per byte."""


def shelf_of(core: Core, node: int) -> Shelf:
    """A node's entries, counted from 0."""
    first, last = int(core.start[node]), int(core.start[node + 1])
    low, high = int(core.leaders[node]), int(core.leaders[node + 1])
    size = core.size[core.at[first:last]]
    company = core.unit[first:last]
    return Shelf(
        size=size,
        fresh=np.where(np.arange(first, last) >= core.fresh[node], size, 0.0),
        demand=core.demand[first:last],
        pinned=core.pinned[first:last],
        leader=core.leader[low:high] - first,
        company=np.where(company >= 0, company - low, -1).astype(np.int32),
        leading=core.leading[first:last],
        follower=core.follower[core.followers[low] : core.followers[high]] - first,
        followers=core.followers[low : high + 1] - core.followers[low],
        storage=float(core.storage[node]),
        fill=float(core.fill[node]),
        cost=float(core.cost[node]),
    )


def spare(shelf: Shelf, hold: Bools) -> Floats:
    """[2] storage and fill that a choice leaves."""
    return np.array([shelf.storage - shelf.size[hold].sum(), shelf.fill - shelf.fresh[hold].sum()])


@kernel
def admit(shelf: Shelf, order: Ints, gain: Floats, hold: Bools, left: Floats) -> None:
    """Hold entries in the given order where they fit; a follower brings its leader if both together gain.

    gain: [m] worth net of fill cost. left: [2] storage and fill left, changed in place.
    """
    for i in order:
        if hold[i]:
            continue
        size, fresh, value = shelf.size[i], shelf.fresh[i], gain[i]
        a = shelf.leader[shelf.company[i]] if shelf.company[i] >= 0 else -1
        brings = a >= 0 and not hold[a]
        if brings:
            size += shelf.size[a]
            fresh += shelf.fresh[a]
            value += gain[a]
        if value > 0.0 and size <= left[0] and fresh <= left[1]:
            hold[i] = True
            if brings:
                hold[a] = True
            left[0] -= size
            left[1] -= fresh


@kernel
def drop_idle_leaders(shelf: Shelf, gain: Floats, hold: Bools, left: Floats) -> None:
    """Let go of leaders, with their followers, that together lose worth."""
    for j in range(len(shelf.leader)):
        a = shelf.leader[j]
        if not hold[a]:
            continue
        members = shelf.follower[shelf.followers[j] : shelf.followers[j + 1]]
        total = gain[a]
        for i in members:
            if hold[i]:
                total += gain[i]
        if total < 0.0:
            release(shelf, a, hold, left)
            for i in members:
                if hold[i]:
                    release(shelf, i, hold, left)


@kernel
def release(shelf: Shelf, i: int, hold: Bools, left: Floats) -> None:
    """Stop holding an entry."""
    hold[i] = False
    left[0] += shelf.size[i]
    left[1] += shelf.fresh[i]
