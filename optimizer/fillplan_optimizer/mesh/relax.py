"""The relaxation: one row of demand may be served several times, at a price; then every cache is a knapsack.

With a price u >= 0 for each row r (a file asked for at a point, n bytes), for any u,

    sum of u_r  +  sum over caches of the best fractional knapsack of its files,
                   file f worth  sum over its rows of max(0, n v - u_r)  -  fill cost

bounds the worth of every placement, and its least value over u is that of the linear program. Storage and fill
are nested limits, so that the knapsack is filled by falling density in one pass. The prices follow deflected
subgradients, scaled row by row to what the row could be worth at most (Barahona, Anbil, The volume algorithm,
Mathematical Programming 87, 2000); the running mean of the knapsacks tells which copies a good plan holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Flags, Mesh
from fillplan_optimizer.problem import Floats, Ints

_DEFLECTION = 0.7
"""Part of the last direction kept in the next."""
_MEMORY = 0.95
"""Part of the running mean kept per step."""
_PATIENCE = 15
"""Steps without a better bound after which steps get shorter."""
_SHORTER = 0.6
_SHORTEST = 2e-3
"""The relaxation ends where steps are so short."""
_AIM = 0.5
"""Steps aim at a bound this part of the way from the value in hand to the best bound."""
_UNSERVED = 0.8
"""First price of rows that the placement in hand does not serve, as a part of their highest worth."""
_NOTEWORTHY = 1e-6
"""Relative gain of the bound that counts as progress."""


_PARTS = 8
"""Files, and caches, are worked off in so many parts, on any number of threads."""
_THREADS = 2

Run = Callable[[Callable[[tuple[int, int]], Any], Iterable[tuple[int, int]]], Iterable[Any]]


class Knapsacks(NamedTuple):
    """The caches' choices at some prices; written by the kernel."""

    worth: Floats
    """[C, F] worth of a copy, fill cost taken off."""
    part: Floats
    """[C, F] 0 to 1, how much of it the knapsack takes."""
    storage_price: Floats
    """[C] worth of one more unit of room."""
    fill_price: Floats
    """[C] worth of one more unit of fill."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Where the relaxation ended."""

    bound: float
    """On the worth of any placement of the mesh."""
    part: Floats
    """[C, F] mean of the knapsacks' choices, 0 to 1."""
    storage_price: Floats
    """[C] per unit, at the best bound."""
    fill_price: Floats
    """[C] per unit."""
    worth: Floats
    """[C, F] what a copy adds there, each row at its price."""
    steps: int

    def appeal(self, mesh: Mesh) -> Floats:
        """[C, F] worth of a copy over the price of its room and fill; 0 if not allowed, inf where room is free.

        Copies over 1 are taken by the relaxation, those under it are not; far from it there is little to decide.
        """
        fresh = mesh.flag & FRESH != 0
        rent = self.storage_price[:, None] + self.fill_price[:, None] * fresh
        worth = np.where(mesh.flag & ALLOWED, np.maximum(self.worth, 0.0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(worth / (rent * mesh.size), nan=0.0, posinf=np.inf)


def blank(mesh: Mesh) -> Knapsacks:
    """All zero."""
    shape, caches = mesh.flag.shape, len(mesh.storage)
    return Knapsacks(np.zeros(shape), np.zeros(shape), np.zeros(caches), np.zeros(caches))


def relax(mesh: Mesh, value: float, steps: int, clock: Clock, served: Floats | None = None) -> Relaxed:
    """Lower the bound by at most so many steps.

    value: the worth of a placement in hand. served: [N] what its rows are worth there, as prices to begin with: then
    only what would better that placement is left to be priced. Half of the rows' highest worth without it.
    """
    most = most_worth(mesh)
    first = 0.5 * most if served is None else np.where(served > 0.0, np.minimum(served, most), _UNSERVED * most)
    with ThreadPoolExecutor(_THREADS) as pool:
        return _relax(mesh, value, steps, clock, pool.map, most, first)


def _relax(mesh: Mesh, value: float, steps: int, clock: Clock, run: Run, most: Floats, row_price: Floats) -> Relaxed:
    ascent, slope = np.zeros(len(most)), np.zeros(len(most))
    sacks = blank(mesh)
    mean = np.zeros_like(sacks.part)
    best, kept, scale, stale, done = np.inf, row_price, 1.0, 0, 0
    prices = sacks.storage_price.copy(), sacks.fill_price.copy()
    for done in range(1, max(1, steps) + 1):
        bound = priced(mesh, row_price, sacks, slope, run)
        _blend(mean, sacks.part, 1.0 if done == 1 else 1.0 - _MEMORY)
        stale = 0 if bound < best - _NOTEWORTHY * abs(best) or done == 1 else stale + 1
        if bound < best:
            best, kept, prices = bound, row_price, (sacks.storage_price.copy(), sacks.fill_price.copy())
        if scale < _SHORTEST or best <= value or clock.over:
            break
        if stale >= _PATIENCE:
            scale, stale, row_price = scale * _SHORTER, 0, kept
            ascent[:] = 0.0
            continue
        slope[(slope > 0) & (row_price <= 0)] = 0.0
        ascent = _DEFLECTION * ascent + (1.0 - _DEFLECTION) * slope
        length = float((most * ascent * ascent).sum())
        if length == 0.0:
            break
        step = scale * (bound - value - _AIM * (best - value)) / length
        row_price = np.clip(row_price - step * most * ascent, 0.0, most)
    priced(mesh, kept, sacks, slope, run)
    return Relaxed(best, mean, *prices, sacks.worth, done)


@kernel
def most_worth(mesh: Mesh) -> Floats:
    """[N] worth of each row served by the best cache that may hold its file: the largest sensible price."""
    most = np.zeros(len(mesh.weight))
    for file in range(len(mesh.size)):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point = mesh.point[row]
            for k in range(mesh.link[point], mesh.link[point + 1]):
                if mesh.flag[mesh.linked[k], file] & ALLOWED:
                    most[row] = mesh.weight[row] * mesh.near[k]
                    break
    return most


def priced(mesh: Mesh, row_price: Floats, sacks: Knapsacks, slope: Floats, run: Run = map) -> float:
    """The bound at these prices; fills the knapsacks and, per row, how the bound grows with its price.

    run: `map`, or that of a pool. The parts are the same for any number of threads, and so is the sum.
    """
    parts = np.linspace(0, len(mesh.size), _PARTS + 1).astype(np.int64)
    files = list(pairwise(parts.tolist()))
    caches = list(pairwise(np.linspace(0, len(mesh.storage), _PARTS + 1).astype(np.int64).tolist()))
    list(run(lambda part: _offer(mesh, row_price, sacks, *part), files))
    total = float(row_price.sum()) + sum(run(lambda part: _choose(mesh, sacks, *part), caches))
    list(run(lambda part: _slopes(mesh, row_price, sacks, slope, *part), files))
    return total


@kernel
def _offer(mesh: Mesh, row_price: Floats, sacks: Knapsacks, first: int, last: int) -> None:
    """What a copy of each of these files is worth to the caches beyond the prices of its rows."""
    weights, near, linked, link = mesh.weight, mesh.near, mesh.linked, mesh.link
    points, worth = mesh.point, sacks.worth
    worth[:, first:last] = 0.0
    for file in range(first, last):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point, weight, price = points[row], weights[row], row_price[row]
            for k in range(link[point], link[point + 1]):
                over = weight * near[k] - price
                if over <= 0.0:
                    break
                worth[linked[k], file] += over


@kernel
def _choose(mesh: Mesh, sacks: Knapsacks, first: int, last: int) -> float:
    total = 0.0
    for cache in range(first, last):
        total += fill_knapsack(mesh, cache, sacks)
    return total


@kernel
def _slopes(mesh: Mesh, row_price: Floats, sacks: Knapsacks, slope: Floats, first: int, last: int) -> None:
    weights, near, linked, link = mesh.weight, mesh.near, mesh.linked, mesh.link
    points, part = mesh.point, sacks.part
    for file in range(first, last):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point, weight, price = points[row], weights[row], row_price[row]
            rest = 1.0
            for k in range(link[point], link[point + 1]):
                if weight * near[k] <= price:
                    break
                rest -= part[linked[k], file]
            slope[row] = rest


@kernel
def fill_knapsack(mesh: Mesh, cache: int, sacks: Knapsacks) -> float:
    """The best fractional choice of one cache: forced files first, then by falling density; returns its worth."""
    worth, part, size, flag = sacks.worth[cache], sacks.part[cache], mesh.size, mesh.flag[cache]
    room, fill, total = float(mesh.storage[cache]), float(mesh.budget[cache]), 0.0
    density = np.zeros(len(size))
    for file in range(len(size)):
        part[file] = 0.0
        if flag[file] & FRESH:
            worth[file] -= mesh.cost[cache] * size[file]
        if flag[file] & FORCED:
            part[file] = 1.0
            total += worth[file]
            room -= size[file]
            fill -= size[file] if flag[file] & FRESH else 0
        elif flag[file] & ALLOWED and worth[file] > 0.0:
            density[file] = worth[file] / size[file]
    left = np.array([room, fill, 0.0, 0.0])
    likely = 0.5 * sacks.storage_price[cache]
    total += _take(density, size, flag, worth, part, left, likely, np.inf)
    if left[0] > 0.0:
        total += _take(density, size, flag, worth, part, left, 0.0, likely)
    sacks.storage_price[cache] = left[2]
    sacks.fill_price[cache] = max(0.0, left[3] - left[2])
    return total


@kernel
def _take(
    density: Floats, size: Ints, flag: Flags, worth: Floats, part: Floats, left: Floats, low: float, high: float
) -> float:
    """Take files of a density in (low, high], the densest first, while there is room; returns their worth.

    `left`: room, fill, density of the first file that met no room, and of the first that met no fill.
    """
    total = 0.0
    dense = np.flatnonzero((density > low) & (density <= high))
    for file in dense[np.argsort(-density[dense], kind="mergesort")]:
        fresh = flag[file] & FRESH != 0
        taken = max(0.0, min(float(size[file]), left[0], left[1] if fresh else left[0]))
        part[file] = taken / size[file]
        total += part[file] * worth[file]
        left[0] -= taken
        left[1] -= taken if fresh else 0.0
        if taken < size[file]:
            if fresh and left[1] <= 0.0:
                left[3] = max(left[3], density[file])
            if left[0] <= 0.0:
                left[2] = density[file]
                break
    return total


@kernel
def _blend(mean: Floats, new: Floats, share: float) -> None:
    """mean := (1 - share) mean + share new."""
    for i in range(mean.shape[0]):
        for j in range(mean.shape[1]):
            mean[i, j] += share * (new[i, j] - mean[i, j])
