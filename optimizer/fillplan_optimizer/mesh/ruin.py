"""Ruin and recreate: a few caches that share clients lose part of their files, then take turns to fill up again.

Exact turns make a good recreation of any ruin in well under a millisecond, so that a core tries thousands a second;
what is worse than before is undone, at first with some tolerance (Schrimpf et al., Record breaking optimization
results using the ruin and recreate principle, Journal of Computational Physics 159, 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.draw import draw, generator
from fillplan_optimizer.mesh.network import FORCED, Flags, Mesh
from fillplan_optimizer.mesh.state import State, drop, hold_instead, load, total
from fillplan_optimizer.mesh.turns import Listed, take_turn
from fillplan_optimizer.problem import FilesPerCache, Ints

_MOST_CACHES = 4
"""Caches ruined together; between two and so many."""
_LOST = 0.3
"""Chance of every file there to be dropped."""
_ROUNDS = 3
"""Turns of each of them at most."""
_WALK = 0.3
"""Chance to go on from the clients of another file, so that caches without common clients meet too."""
_CHAINS = 2
"""Searches side by side, on any number of cores; at the end of each slice the better one goes on in both."""
_SLICES = 60


def recreate(
    mesh: Mesh,
    files: FilesPerCache,
    lists: Listed,
    heat: tuple[float, float],
    tries: int,
    seed: int,
    clock: Clock,
    note: Callable[[State], None],
) -> None:
    """Better a holding by so many tries, or until the clock is over; `note` sees the best of every slice.

    heat: losses tolerated at first and in the end; they fall with the tries or with the time, whichever is faster.
    """
    states = [load(mesh, files) for _ in range(_CHAINS)]
    generators = [generator(seed, chain) for chain in range(_CHAINS)]
    whole = clock.left_seconds
    with ThreadPoolExecutor(_CHAINS) as pool:
        for slice_ in range(_SLICES):
            if clock.over:
                return
            spent = slice_ / _SLICES if np.isinf(whole) else max(slice_ / _SLICES, 1.0 - clock.left_seconds / whole)
            warmth = heat[0] * (heat[1] / heat[0]) ** spent
            part = clock.share(1.0 / max(1.0, _SLICES * (1.0 - spent)))
            many = -(-tries // (_SLICES * _CHAINS))
            with part.watched() as halt:
                jobs = [
                    pool.submit(ruin, mesh, state, lists, warmth, many, rng, halt)
                    for state, rng in zip(states, generators, strict=True)
                ]
                for job in jobs:
                    job.result()
            best = max(states, key=lambda state: float(total(mesh, state)))
            note(best)
            for state in states:
                _become(state, best)


def _become(state: State, other: State) -> None:
    if state is not other:
        pairs: Iterable[tuple[Any, Any]] = zip(state, other, strict=True)
        for mine, theirs in pairs:
            mine[...] = theirs


@kernel
def ruin(mesh: Mesh, state: State, lists: Listed, warmth: float, tries: int, rng: Ints, halt: Flags) -> float:
    """Try so often to better a few caches; returns the change of the worth."""
    picked, order = np.zeros(_MOST_CACHES, dtype=np.int64), np.zeros(_MOST_CACHES, dtype=np.int64)
    old = np.zeros((_MOST_CACHES, state.slot.shape[1]), dtype=np.int64)
    amount = np.zeros(_MOST_CACHES, dtype=np.int64)
    added = 0.0
    for _ in range(tries):
        if halt[0]:
            break
        many = _pick(mesh, state, picked, rng)
        for k in range(many):
            cache = picked[k]
            amount[k] = state.amount[cache]
            old[k, : amount[k]] = state.slot[cache, : amount[k]]
        change = 0.0
        for k in range(many):
            change += _strip(mesh, state, picked[k], old[k, : amount[k]], rng)
        change += _rebuild(mesh, state, lists, picked, order, many, rng)
        if change >= warmth * math.log(draw(rng) + 1e-300):
            added += change
            continue
        for k in range(many):
            hold_instead(mesh, state, picked[k], old[k, : amount[k]])
    return added


@kernel
def _pick(mesh: Mesh, state: State, picked: Ints, rng: Ints) -> int:
    """Caches near the clients of a random row, sometimes also near those of a file held there; returns how many."""
    point = mesh.point[int(draw(rng) * len(mesh.point))]
    wanted, many = 2 + int(draw(rng) * (len(picked) - 1)), 0
    for _ in range(4 * wanted):
        links = mesh.link[point + 1] - mesh.link[point]
        if many == wanted or links == 0:
            break
        cache = mesh.linked[mesh.link[point] + int(draw(rng) * links)]
        if not (picked[:many] == cache).any():
            picked[many] = cache
            many += 1
        if draw(rng) < _WALK and state.amount[cache] > 0:
            file = state.slot[cache, int(draw(rng) * state.amount[cache])]
            rows = mesh.start[file + 1] - mesh.start[file]
            if rows > 0:
                point = mesh.point[mesh.start[file] + int(draw(rng) * rows)]
    return many


@kernel
def _strip(mesh: Mesh, state: State, cache: int, held: Ints, rng: Ints) -> float:
    """Drop files at random; returns the change."""
    change = 0.0
    for file in held:
        if draw(rng) < _LOST and not mesh.flag[cache, file] & FORCED:
            change -= state.keep[cache, state.place[cache, file]]
            drop(mesh, state, file, cache)
    return change


@kernel
def _rebuild(mesh: Mesh, state: State, lists: Listed, picked: Ints, order: Ints, many: int, rng: Ints) -> float:
    """Turns in random order until none adds anything; returns what they add."""
    change = 0.0
    order[:many] = picked[:many]
    for _ in range(_ROUNDS):
        more = 0.0
        for k in range(many):
            other = k + int(draw(rng) * (many - k))
            order[k], order[other] = order[other], order[k]
            more += take_turn(mesh, state, lists, order[k])
        change += more
        if more <= 0.0:
            break
    return change
