"""Which copies are worth considering, and what each would add right now.

A copy adds most while no other is held, so that one whose worth per byte alone is far under what a cache's room is
worth never pays; it is left out. What the others would add is kept up to date: whatever changes the holders of a
file renews the offers of that file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import Index, Mesh
from fillplan_optimizer.mesh.state import State, add, drop, gain
from fillplan_optimizer.problem import Floats, Ints


class Offers(NamedTuple):
    """M pairs (cache, file), sorted by cache; changed in place by the kernels."""

    start: Ints
    """[C + 1] pairs of cache c are start[c] .. start[c + 1] - 1."""
    cache: Index
    """[M]."""
    file: Index
    """[M]."""
    gain: Floats
    """[M] what the copy would add, its fill cost taken off; -inf while it is held."""
    first: Ints
    """[F + 1] pairs of file f are pair[first[f]:first[f + 1]]."""
    pair: Index
    """[M] numbers of pairs, by file."""
    before: Floats
    """Scratch, as long as the most rows of a file; so are the next four."""
    point: Index
    weight: Floats
    low: Floats
    high: Floats


def table(mesh: Mesh, state: State, cache: Index, file: Index) -> Offers:
    """Offers of these pairs as things stand."""
    order = np.lexsort((file, cache))
    cache, file = cache[order], file[order]
    by_file = np.argsort(file, kind="stable").astype(np.int32)
    count = np.bincount(file, minlength=len(mesh.size))
    rows = int(np.diff(mesh.start).max(initial=1))
    offers = Offers(
        start=np.searchsorted(cache, np.arange(len(mesh.storage) + 1)).astype(np.int64),
        cache=cache,
        file=file,
        gain=np.zeros(len(cache)),
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        pair=by_file,
        before=np.zeros(rows),
        point=np.zeros(rows, dtype=np.int32),
        weight=np.zeros(rows),
        low=np.zeros(rows),
        high=np.zeros(rows),
    )
    _renew_all(mesh, state, offers)
    return offers


@kernel
def _renew_all(mesh: Mesh, state: State, offers: Offers) -> None:
    for file in range(len(mesh.size)):
        renew(mesh, state, offers, file)


@kernel
def renew(mesh: Mesh, state: State, offers: Offers, file: int) -> None:
    """Work out anew what each further copy of a file would add."""
    for k in range(offers.first[file], offers.first[file + 1]):
        pair = offers.pair[k]
        cache = offers.cache[pair]
        held = state.place[cache, file] >= 0
        offers.gain[pair] = -np.inf if held else gain(mesh, state, file, cache)


@kernel
def enter(mesh: Mesh, state: State, offers: Offers, file: int, cache: int) -> None:
    """Hold a file and lower what further copies of it would add."""
    for row in range(mesh.start[file], mesh.start[file + 1]):
        offers.before[row - mesh.start[file]] = state.best[row]
    add(mesh, state, file, cache)
    _shift(mesh, state, offers, file, cache, 1.0)


@kernel
def leave(mesh: Mesh, state: State, offers: Offers, file: int, cache: int) -> None:
    """No longer hold a file and raise what copies of it would add."""
    for row in range(mesh.start[file], mesh.start[file + 1]):
        offers.before[row - mesh.start[file]] = state.best[row]
    drop(mesh, state, file, cache)
    _shift(mesh, state, offers, file, cache, -1.0)


@inlined
def _shift(mesh: Mesh, state: State, offers: Offers, file: int, changed: int, sign: float) -> None:
    """Correct the offers of a file by the rows whose best holder changed; `sign` 1 after entering, -1 after leaving."""
    first = mesh.start[file]
    count = 0
    for row in range(first, mesh.start[file + 1]):
        before, now = offers.before[row - first], state.best[row]
        if before != now:
            offers.point[count] = mesh.point[row]
            offers.weight[count] = sign * mesh.weight[row]
            offers.low[count], offers.high[count] = min(before, now), max(before, now)
            count += 1
    for k in range(offers.first[file], offers.first[file + 1]):
        pair = offers.pair[k]
        cache = offers.cache[pair]
        if cache == changed:
            offers.gain[pair] = -np.inf if sign > 0 else gain(mesh, state, file, cache)
        elif offers.gain[pair] != -np.inf:
            worth, less = mesh.worth[cache], 0.0
            for i in range(count):
                more = worth[offers.point[i]] - offers.low[i]
                if more > 0.0:
                    less += offers.weight[i] * min(more, offers.high[i] - offers.low[i])
            offers.gain[pair] -= less
