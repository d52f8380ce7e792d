"""Which copies are worth considering, and what each would add right now.

A copy adds most while no other is held, so that one whose worth per byte alone is far under what a cache's room is
worth never pays; it is left out. What the others would add is kept up to date: whatever changes the holders of a
file renews the offers of that file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import Index, Mesh
from fillplan_optimizer.mesh.state import State, add, drop, entry_cost, gain


class Offers(NamedTuple):
    """M pairs (file, cache), sorted by file; changed in place by the kernels."""

    first: Ints
    """[F + 1] pairs of file f are first[f] .. first[f + 1] - 1."""
    cache: Index
    """[M]."""
    gain: Floats
    """[M] what the copy would add, its fill cost taken off; -inf while it is held."""
    start: Ints
    """[C + 1] pairs of cache c are pair[start[c]:start[c + 1]]."""
    pair: Index
    """[M] numbers of pairs, by cache."""
    file: Index
    """[M] file of each, by cache."""
    alone: Floats
    """[M] what each would add with no other copy held, by cache; it never adds more."""
    worth: Floats
    """[P, C] worth of a byte, by point: the mesh's own is by cache."""
    before: Floats
    """Scratch, as long as the most rows of a file."""


def table(mesh: Mesh, state: State, cache: Index, file: Index) -> Offers:
    """Offers of these pairs as things stand."""
    order = np.lexsort((cache, file))
    cache, file = cache[order], file[order]
    by_cache = np.argsort(cache, kind="stable").astype(np.int32)
    offers = Offers(
        first=np.searchsorted(file, np.arange(len(mesh.size) + 1)).astype(np.int64),
        cache=cache,
        gain=np.zeros(len(cache)),
        start=np.searchsorted(cache[by_cache], np.arange(len(mesh.storage) + 1)).astype(np.int64),
        pair=by_cache,
        file=file[by_cache],
        alone=np.zeros(len(cache)),
        worth=np.ascontiguousarray(mesh.worth.T),
        before=np.zeros(int(np.diff(mesh.start).max(initial=1))),
    )
    _measure(mesh, offers)
    renew(mesh, state, offers)
    return offers


@kernel
def _measure(mesh: Mesh, offers: Offers) -> None:
    for cache in range(len(mesh.storage)):
        for k in range(offers.start[cache], offers.start[cache + 1]):
            file = offers.file[k]
            worth = -entry_cost(mesh, file, cache)
            for row in range(mesh.start[file], mesh.start[file + 1]):
                worth += mesh.weight[row] * mesh.worth[cache, mesh.point[row]]
            offers.alone[k] = worth


@kernel
def renew(mesh: Mesh, state: State, offers: Offers) -> None:
    """Work out anew what every copy would add; sums that were corrected often have drifted."""
    for file in range(len(mesh.size)):
        for pair in range(offers.first[file], offers.first[file + 1]):
            cache = offers.cache[pair]
            held = state.place[cache, file] >= 0
            offers.gain[pair] = -np.inf if held else gain(mesh, state, file, cache)


@kernel
def enter(mesh: Mesh, state: State, offers: Offers, file: int, cache: int) -> None:
    """Hold a file and lower what further copies of it would add."""
    for row in range(mesh.start[file], mesh.start[file + 1]):
        offers.before[row - mesh.start[file]] = state.best[row]
    add(mesh, state, file, cache)
    _shift(mesh, state, offers, file)
    for pair in range(offers.first[file], offers.first[file + 1]):
        if offers.cache[pair] == cache:
            offers.gain[pair] = -np.inf


@kernel
def leave(mesh: Mesh, state: State, offers: Offers, file: int, cache: int) -> None:
    """No longer hold a file and raise what copies of it would add."""
    for row in range(mesh.start[file], mesh.start[file + 1]):
        offers.before[row - mesh.start[file]] = state.best[row]
    drop(mesh, state, file, cache)
    _shift(mesh, state, offers, file)
    for pair in range(offers.first[file], offers.first[file + 1]):
        if offers.cache[pair] == cache:
            offers.gain[pair] = gain(mesh, state, file, cache)


@inlined
def _shift(mesh: Mesh, state: State, offers: Offers, file: int) -> None:
    """Correct the offers of a file by the rows whose best holder changed."""
    for row in range(mesh.start[file], mesh.start[file + 1]):
        before, now = offers.before[row - mesh.start[file]], state.best[row]
        if before == now:
            continue
        low, span = min(before, now), abs(now - before)
        weight = mesh.weight[row] if now > before else -mesh.weight[row]
        worth = offers.worth[mesh.point[row]]
        for pair in range(offers.first[file], offers.first[file + 1]):
            more = worth[offers.cache[pair]] - low
            if more > 0.0:
                offers.gain[pair] -= weight * min(more, span)
