"""Prices of serving: what one more byte of serve limit is worth, found together with the prices of rows.

A byte served by a cache with a limit is worth its price less there, and the limit is paid for in the bound: any prices
are valid. Where the relaxation's mean choices serve more than the limit the price rises, else it falls; each cache's
step grows while the sign stays and halves where it turns (Riedmiller, Braun, Rprop, 1993), as only few caches have
limits and their loads hardly depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.bound import Rents
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.effort import Beginning
from fillplan_optimizer.mesh.network import Mesh, network
from fillplan_optimizer.mesh.relax import Relaxed, prices_of_served, relax
from fillplan_optimizer.mesh.rounding import roundings
from fillplan_optimizer.mesh.state import held_files, load, total
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value

_FIRST_STEP = 0.1
"""As a part of the highest worth of a byte from the cache."""
_LONGER, _SHORTER = 1.2, 0.5
_LAST = 4
"""Times the steps of a round that the bound is lowered by in the end."""
_LEAST_PARTS = (0.9, 0.6)
"""Copies taken by less than this are left to the greedy, in the roundings of every round."""


@dataclass(frozen=True, eq=False)
class Served:
    """Where the prices of serving ended."""

    bound: float
    """The lowest found, limits paid for."""
    price: Floats
    """[C] per byte, of that bound."""
    rents: Rents
    """There."""
    placement: Placement
    """The best of all rounds."""
    value: float
    """Of the placement, serve limits kept."""
    good_price: Floats
    """[C] of the round that the placement came from."""
    good_row_price: Floats
    """[N] there."""


def serve_prices(problem: PlacementProblem, first: Floats, begin: Beginning, rounds: int, steps: int) -> Served:
    """Better prices of serving than `first` [C], in at least one round of so many steps of the relaxation.

    Every round's choices are rounded too: which prices make good placements is known only once limits are kept.
    """
    limits = _Limits(problem)
    price, rows, rents = first.copy(), None, begin.rents
    lowest: tuple[float, Floats, Floats] = (np.inf, first, np.zeros(0))
    best: tuple[Placement, float, Floats, Floats] = (Placement(begin.files), -np.inf, first, np.zeros(0))
    for _ in range(max(1, rounds)):
        mesh = network(problem, price)
        state = load(mesh, begin.files)
        rows = prices_of_served(mesh, state.best) if rows is None else rows
        relaxed = relax(mesh, float(total(mesh, state)), steps, Clock(), [rows], rents)
        rows, rents = relaxed.row_price, relaxed.rents
        lowest = min(lowest, (relaxed.bound + limits.paid(price), price, rows), key=lambda tried: tried[0])
        for state in roundings(mesh, relaxed, _LEAST_PARTS):
            rounded = Placement(held_files(state))
            best = max(best, (rounded, net_value(problem, rounded), price, rows), key=lambda tried: tried[1])
        price = limits.moved(price, _loads(mesh, relaxed, limits.caches))
    bound, price, rows = lowest
    mesh = network(problem, price)
    floor = float(total(mesh, load(mesh, begin.files)))
    relaxed = relax(mesh, floor, _LAST * steps, Clock(), [rows], rents)
    return Served(min(bound, relaxed.bound + limits.paid(price)), price, relaxed.rents, *best)


class _Limits:
    """Caches with serve limits, and the steps that their prices take."""

    def __init__(self, problem: PlacementProblem) -> None:
        self.caches = np.flatnonzero(np.isfinite(problem.serve_limit_bytes))
        self._limit = problem.serve_limit_bytes[self.caches]
        dearest = np.zeros(problem.cache_count)
        np.maximum.at(dearest, problem.points.cache, problem.points.value_per_byte)
        self._dearest = dearest[self.caches]
        self._step, self._turn = _FIRST_STEP * self._dearest, np.zeros(len(self.caches))

    def paid(self, price: Floats) -> float:
        """What the limits are worth at these prices [C]."""
        return float((price[self.caches] * self._limit).sum())

    def moved(self, price: Floats, load_bytes: Floats) -> Floats:
        """[C] prices after a step, given what the limited caches serve."""
        turn = np.sign(load_bytes - self._limit)
        same = turn * self._turn
        self._step *= np.where(same > 0, _LONGER, np.where(same < 0, _SHORTER, 1.0))
        self._turn = turn
        price = price.copy()
        price[self.caches] = np.clip(price[self.caches] + turn * self._step, 0.0, self._dearest)
        return price


def _loads(mesh: Mesh, relaxed: Relaxed, caches: Ints) -> Floats:
    """[K] bytes that the mean choices serve from each of these caches, where that is worth its price."""
    return np.array([_load(mesh, relaxed.part[cache], relaxed.row_price, cache) for cache in caches])


@kernel
def _load(mesh: Mesh, part: Floats, row_price: Floats, cache: int) -> float:
    served = 0.0
    for file in np.flatnonzero(part > 0.0):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            if mesh.weight[row] * mesh.worth[cache, mesh.point[row]] > row_price[row]:
                served += part[file] * mesh.weight[row]
    return served
