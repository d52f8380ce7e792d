"""What is held while a search runs, with the worth of every change at hand.

Per demand row: the best and the second best worth among the holders. Per held copy: what dropping it
would lose. Adding a copy costs one pass over the file's rows; so does knowing what it would add.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Index, Mesh
from fillplan_optimizer.problem import FilesPerCache


class State(NamedTuple):
    """Changed in place by the kernels."""

    slot: Index
    """[C, K] files held, the first amount[c] of each row."""
    amount: Ints
    """[C]."""
    keep: Floats
    """[C, K] aligned with `slot`: worth lost by dropping that copy alone, its fill cost taken off."""
    place: Index
    """[C, F] slot of a file, -1 if it is not held."""
    holder: Index
    """[F, C] caches that hold a file, the first holders[f] of each row."""
    holders: Ints
    """[F]."""
    best: Floats
    """[N] worth per byte of the best holder, 0 without one."""
    second: Floats
    """[N] worth per byte of the next."""
    server: Index
    """[N] the best holder, -1 without one."""
    used: Ints
    """[C] units held."""
    filled: Ints
    """[C] units held that are not there yet."""
    needed: Index
    """[C, F] how many held files need this one as companion; [1, 1] in a problem without companions."""
    stamp: Ints
    """[F] number of changes to the file's holders so far."""


def empty(mesh: Mesh) -> State:
    """Nothing held."""
    caches, files = mesh.flag.shape
    rows = len(mesh.weight)
    smallest = np.cumsum(np.sort(mesh.size))
    slots = max(1, int(np.searchsorted(smallest, mesh.storage.max(initial=0), side="right")))
    tied = (mesh.companion >= 0).any()
    return State(
        slot=np.full((caches, slots), -1, dtype=np.int32),
        amount=np.zeros(caches, dtype=np.int64),
        keep=np.zeros((caches, slots)),
        place=np.full((caches, files), -1, dtype=np.int32),
        holder=np.full((files, caches), -1, dtype=np.int32),
        holders=np.zeros(files, dtype=np.int64),
        best=np.zeros(rows),
        second=np.zeros(rows),
        server=np.full(rows, -1, dtype=np.int32),
        used=np.zeros(caches, dtype=np.int64),
        filled=np.zeros(caches, dtype=np.int64),
        needed=np.zeros((caches, files) if tied else (1, 1), dtype=np.int32),
        stamp=np.zeros(files, dtype=np.int64),
    )


def load(mesh: Mesh, files: FilesPerCache) -> State:
    """The state that holds exactly these files."""
    state = empty(mesh)
    for cache, held in enumerate(files):
        hold_instead(mesh, state, cache, held)
    return state


def held_files(state: State) -> FilesPerCache:
    """Sorted files per cache."""
    return tuple(np.sort(row[:count]).astype(np.int64) for row, count in zip(state.slot, state.amount, strict=True))


@kernel
def total(mesh: Mesh, state: State) -> float:
    """Worth of all rows at their best holders, less the cost of what is new."""
    worth = 0.0
    for row in range(len(mesh.weight)):
        worth += mesh.weight[row] * state.best[row]
    for cache in range(len(state.amount)):
        worth -= mesh.cost[cache] * state.filled[cache]
    return worth


@inlined
def entry_cost(mesh: Mesh, file: int, cache: int) -> float:
    """Fill cost of a new copy, 0 if the cache has the file now."""
    return mesh.cost[cache] * mesh.size[file] if mesh.flag[cache, file] & FRESH else 0.0


@inlined
def gain(mesh: Mesh, state: State, file: int, cache: int) -> float:
    """What a copy that is not held would add, its fill cost taken off."""
    worth, point, weight, best = mesh.worth, mesh.point, mesh.weight, state.best
    added = 0.0
    for row in range(mesh.start[file], mesh.start[file + 1]):
        added += weight[row] * max(0.0, worth[cache, point[row]] - best[row])
    return added - entry_cost(mesh, file, cache)


@kernel
def gains(mesh: Mesh, state: State, cache: int, chosen: Bools) -> Floats:
    """[F] what a copy of each chosen file would add at a cache that holds none of them, fill costs taken off."""
    start, point, weight, best = mesh.start, mesh.point, mesh.weight, state.best
    worth, flag, size, cost = mesh.worth[cache], mesh.flag[cache], mesh.size, mesh.cost[cache]
    added = np.zeros(len(size))
    for file in range(len(size)):
        if not chosen[file]:
            continue
        total = 0.0
        for row in range(start[file], start[file + 1]):
            total += weight[row] * max(0.0, worth[point[row]] - best[row])
        added[file] = total - cost * size[file] if flag[file] & FRESH else total
    return added


@inlined
def gain_without(mesh: Mesh, state: State, file: int, cache: int, left: int) -> float:
    """What a copy at `cache` would add if the one at `left` were dropped."""
    worth = mesh.worth[cache]
    added = -entry_cost(mesh, file, cache)
    for row in range(mesh.start[file], mesh.start[file + 1]):
        stays = state.second[row] if state.server[row] == left else state.best[row]
        more = worth[mesh.point[row]] - stays
        if more > 0.0:
            added += mesh.weight[row] * more
    return added


@inlined
def refresh(mesh: Mesh, state: State, file: int) -> None:
    """Work out anew what dropping each copy of a file would lose."""
    for k in range(state.holders[file]):
        cache = state.holder[file, k]
        state.keep[cache, state.place[cache, file]] = -entry_cost(mesh, file, cache)
    for row in range(mesh.start[file], mesh.start[file + 1]):
        cache = state.server[row]
        if cache >= 0:
            lost = mesh.weight[row] * (state.best[row] - state.second[row])
            state.keep[cache, state.place[cache, file]] += lost
    state.stamp[file] += 1


@inlined
def add(mesh: Mesh, state: State, file: int, cache: int) -> None:
    """Hold a file that the cache does not hold; limits are the caller's business."""
    slot = state.amount[cache]
    state.slot[cache, slot] = file
    state.place[cache, file] = slot
    state.amount[cache] += 1
    state.holder[file, state.holders[file]] = cache
    state.holders[file] += 1
    state.used[cache] += mesh.size[file]
    if mesh.flag[cache, file] & FRESH:
        state.filled[cache] += mesh.size[file]
    companion = mesh.companion[file]
    if companion >= 0:
        state.needed[cache, companion] += 1
    for row in range(mesh.start[file], mesh.start[file + 1]):
        worth = mesh.worth[cache, mesh.point[row]]
        if worth > state.best[row]:
            state.second[row] = state.best[row]
            state.best[row] = worth
            state.server[row] = cache
        elif worth > state.second[row]:
            state.second[row] = worth
    refresh(mesh, state, file)


@inlined
def drop(mesh: Mesh, state: State, file: int, cache: int) -> None:
    """No longer hold a file that the cache holds; rules are the caller's business."""
    slot, last = state.place[cache, file], state.amount[cache] - 1
    moved = state.slot[cache, last]
    state.slot[cache, slot] = moved
    state.keep[cache, slot] = state.keep[cache, last]
    state.place[cache, moved] = slot
    state.place[cache, file] = -1
    state.amount[cache] = last
    k = 0
    while state.holder[file, k] != cache:
        k += 1
    state.holders[file] -= 1
    state.holder[file, k] = state.holder[file, state.holders[file]]
    state.used[cache] -= mesh.size[file]
    if mesh.flag[cache, file] & FRESH:
        state.filled[cache] -= mesh.size[file]
    companion = mesh.companion[file]
    if companion >= 0:
        state.needed[cache, companion] -= 1
    for row in range(mesh.start[file], mesh.start[file + 1]):
        worth = mesh.worth[cache, mesh.point[row]]
        if worth > 0.0 and worth >= state.second[row]:
            _rank_holders(mesh, state, file, row)
    refresh(mesh, state, file)


@inlined
def _rank_holders(mesh: Mesh, state: State, file: int, row: int) -> None:
    best, second, server = 0.0, 0.0, -1
    for k in range(state.holders[file]):
        cache = state.holder[file, k]
        worth = mesh.worth[cache, mesh.point[row]]
        if worth > best:
            second, best, server = best, worth, cache
        elif worth > second:
            second = worth
    state.best[row], state.second[row], state.server[row] = best, second, server


@inlined
def fixed(mesh: Mesh, state: State, file: int, cache: int) -> bool:
    """Whether a held copy must stay: forced, or the companion of something held."""
    if mesh.flag[cache, file] & FORCED:
        return True
    return state.needed.shape[1] > 1 and state.needed[cache, file] > 0


@inlined
def allowed(mesh: Mesh, file: int, cache: int) -> bool:
    """Whether a cache may hold a file."""
    return mesh.flag[cache, file] & ALLOWED != 0


@kernel
def hold_instead(mesh: Mesh, state: State, cache: int, files: Ints) -> None:
    """Let a cache hold exactly these files; limits and rules are the caller's business."""
    wanted = np.zeros(len(mesh.size), dtype=np.bool_)
    wanted[files] = True
    for slot in range(state.amount[cache] - 1, -1, -1):
        file = state.slot[cache, slot]
        if not wanted[file]:
            drop(mesh, state, file, cache)
    for file in files:
        if state.place[cache, file] < 0:
            add(mesh, state, file, cache)
