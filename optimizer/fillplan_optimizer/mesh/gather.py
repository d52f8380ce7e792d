"""Bring scattered room together: exchanges that leave worth alone but move free units into one cache.

Where caches are alike and full but for crumbs, a file that would fit the sum of the crumbs fits nowhere. Exchanging a
file here for one over there that is smaller by exactly the room over there moves that room here.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.greedy import absent_companion
from fillplan_optimizer.mesh.network import FRESH, Flags, Mesh
from fillplan_optimizer.mesh.offers import Offers, enter, leave
from fillplan_optimizer.mesh.state import State, allowed, fixed, gain, gain_without

_ROUNDS = 4
"""Times that every other cache is asked for its room."""
_TRIES = 8
"""Caches tried per file, by falling worth of the file there; of equals those with most room."""


@kernel
def gather(mesh: Mesh, state: State, offers: Offers, work: int, halt: Flags) -> float:
    """Place files that pay but fit nowhere, where exchanges can make the room; returns what that adds.

    work: pairs of files looked at before it ends.
    """
    added = 0.0
    log = np.zeros((_ROUNDS * len(mesh.storage), 4), dtype=np.int64)
    refused = np.zeros(len(mesh.storage), dtype=np.bool_)
    room = (mesh.storage - state.used).sum()
    worth = np.zeros(len(mesh.size))
    for file in range(len(mesh.size)):
        if state.holders[file] == 0 and mesh.size[file] <= room and halt[0] == 0:
            worth[file] = _most_worth(mesh, state, file, refused)[1]
    for file in np.argsort(-worth):
        if worth[file] <= 0.0 or work < 0 or halt[0]:
            break
        if mesh.size[file] > room:
            continue
        refused[:] = False
        for _ in range(_TRIES):
            cache, most = _most_worth(mesh, state, file, refused)
            if cache < 0:
                break
            gained, cost = _make_room(mesh, state, offers, file, cache, most, log)
            work -= cost
            if gained > 0.0:
                added += gained
                room -= mesh.size[file]
                break
            refused[cache] = True
    return added


@kernel
def _most_worth(mesh: Mesh, state: State, file: int, refused: Bools) -> tuple[int, float]:
    """The cache not yet refused where a file adds most, of equals the one with most room; -1 if it adds nothing."""
    best, most, widest = -1, 0.0, np.int64(-1)
    for cache in range(len(mesh.storage)):
        if refused[cache] or not allowed(mesh, file, cache) or absent_companion(mesh, state, file, cache) >= 0:
            continue
        more = gain(mesh, state, file, cache)
        spare = mesh.storage[cache] - state.used[cache]
        if more > most or (best >= 0 and more == most and spare > widest):
            best, most, widest = cache, more, spare
    return best, most


@kernel
def _make_room(
    mesh: Mesh, state: State, offers: Offers, file: int, cache: int, gained: float, log: Ints
) -> tuple[float, int]:
    """Exchange until the file fits and place it, or put everything back; `gained` is what it would add.

    Returns what was added, and how many pairs were looked at.
    """
    steps, change, caches, work = 0, 0.0, len(mesh.storage), 0
    fill = mesh.size[file] if mesh.flag[cache, file] & FRESH else 0
    for turn in range(_ROUNDS * caches):
        short = state.used[cache] + mesh.size[file] - mesh.storage[cache]
        if short <= 0:
            break
        other = turn % caches
        spare = mesh.storage[other] - state.used[other]
        if other == cache or spare <= 0:
            continue
        work += state.amount[cache] * state.amount[other]
        mine, theirs, delta = _best_exchange(mesh, state, cache, other, min(spare, short), gained + change)
        if mine < 0:
            continue
        log[steps] = np.array([mine, theirs, cache, other])
        steps += 1
        change += delta
        _swap(mesh, state, offers, mine, theirs, cache, other)
    short = state.used[cache] + mesh.size[file] - mesh.storage[cache]
    if short <= 0 and state.filled[cache] + fill <= mesh.budget[cache] and gained + change > 0.0:
        enter(mesh, state, offers, file, cache)
        return gained + change, work
    for step in range(steps - 1, -1, -1):
        _swap(mesh, state, offers, log[step, 1], log[step, 0], log[step, 2], log[step, 3])
    return 0.0, work


@kernel
def _swap(mesh: Mesh, state: State, offers: Offers, mine: int, theirs: int, cache: int, other: int) -> None:
    """`mine` goes from `cache` to `other`, `theirs` the other way."""
    leave(mesh, state, offers, mine, cache)
    leave(mesh, state, offers, theirs, other)
    enter(mesh, state, offers, mine, other)
    enter(mesh, state, offers, theirs, cache)


@kernel
def _best_exchange(
    mesh: Mesh, state: State, cache: int, other: int, most_units: int, most_loss: float
) -> tuple[int, int, float]:
    """The exchange that moves most room from `other` to `cache`, at most `most_units` and losing less than
    `most_loss`; of equals the one that loses least. -1 if there is none.
    """
    best_mine, best_theirs, best_units, best_delta = -1, -1, 0, -most_loss
    for i in range(state.amount[cache]):
        mine = state.slot[cache, i]
        if state.place[other, mine] >= 0 or not allowed(mesh, mine, other) or fixed(mesh, state, mine, cache):
            continue
        if absent_companion(mesh, state, mine, other) >= 0:
            continue
        for j in range(state.amount[other]):
            theirs = state.slot[other, j]
            units = mesh.size[mine] - mesh.size[theirs]
            if units < best_units or units <= 0 or units > most_units:
                continue
            if state.place[cache, theirs] >= 0 or not allowed(mesh, theirs, cache):
                continue
            if fixed(mesh, state, theirs, other) or absent_companion(mesh, state, theirs, cache) >= 0:
                continue
            if mesh.companion[theirs] == mine or mesh.companion[mine] == theirs:
                continue
            if not _fill_allows(mesh, state, mine, theirs, cache, other):
                continue
            delta = gain_without(mesh, state, mine, other, cache) - state.keep[cache, i]
            delta += gain_without(mesh, state, theirs, cache, other) - state.keep[other, j]
            if (units > best_units and delta > -most_loss) or (units == best_units and delta > best_delta):
                best_mine, best_theirs, best_units, best_delta = mine, theirs, units, delta
                if units == most_units and delta >= 0.0:
                    return best_mine, best_theirs, best_delta
    return best_mine, best_theirs, best_delta


@kernel
def _fill_allows(mesh: Mesh, state: State, mine: int, theirs: int, cache: int, other: int) -> bool:
    here, there = state.filled[cache], state.filled[other]
    here -= mesh.size[mine] if mesh.flag[cache, mine] & FRESH else 0
    here += mesh.size[theirs] if mesh.flag[cache, theirs] & FRESH else 0
    there -= mesh.size[theirs] if mesh.flag[other, theirs] & FRESH else 0
    there += mesh.size[mine] if mesh.flag[other, mine] & FRESH else 0
    return here <= mesh.budget[cache] and there <= mesh.budget[other]
