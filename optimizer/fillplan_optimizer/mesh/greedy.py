"""Lazy greedy: the copy of highest worth per byte next, as long as anything fits.

What a copy adds only falls as others are added, so that a stale density at the top of a heap need only be
renewed (Minoux, Accelerated greedy algorithms for maximizing submodular set functions, 1978).
"""

from __future__ import annotations

import heapq

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.clock import GO_ON
from fillplan_optimizer.mesh.copies import with_companions
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Flags, Index, Mesh
from fillplan_optimizer.mesh.state import State, add, allowed, empty, gain, gains


def greedy(mesh: Mesh, halt: Flags = GO_ON) -> State:
    """A full network from nothing but the pins; less than full if it was halted."""
    state = pinned(mesh)
    fill_up(mesh, state, halt)
    return state


def pinned(mesh: Mesh) -> State:
    """What must be held and nothing else."""
    state = empty(mesh)
    for cache, flags in enumerate(mesh.flag):
        for file in np.flatnonzero(flags & FORCED):
            add(mesh, state, int(file), cache)
    return state


def fill_up(mesh: Mesh, state: State, halt: Flags = GO_ON, chosen: Bools | None = None) -> None:
    """Add what still fits and pays, densest first; where given, only of the chosen copies [C, F] and companions."""
    density, cache, file = offers(mesh, state, halt, chosen)
    order = np.argsort(-density, kind="stable")
    _fill(mesh, state, density[order], cache[order], file[order], halt)


def offers(mesh: Mesh, state: State, halt: Flags = GO_ON, chosen: Bools | None = None) -> tuple[Floats, Index, Index]:
    """All (chosen) copies that add something and fit now: density, cache, file."""
    chosen = np.ones_like(mesh.flag, dtype=np.bool_) if chosen is None else with_companions(mesh, chosen)
    parts = [_offers(mesh, state, cache, chosen[cache]) for cache in range(len(mesh.storage)) if not halt[0]]
    none: Index = np.zeros(0, dtype=np.int32)
    caches = [np.full(len(file), cache, dtype=np.int32) for cache, (_, file) in enumerate(parts)]
    density = np.concatenate([np.zeros(0), *(density for density, _ in parts)])
    return density, np.concatenate([none, *caches]), np.concatenate([none, *(file for _, file in parts)])


def _offers(mesh: Mesh, state: State, cache: int, chosen: Bools) -> tuple[Floats, Index]:
    density = _densities(mesh, state, cache, chosen)
    file = np.flatnonzero(density > 0)
    return density[file], file.astype(np.int32)


@kernel
def _densities(mesh: Mesh, state: State, cache: int, chosen: Bools) -> Floats:
    added, size, flag, companion = gains(mesh, state, cache, chosen), mesh.size, mesh.flag[cache], mesh.companion
    place, fresh_room = state.place[cache], mesh.budget[cache] - state.filled[cache]
    room = mesh.storage[cache] - state.used[cache]
    density = np.zeros(len(size))
    for file in range(len(size)):
        if not chosen[file] or not flag[file] & ALLOWED or place[file] >= 0 or size[file] > room:
            continue
        worth, units = added[file], size[file]
        fresh = size[file] if flag[file] & FRESH else 0
        audio = companion[file]
        if audio >= 0 and flag[audio] & ALLOWED and place[audio] < 0:
            worth, units = worth + added[audio], units + size[audio]
            fresh += size[audio] if flag[audio] & FRESH else 0
        if units <= room and fresh <= fresh_room:
            density[file] = worth / units
    return density


@inlined
def absent_companion(mesh: Mesh, state: State, file: int, cache: int) -> int:
    """The companion that must come along, -1 if there is none or it is there."""
    companion = mesh.companion[file]
    if companion < 0 or not allowed(mesh, companion, cache) or state.place[cache, companion] >= 0:
        return -1
    return companion


@inlined
def bundle_gain(mesh: Mesh, state: State, file: int, cache: int) -> float:
    """What a file and its absent companion would add together."""
    companion = absent_companion(mesh, state, file, cache)
    worth = gain(mesh, state, file, cache)
    return worth if companion < 0 else worth + gain(mesh, state, companion, cache)


@inlined
def bundle_size(mesh: Mesh, state: State, file: int, cache: int) -> int:
    """Units of a file and its absent companion."""
    companion = absent_companion(mesh, state, file, cache)
    return mesh.size[file] if companion < 0 else mesh.size[file] + mesh.size[companion]


@inlined
def bundle_fill(mesh: Mesh, state: State, file: int, cache: int) -> int:
    """Units of a file and its absent companion that are not there yet."""
    companion = absent_companion(mesh, state, file, cache)
    units = mesh.size[file] if mesh.flag[cache, file] & FRESH else 0
    if companion >= 0 and mesh.flag[cache, companion] & FRESH:
        units += mesh.size[companion]
    return units


@kernel
def add_bundle(mesh: Mesh, state: State, file: int, cache: int) -> None:
    """Hold a file and its absent companion."""
    companion = absent_companion(mesh, state, file, cache)
    if companion >= 0:
        add(mesh, state, companion, cache)
    add(mesh, state, file, cache)


@kernel
def _fill(mesh: Mesh, state: State, density: Floats, cache: Index, file: Index, halt: Flags) -> None:
    """Offers by falling density; those that went stale wait in a heap."""
    waiting = [(0.0, 0)]
    waiting.pop()
    size, companion, storage = mesh.size, mesh.companion, mesh.storage
    place, used, stamp = state.place, state.used, state.stamp
    known = density.copy()
    seen = np.zeros(len(density), dtype=np.int64)
    for i in range(len(density)):
        seen[i] = stamp[file[i]]
    fresh = 0
    while (fresh < len(density) or len(waiting) > 0) and halt[0] == 0:
        if fresh < len(density) and (len(waiting) == 0 or density[fresh] >= -waiting[0][0]):
            i = fresh
            fresh += 1
        else:
            i = heapq.heappop(waiting)[1]
        c, f = cache[i], file[i]
        if used[c] + size[f] > storage[c] or place[c, f] >= 0:
            continue
        units = size[f] if companion[f] < 0 else bundle_size(mesh, state, f, c)
        if used[c] + units > storage[c]:
            continue
        if state.filled[c] + bundle_fill(mesh, state, f, c) > mesh.budget[c]:
            continue
        if seen[i] != stamp[f]:
            now = bundle_gain(mesh, state, f, c) / units
            seen[i] = stamp[f]
            if now < known[i]:
                known[i] = now
                if now > 0.0:
                    heapq.heappush(waiting, (-now, i))
                continue
        add_bundle(mesh, state, f, c)
