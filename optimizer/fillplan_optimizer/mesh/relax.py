"""The relaxation: one row of demand may be served several times, at a price; then every cache is a knapsack.

With a price u >= 0 for each row r (a file asked for at a point, n bytes), for any u,

    sum of u_r  +  sum over caches of the best fractional knapsack of its files,
                   file f worth  sum over its rows of max(0, n v - u_r)  -  fill cost

bounds the worth of every placement, and its least value over u is that of the linear program. Videos pay for the main
audio that must come along (see module `knapsack`). The prices follow deflected subgradients, scaled row by row to
what the row could be worth at most (Barahona, Anbil, The volume algorithm, Mathematical Programming 87, 2000); the
running mean of the knapsacks tells which copies a good plan holds. Steps look at open copies only (module `copies`);
the bound that counts is worked out with all of them, at the best prices found.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.bound import LIKELY, PARTS, Rents, Run, evaluated, most_worth, offered, parts
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.copies import Copies, copies, floors, offer, slopes, stays, with_companions
from fillplan_optimizer.mesh.knapsack import best_parts, pay_companions
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Mesh

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
_TRIAL = 8
"""Part of the steps, one in so many, that tries each of several beginnings."""
_LOOSE = 0.4
"""Copies worth less than this part of their rent in hand, even if nobody else held the file, are not open."""
_THREADS = 2


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Where the relaxation ended."""

    bound: float
    """On the worth of any placement of the mesh."""
    part: Floats
    """[C, F] mean of the knapsacks' choices, 0 to 1."""
    rents: Rents
    """At the best bound."""
    worth: Floats
    """[C, F] what a copy adds there, each row at its price; inf for what stays anyway."""
    row_price: Floats
    """[N] at the best bound."""
    steps: int

    def appeal(self, mesh: Mesh) -> Floats:
        """[C, F] worth of a copy over the price of its room and fill; 0 if not allowed, inf where room is free.

        Copies over 1 are taken by the relaxation, those under it are not; far from it there is little to decide.
        """
        worth = np.where(mesh.flag & ALLOWED, np.maximum(self.worth, 0.0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(worth / self.rents.of(mesh), nan=0.0, posinf=np.inf)


def relax(
    mesh: Mesh,
    value: float,
    steps: int,
    clock: Clock,
    firsts: Sequence[Floats] = (),
    rents: Rents | None = None,
) -> Relaxed:
    """Lower the bound by at most so many steps.

    value: the worth of a placement in hand. firsts: [N] row prices to begin with, of which a few steps choose; half of
    the highest sensible ones if there are none. rents: what room is worth in hand; without it all copies are open.
    """
    most = most_worth(mesh)
    kept = stays(mesh)
    floor = floors(mesh, kept)
    with ThreadPoolExecutor(_THREADS) as pool:
        opened = copies(mesh, _worth_a_look(mesh, kept, floor, rents, pool.map), floor, PARTS)
        descents = [_Descent(mesh, opened, floor, first, rents, pool.map) for first in firsts or (0.5 * most,)]
        if len(descents) > 1:
            for descent in descents:
                descent.go(value, steps // _TRIAL, clock)
        best = min(descents, key=lambda descent: descent.best)
        best.go(value, max(1, steps), clock)
        row_price = floor.copy()
        row_price[opened.row] = best.kept
        bound, now, worth = evaluated(mesh, row_price, best.kept_rents, pool.map)
    part = kept.astype(np.float64)
    part[opened.cache, opened.file] = best.mean
    worth[kept] = np.inf
    return Relaxed(bound, part, now, worth, row_price, best.steps)


def prices_of_served(mesh: Mesh, best: Floats) -> Floats:
    """[N] row prices at which only what would better a placement is left to be priced; `best` [N] as in State."""
    return np.where(best > 0.0, mesh.weight * best, _UNSERVED * most_worth(mesh))


@kernel
def prices_of_room(mesh: Mesh, storage_price: Floats, fill_price: Floats) -> Floats:
    """[N] row prices by dual ascent (Erlenkotter 1978): each as low as the rents of the caches' room still allow."""
    row_price, slack = np.zeros(len(mesh.weight)), np.zeros(len(mesh.storage))
    for file in range(len(mesh.size)):
        for cache in range(len(slack)):
            flag = mesh.flag[cache, file]
            rent = storage_price[cache] + (fill_price[cache] + mesh.cost[cache] if flag & FRESH else 0.0)
            slack[cache] = rent * mesh.size[file] if flag & ALLOWED else np.inf
            if flag & FORCED:
                slack[cache] = 0.0
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point, weight = mesh.point[row], mesh.weight[row]
            links = range(mesh.link[point], mesh.link[point + 1])
            for k in links:
                row_price[row] = max(row_price[row], weight * mesh.near[k] - slack[mesh.linked[k]])
            for k in links:
                cache = mesh.linked[k]
                slack[cache] = max(0.0, slack[cache] - max(0.0, weight * mesh.near[k] - row_price[row]))
    return row_price


def _worth_a_look(mesh: Mesh, kept: Bools, floor: Floats, rents: Rents | None, run: Run) -> Bools:
    """[C, F] copies that are open questions."""
    worth = offered(mesh, floor, run)
    may, must = mesh.flag & ALLOWED != 0, mesh.flag & FORCED != 0
    least = mesh.cost[:, None] * mesh.size * (mesh.flag & FRESH != 0)
    if rents is not None:
        least += _LOOSE * rents.of(mesh)
    chosen = ((worth > least) & may | must) & ~kept
    return with_companions(mesh, chosen) & ~kept


class _Descent:
    """Prices of the open rows on their way down; can be gone on with."""

    def __init__(self, mesh: Mesh, opened: Copies, floor: Floats, first: Floats, rents: Rents | None, run: Run) -> None:
        caches, many = len(mesh.storage), len(opened.file)
        self.mesh, self.opened, self.run = mesh, opened, run
        self.floor = floor[opened.row]
        self.most = opened.worth[opened.link[:-1]]
        self.row_price = np.clip(first[opened.row], self.floor, self.most)
        self.dead = float(floor.sum() - self.floor.sum())
        """Worth of the rows that nothing open can serve better."""
        self.rents = Rents(np.zeros(caches), np.zeros(caches)) if rents is None else rents
        self.worth, self.part, self.mean = np.zeros(many), np.zeros(many), np.zeros(many)
        self.slope, self.ascent = np.zeros(len(opened.row)), np.zeros(len(opened.row))
        self.best, self.kept, self.kept_rents = np.inf, self.row_price, self.rents
        self.scale, self.stale, self.steps = 1.0, 0, 0

    def go(self, value: float, steps: int, clock: Clock) -> None:
        """Down by at most so many steps in all."""
        while self.steps < steps and not self._ended(value) and not clock.over:
            self.steps += 1
            used = self.rents
            bound = self._priced()
            _blend(self.mean, self.part, 1.0 if self.steps == 1 else 1.0 - _MEMORY)
            self.stale = 0 if bound < self.best - _NOTEWORTHY * abs(self.best) or self.steps == 1 else self.stale + 1
            if bound < self.best:
                self.best, self.kept, self.kept_rents = bound, self.row_price, used
            if self.stale >= _PATIENCE:
                self.scale, self.stale, self.row_price = self.scale * _SHORTER, 0, self.kept
                self.ascent[:] = 0.0
            else:
                self._move(bound, value)

    def _ended(self, value: float) -> bool:
        return self.scale < _SHORTEST or (self.steps > 0 and self.best <= value)

    def _move(self, bound: float, value: float) -> None:
        self.slope[(self.slope > 0) & (self.row_price <= self.floor)] = 0.0
        self.ascent = _DEFLECTION * self.ascent + (1.0 - _DEFLECTION) * self.slope
        width = self.most - self.floor
        length = float((width * self.ascent * self.ascent).sum())
        if length == 0.0:
            self.scale = 0.0
            return
        step = self.scale * (bound - value - _AIM * (self.best - value)) / length
        self.row_price = np.clip(self.row_price - step * width * self.ascent, self.floor, self.most)

    def _priced(self) -> float:
        """The bound at these prices; fills the knapsacks and, per row, how the bound grows with its price.

        The parts are the same for any number of threads, and so is the sum.
        """
        opened, caches = self.opened, len(self.mesh.storage)
        rows = list(pairwise(opened.part.tolist()))
        self.worth[:] = -opened.entry
        list(self.run(lambda part: offer(opened, self.row_price, self.worth, *part), rows))
        after = Rents(np.zeros(caches), np.zeros(caches))
        sacks = self.run(
            lambda part: _choose_open(self.mesh, opened, self.worth, self.part, self.rents, after, *part),
            parts(caches),
        )
        total = self.dead + float(self.row_price.sum()) + sum(sacks)
        self.rents = after
        list(self.run(lambda part: slopes(opened, self.row_price, self.part, self.slope, *part), rows))
        return total


@kernel
def _choose_open(
    mesh: Mesh, opened: Copies, worth: Floats, part: Floats, rents: Rents, after: Rents, first: int, last: int
) -> float:
    total = 0.0
    for cache in range(first, last):
        mine = slice(opened.start[cache], opened.start[cache + 1])
        size, flag = opened.size[mine], opened.flag[mine]
        pay_companions(worth[mine], size, flag, opened.mate[mine], rents.storage[cache], rents.fill[cache])
        limits = float(mesh.storage[cache]), float(mesh.budget[cache])
        guess = LIKELY * rents.storage[cache], LIKELY * rents.fill[cache]
        most, after.storage[cache], after.fill[cache] = best_parts(worth[mine], part[mine], size, flag, limits, guess)
        total += most
    return total


@kernel
def _blend(mean: Floats, new: Floats, share: float) -> None:
    """mean := (1 - share) mean + share new."""
    for i in range(len(mean)):
        mean[i] += share * (new[i] - mean[i])
