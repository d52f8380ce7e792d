"""From the relaxation's mean choices to placements: the copies it is surest of first, then what still fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fillplan_data.arrays import Bools
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.clock import GO_ON
from fillplan_optimizer.mesh.greedy import add_bundle, bundle_fill, bundle_size, fill_up, pinned
from fillplan_optimizer.mesh.network import Flags, Index, Mesh
from fillplan_optimizer.mesh.relax import Relaxed
from fillplan_optimizer.mesh.state import State, allowed, total
from fillplan_optimizer.mesh.turns import settled

_LEAST_PARTS = (0.9, 0.6, 0.95, 0.5, 0.8, 0.7)
"""Copies taken by less than this are left to the greedy; each is tried, as long as there is time."""
_APPEAL = 0.5
"""Copies of less appeal only fill what room the best rounding leaves; it saves most of the time."""
_THREADS = 2


def best_rounding(mesh: Mesh, relaxed: Relaxed, halt: Flags = GO_ON) -> State:
    """The most valuable of several roundings of the mean choices, filled up."""
    best = max(roundings(mesh, relaxed, _LEAST_PARTS, halt), key=lambda state: float(total(mesh, state)))
    fill_up(mesh, best, halt)
    return settled(mesh, best, halt)


def roundings(mesh: Mesh, relaxed: Relaxed, least_parts: Sequence[float], halt: Flags = GO_ON) -> Iterator[State]:
    """One rounding per part under which copies are left to the greedy, of copies of some appeal."""
    chosen = relaxed.appeal(mesh) >= _APPEAL
    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(lambda least: _rounding(mesh, relaxed, chosen, least, halt), least_parts)


def _rounding(mesh: Mesh, relaxed: Relaxed, chosen: Bools, least: float, halt: Flags) -> State:
    state = pinned(mesh)
    cache, file = np.nonzero(relaxed.part >= least)
    order = np.argsort(-relaxed.part[cache, file], kind="stable")
    _admit(mesh, state, cache[order].astype(np.int32), file[order].astype(np.int32))
    fill_up(mesh, state, halt, chosen)
    return settled(mesh, state, halt)


@kernel
def _admit(mesh: Mesh, state: State, caches: Index, files: Index) -> None:
    """Add copies in this order, each with its companion, where both fit."""
    for cache, file in zip(caches, files):  # noqa: B905 - numba knows no strict
        if state.place[cache, file] >= 0 or not allowed(mesh, file, cache):
            continue
        if state.used[cache] + bundle_size(mesh, state, file, cache) > mesh.storage[cache]:
            continue
        if state.filled[cache] + bundle_fill(mesh, state, file, cache) <= mesh.budget[cache]:
            add_bundle(mesh, state, file, cache)
