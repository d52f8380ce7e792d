"""The bound of a mesh at any prices of its rows, all copies considered (see module `relax`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.knapsack import best_parts, pay_companions
from fillplan_optimizer.mesh.network import ALLOWED, FRESH, Mesh

LIKELY = 0.5
"""Files denser than this part of the last prices are sorted first; mostly no others are asked for."""
PARTS = 8
"""Files, and caches, are worked off in so many parts, on any number of threads."""

Run = Callable[[Callable[[tuple[int, int]], Any], Iterable[tuple[int, int]]], Iterable[Any]]


class Rents(NamedTuple):
    """[C] prices of one more unit of room and of fill."""

    storage: Floats
    fill: Floats

    def of(self, mesh: Mesh) -> Floats:
        """[C, F] of every copy."""
        fresh = mesh.flag & FRESH != 0
        rent: Floats = (self.storage[:, None] + self.fill[:, None] * fresh) * mesh.size
        return rent


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


def evaluated(mesh: Mesh, row_price: Floats, rents: Rents, run: Run = map) -> tuple[float, Rents, Floats]:
    """The bound at any row prices [N], all copies considered; the rents there, and the copies' worth [C, F].

    rents: those at which videos pay for their audio; any will do. run: `map`, or that of a pool.
    """
    worth, caches = offered(mesh, row_price, run), len(mesh.storage)
    after = Rents(np.zeros(caches), np.zeros(caches))
    sacks = run(lambda part: _choose(mesh, worth, rents, after, *part), parts(caches))
    return float(row_price.sum()) + sum(sacks), after, worth


def offered(mesh: Mesh, row_price: Floats, run: Run = map) -> Floats:
    """[C, F] what copies are worth beyond the prices of their rows [N], fill costs not taken off."""
    worth = np.zeros(mesh.flag.shape)
    list(run(lambda part: _offer(mesh, row_price, worth, *part), parts(len(mesh.size))))
    return worth


def parts(many: int) -> list[tuple[int, int]]:
    """From and to of the parts that so many files or caches are worked off in."""
    return list(pairwise(np.linspace(0, many, PARTS + 1).astype(np.int64).tolist()))


@kernel
def _offer(mesh: Mesh, row_price: Floats, worth: Floats, first: int, last: int) -> None:
    """What a copy of each of these files is worth to the caches beyond the prices of its rows."""
    weights, near, linked, link, points = mesh.weight, mesh.near, mesh.linked, mesh.link, mesh.point
    for file in range(first, last):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point, weight, price = points[row], weights[row], row_price[row]
            for k in range(link[point], link[point + 1]):
                over = weight * near[k] - price
                if over <= 0.0:
                    break
                worth[linked[k], file] += over


@kernel
def _choose(mesh: Mesh, worth: Floats, rents: Rents, after: Rents, first: int, last: int) -> float:
    total, part, mate = 0.0, np.zeros(len(mesh.size)), np.empty(len(mesh.size), dtype=np.int32)
    for cache in range(first, last):
        flag, mine = mesh.flag[cache], worth[cache]
        for file in range(len(mate)):
            audio = mesh.companion[file]
            mate[file] = audio if audio >= 0 and flag[audio] & ALLOWED and flag[file] & ALLOWED else -1
            if flag[file] & FRESH:
                mine[file] -= mesh.cost[cache] * mesh.size[file]
        pay_companions(mine, mesh.size, flag, mate, rents.storage[cache], rents.fill[cache])
        limits = float(mesh.storage[cache]), float(mesh.budget[cache])
        guess = LIKELY * rents.storage[cache], LIKELY * rents.fill[cache]
        most, after.storage[cache], after.fill[cache] = best_parts(mine, part, mesh.size, flag, limits, guess)
        total += most
    return total
