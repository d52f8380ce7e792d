"""One cache of a core by itself, as packing sees it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.core import Core, Index
from fillplan_optimizer.decomposition.jit import kernel


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


class Meter(NamedTuple):
    """What a serve limit makes of a choice whose worth is net of the serve price."""

    load: Floats
    """[m] bytes that the node would serve of each entry."""
    limit: float
    """Bytes; 0 without a limit."""
    price: float
    """Serve price, lost on each byte of the limit that is left."""
    over: float
    """Worth, net of the serve price, lost on each byte over the limit."""


def unmetered(shelf: Shelf) -> Meter:
    """No serve limit."""
    return Meter(np.zeros(len(shelf.size)), 0.0, 0.0, 0.0)


@kernel
def meter_loss(meter: Meter, left: float) -> float:
    """What is lost when `left` bytes of the serve limit remain (below 0: are missing)."""
    return meter.price * left if left >= 0.0 else -meter.over * left


def spare(shelf: Shelf, meter: Meter, hold: Bools) -> Floats:
    """[3] storage, fill and serve limit that a choice leaves; only the last may be negative."""
    return np.array(
        [
            shelf.storage - shelf.size[hold].sum(),
            shelf.fill - shelf.fresh[hold].sum(),
            meter.limit - meter.load[hold].sum(),
        ]
    )


def net_gain(meter: Meter, gain: Floats, hold: Bools) -> float:
    """Worth of a choice net of fill cost, less what the serve limit takes."""
    return float(gain[hold].sum()) - meter_loss(meter, float(meter.limit - meter.load[hold].sum()))


@kernel
def admit(shelf: Shelf, meter: Meter, order: Ints, gain: Floats, hold: Bools, left: Floats) -> None:
    """Hold entries in the given order where they fit and gain; a follower brings its leader if both together gain.

    gain: [m] worth net of fill cost. left: [3] storage, fill and serve limit left, changed in place.
    """
    for i in order:
        if hold[i]:
            continue
        size, fresh, load, value = shelf.size[i], shelf.fresh[i], meter.load[i], gain[i]
        a = shelf.leader[shelf.company[i]] if shelf.company[i] >= 0 else -1
        brings = a >= 0 and not hold[a]
        if brings:
            size += shelf.size[a]
            fresh += shelf.fresh[a]
            load += meter.load[a]
            value += gain[a]
        value += meter_loss(meter, left[2]) - meter_loss(meter, left[2] - load)
        if value > 0.0 and size <= left[0] and fresh <= left[1]:
            hold[i] = True
            if brings:
                hold[a] = True
            left[0] -= size
            left[1] -= fresh
            left[2] -= load


@kernel
def drop_idle_leaders(shelf: Shelf, meter: Meter, gain: Floats, hold: Bools, left: Floats) -> None:
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
            release(shelf, meter, a, hold, left)
            for i in members:
                if hold[i]:
                    release(shelf, meter, i, hold, left)


@kernel
def release(shelf: Shelf, meter: Meter, i: int, hold: Bools, left: Floats) -> None:
    """Stop holding an entry."""
    hold[i] = False
    left[0] += shelf.size[i]
    left[1] += shelf.fresh[i]
    left[2] += meter.load[i]
