"""Cache by cache: given what all others hold, the best a cache can hold is a knapsack (see module `fitting`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.fitting import best_files
from fillplan_optimizer.mesh.network import ALLOWED, FRESH, Flags, Index, Mesh
from fillplan_optimizer.mesh.state import State, hold_instead, total

_BETTER = 1e-9
"""Relative gain of a cache under which its files stay."""


_ROUNDS, _LEAST_GAIN = 8, 1e-6
"""Times that every cache has its turn at most; and the relative gain of a round under which there is no other."""


def settled(mesh: Mesh, state: State, halt: Flags, lists: Listed | None = None) -> State:
    """The state changed in place until turns of all caches add next to nothing."""
    lists = listed(mesh.flag & ALLOWED != 0) if lists is None else lists
    for _ in range(_ROUNDS):
        if take_turns(mesh, state, lists, np.arange(len(mesh.storage)), halt) <= _LEAST_GAIN * abs(total(mesh, state)):
            break
    return state


class Listed(NamedTuple):
    """Files that each cache considers besides those that it holds."""

    start: Ints
    """[C + 1] cache c considers file[start[c]:start[c + 1]]."""
    file: Index


def listed(chosen: Bools) -> Listed:
    """The list of chosen copies [C, F]."""
    cache, file = np.nonzero(chosen)
    return Listed(np.searchsorted(cache, np.arange(len(chosen) + 1)), file.astype(np.int32))


def plain(mesh: Mesh) -> bool:
    """Whether every cache is a plain knapsack: no companions, and windows that let in whatever fits."""
    return not (mesh.companion >= 0).any() and bool((mesh.budget >= mesh.storage).all())


@kernel
def take_turns(mesh: Mesh, state: State, lists: Listed, caches: Ints, halt: Flags) -> float:
    """Let each of these caches hold the best it can, one after the other; returns what that adds.

    Caches whose fill window or companions bind are left as they are: theirs is no plain knapsack.
    """
    added = 0.0
    for cache in caches:
        if halt[0]:
            break
        if state.needed.shape[1] == 1 and mesh.budget[cache] >= mesh.storage[cache]:
            added += take_turn(mesh, state, lists, cache)
    return added


@kernel
def take_turn(mesh: Mesh, state: State, lists: Listed, cache: int) -> float:
    """Let a cache hold the best it can, given what the others hold; returns what that adds."""
    files = considered(state, lists, cache)
    worth = worth_alone(mesh, state, cache, files)
    held = np.zeros(len(files), dtype=np.bool_)
    for k in range(len(files)):
        held[k] = state.place[cache, files[k]] >= 0
    chosen = best_files(worth, mesh.size[files], mesh.flag[cache][files], mesh.storage[cache], held)
    gained = worth[chosen].sum() - worth[held].sum()
    if gained <= _BETTER * abs(worth[held].sum()):
        return 0.0
    hold_instead(mesh, state, cache, files[chosen])
    return gained


@kernel
def considered(state: State, lists: Listed, cache: int) -> Ints:
    """Files of the list that the cache does not hold, then those that it does."""
    first, last, count = lists.start[cache], lists.start[cache + 1], 0
    files = np.empty(last - first + state.amount[cache], dtype=np.int64)
    for k in range(first, last):
        if state.place[cache, lists.file[k]] < 0:
            files[count] = lists.file[k]
            count += 1
    for slot in range(state.amount[cache]):
        files[count] = state.slot[cache, slot]
        count += 1
    return files[:count]


@kernel
def worth_alone(mesh: Mesh, state: State, cache: int, files: Ints) -> Floats:
    """What each of these files at a cache adds to what the other caches hold, fill costs taken off."""
    start, point, weight = mesh.start, mesh.point, mesh.weight
    best, second, server = state.best, state.second, state.server
    worth, flag, size, cost = mesh.worth[cache], mesh.flag[cache], mesh.size, mesh.cost[cache]
    added = np.zeros(len(files))
    for k in range(len(files)):
        file, total = files[k], 0.0
        for row in range(start[file], start[file + 1]):
            others = second[row] if server[row] == cache else best[row]
            total += weight[row] * max(0.0, worth[point[row]] - others)
        added[k] = total - cost * size[file] if flag[file] & FRESH else total
    return added
