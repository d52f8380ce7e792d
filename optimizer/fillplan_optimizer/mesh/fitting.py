"""The most valuable files that fit a cache: a knapsack with whole files, solved exactly where that is quick.

Most files are settled by the linear knapsack: leaving out one that is far denser than the last that fits, or taking one
that is far less dense, loses more than the linear knapsack promises over a choice in hand (Dembo, Hammer, A reduction
algorithm for knapsack problems, 1980). The few others are searched through depth first (Horowitz, Sahni, Computing
partitions with applications to the knapsack problem, 1974), and where many are alike by a dynamic program over room.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, Flags

_MOST_NODES = 2_000
"""Of the search in depth, before the dynamic program takes over."""
_MOST_CELLS = 4_000_000
"""Of the dynamic program's table; where it would be larger, the best that the search has found stands."""
_PROGRESS = 1e-12
"""Relative gain of a choice under which the search does not look for it."""


@kernel
def best_files(worth: Floats, size: Ints, flag: Flags, storage: int, held: Bools) -> Bools:
    """[F] the most valuable files that fit, forced ones among them; `held` are a choice in hand."""
    chosen = np.zeros(len(size), dtype=np.bool_)
    room = storage
    for file in np.flatnonzero(flag & FORCED):
        chosen[file] = True
        room -= size[file]
    forced = worth[chosen].sum()
    files = np.flatnonzero((flag & ALLOWED > 0) & (flag & FORCED == 0) & (worth > 0.0) & (size <= room))
    files = files[np.argsort(-worth[files] / size[files], kind="mergesort")]
    last, left, bound = len(files), room, 0.0
    for k in range(len(files)):
        units = size[files[k]]
        if units > left:
            last = k
            break
        left -= units
        bound += worth[files[k]]
    chosen[files[:last]] = True
    if last == len(files):
        return chosen
    price = worth[files[last]] / size[files[last]]
    bound += price * left
    full = _pack_rest(worth, size, files[last:], left, chosen) - forced
    in_hand = max(full, worth[held].sum() - forced)
    loose = np.abs(worth[files] - price * size[files]) <= bound - in_hand
    return _exact_rest(worth, size, files, last, loose, room, chosen, in_hand + forced, held)


@kernel
def _pack_rest(worth: Floats, size: Ints, files: Ints, left: int, chosen: Bools) -> float:
    """Also choose of `files`, the densest first, whatever still fits; returns the worth of all chosen."""
    for file in files:
        if size[file] <= left:
            chosen[file] = True
            left -= size[file]
    return worth[chosen].sum()


@kernel
def _exact_rest(
    worth: Floats,
    size: Ints,
    files: Ints,
    last: int,
    loose: Bools,
    room: int,
    packed: Bools,
    in_hand: float,
    held: Bools,
) -> Bools:
    """The settled files and the best choice of the loose ones; what is in hand if that is no better."""
    chosen = packed.copy()
    chosen[files] = False
    for k in range(last):
        if not loose[k]:
            chosen[files[k]] = True
            room -= size[files[k]]
    core = files[loose]
    target = in_hand - worth[chosen].sum()
    taken, finished = _by_search(worth[core], size[core], room, target + _PROGRESS * abs(in_hand))
    if not finished and len(core) * (room + 1) <= _MOST_CELLS:
        taken = _by_room(worth[core], size[core], room)
    chosen[core] = taken
    if worth[chosen].sum() > in_hand:
        return chosen
    return packed if worth[packed].sum() >= worth[held].sum() else held


@kernel
def _by_search(worth: Floats, size: Ints, room: int, target: float) -> tuple[Bools, bool]:
    """The best choice worth over `target`, none if there is none, of files by falling density; whether all was seen."""
    many, k, value, left = len(worth), 0, 0.0, room
    best, now = np.zeros(many, dtype=np.bool_), np.zeros(many, dtype=np.bool_)
    for _ in range(_MOST_NODES):
        most, spare, stop = value, left, k
        while stop < many and size[stop] <= spare:
            most += worth[stop]
            spare -= size[stop]
            stop += 1
        full = most
        if stop < many:
            most += spare * worth[stop] / size[stop]
        if most > target:
            now[k:stop] = True
            value, left, k = full, spare, stop + 1
            if k < many:
                continue
            if value > target:
                target = value
                best[:] = now
        k = min(k, many) - 1
        while k >= 0 and not now[k]:
            k -= 1
        if k < 0:
            return best, True
        now[k] = False
        value -= worth[k]
        left += size[k]
        k += 1
    return best, False


@kernel
def _by_room(worth: Floats, size: Ints, room: int) -> Bools:
    """The best choice, by a table of what every amount of room is worth."""
    best, chosen = np.zeros(room + 1), np.zeros(len(worth), dtype=np.bool_)
    takes = np.zeros((len(worth), room + 1), dtype=np.bool_)
    for k in range(len(worth)):
        units, value, take = size[k], worth[k], takes[k]
        for units_left in range(room, units - 1, -1):
            with_it = best[units_left - units] + value
            if with_it > best[units_left]:
                best[units_left] = with_it
                take[units_left] = True
    for k in range(len(worth) - 1, -1, -1):
        if takes[k, room]:
            chosen[k] = True
            room -= size[k]
    return chosen
