"""The search: greedy, annealing in slices, gathering of scattered room; the best standing found is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fillplan_optimizer.mesh import anneal as annealing
from fillplan_optimizer.mesh.gather import gather
from fillplan_optimizer.mesh.greedy import fill_up, greedy, offers
from fillplan_optimizer.mesh.network import Index, Mesh
from fillplan_optimizer.mesh.offers import Offers, table
from fillplan_optimizer.mesh.state import State, empty, held_files, load, total
from fillplan_optimizer.problem import FilesPerCache, Floats, Ints

SLICES = 64
"""Parts into which the annealing is cut: the best standing is noted and the clock read after each."""


@dataclass(frozen=True)
class Effort:
    """How much the search works; with the seed it decides the result, whatever the machine."""

    visits: int = 400
    """Visits per cache; one visit proposes each of its offers once."""
    hot: float = 0.3
    """First temperature, as a part of what a held copy is worth in the median."""
    cold: float = 0.01
    """Last temperature, likewise."""
    breadth: float = 0.4
    """Offers worth less per unit, even alone, than this part of what the cache's room is worth are left out."""


@dataclass(frozen=True, eq=False)
class Found:
    """The best standing of a search."""

    files: FilesPerCache
    worth: float
    price: Floats
    """[C] worth of a unit of room, as the standing suggests."""
    visits: int


def search(mesh: Mesh, effort: Effort, seed: int, seconds: float | None = None, enough: float = np.inf) -> Found:
    """Search until the visits are done, the seconds are over (where given: they replace the visits), or a
    standing is worth `enough`.
    """
    state = greedy(mesh)
    best = _note(mesh, state)
    listed = _listed(mesh, state, effort.breadth)
    found = table(mesh, state, *listed)
    gather(mesh, state, found)
    best = _better(mesh, state, best)
    if best[0] >= enough or not len(found.gain):
        return Found(best[1], best[0], unit_prices(mesh, state), 0)
    unit = _median_keep(state)
    rng, tally = _generator(seed), np.zeros(8, dtype=np.int64)
    done = 0
    for hot, cold, visits in _slices(effort, len(mesh.storage), seconds):
        annealing.anneal(mesh, state, found, unit * hot, unit * cold, visits, rng, tally)
        done += visits
        best = _better(mesh, state, best)
        if best[0] >= enough:
            break
    state, best = _polish(mesh, listed, best)
    return Found(best[1], best[0], unit_prices(mesh, state), done)


def unit_prices(mesh: Mesh, state: State) -> Floats:
    """[C] worth of the least dense tenth of what each cache holds, per unit; 0 where there is room left."""
    price = np.zeros(len(mesh.storage))
    for cache, count in enumerate(state.amount):
        if count and mesh.storage[cache] - state.used[cache] < mesh.size.max():
            density = state.keep[cache, :count] / mesh.size[state.slot[cache, :count]]
            price[cache] = max(0.0, float(np.quantile(density, 0.1)))
    return price


def _listed(mesh: Mesh, state: State, breadth: float) -> tuple[Index, Index]:
    """Pairs worth looking at: [M] cache, [M] file."""
    density, cache, file = offers(mesh, empty(mesh))
    price = np.zeros(len(mesh.storage))
    for place, count in enumerate(state.amount):
        if count:
            price[place] = np.median(state.keep[place, :count] / mesh.size[state.slot[place, :count]])
    keep = density >= breadth * price[cache]
    return cache[keep], file[keep]


def _slices(effort: Effort, caches: int, seconds: float | None) -> Iterator[tuple[float, float, int]]:
    """First and last temperature, and visits, of each slice."""
    ratio = effort.cold / effort.hot
    if seconds is None:
        visits = max(1, effort.visits * caches // SLICES)
        for part in range(SLICES):
            yield effort.hot * ratio ** (part / SLICES), effort.hot * ratio ** ((part + 1) / SLICES), visits
        return
    begin, passed, visits = time.perf_counter(), 0.0, 1
    while passed < 1.0:
        yield effort.hot * ratio**passed, effort.hot * ratio**passed, visits
        now = (time.perf_counter() - begin) / seconds
        if now - passed < 0.5 / SLICES:
            visits *= 2
        elif now - passed > 2.0 / SLICES:
            visits = max(1, visits // 2)
        passed = now


def _note(mesh: Mesh, state: State) -> tuple[float, FilesPerCache]:
    return float(total(mesh, state)), held_files(state)


def _better(mesh: Mesh, state: State, best: tuple[float, FilesPerCache]) -> tuple[float, FilesPerCache]:
    return _note(mesh, state) if total(mesh, state) > best[0] else best


def _polish(
    mesh: Mesh, listed: tuple[Index, Index], best: tuple[float, FilesPerCache]
) -> tuple[State, tuple[float, FilesPerCache]]:
    """Only improvements from here on."""
    state = load(mesh, best[1])
    fill_up(mesh, state)
    found: Offers = table(mesh, state, *listed)
    gather(mesh, state, found)
    best = _better(mesh, state, best)
    return load(mesh, best[1]), best


def _median_keep(state: State) -> float:
    kept = [keep[:count] for keep, count in zip(state.keep, state.amount, strict=True)]
    worth = np.concatenate(kept)
    return float(np.median(worth[worth > 0])) if (worth > 0).any() else 1.0


def _generator(seed: int) -> Ints:
    """State of the kernels' generator; never zero."""
    return np.array([np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1 | 1], dtype=np.int64)
