"""From the relaxation's mean choices to placements: the copies it is surest of first, then what still fits."""

from __future__ import annotations

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.greedy import add_bundle, bundle_fill, bundle_size, fill_up, pinned
from fillplan_optimizer.mesh.network import Index, Mesh
from fillplan_optimizer.mesh.state import State, allowed, total
from fillplan_optimizer.problem import Floats

_LEAST_PARTS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Copies taken by less than this are left to the greedy; each is tried."""


def best_rounding(mesh: Mesh, part: Floats) -> State:
    """The most valuable of several roundings of the mean choices [C, F]."""
    states = (_rounding(mesh, part, least) for least in _LEAST_PARTS)
    return max(states, key=lambda state: float(total(mesh, state)))


def _rounding(mesh: Mesh, part: Floats, least: float) -> State:
    state = pinned(mesh)
    cache, file = np.nonzero(part >= least)
    order = np.argsort(-part[cache, file], kind="stable")
    _admit(mesh, state, cache[order].astype(np.int32), file[order].astype(np.int32))
    fill_up(mesh, state)
    return state


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
