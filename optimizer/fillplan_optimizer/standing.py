"""What one more file at one cache is worth, given what all other caches hold now."""

from __future__ import annotations

import numpy as np

from fillplan_optimizer.feasibility import forced_files, local_companion
from fillplan_optimizer.orders import askers
from fillplan_optimizer.packing import Offer, prices
from fillplan_optimizer.problem import Bools, Floats, PlacementProblem
from fillplan_optimizer.result import Placement, Prices


class Standing:
    """The holdings of a group while a search changes them, cache by cache.

    `hold` is [C, F]; `spill` [C] is the part of a cache's load that its serve limit sends on, so that
    the caches behind it see those bytes too.
    """

    def __init__(self, problem: PlacementProblem) -> None:
        self.problem = problem
        self.hold: Bools = np.zeros((problem.cache_count, problem.file_count), dtype=np.bool_)
        self.spill: Floats = np.zeros(problem.cache_count)
        self._askers = askers(problem)

    @classmethod
    def of(cls, problem: PlacementProblem, placement: Placement) -> Standing:
        """The standing of a given placement."""
        standing = cls(problem)
        for cache, files in enumerate(placement.files):
            standing.hold[cache, files] = True
        for cache in np.flatnonzero(np.isfinite(problem.serve_limit_bytes)).tolist():
            standing.put(cache, standing.hold[cache], standing.marginal(cache)[1])
        return standing

    def offer(self, cache: int, gain: Floats | None = None) -> Offer:
        """What `cache` may choose from, given the others, or given `gain` [F] and no serve limit."""
        problem = self.problem
        limit = float(problem.serve_limit_bytes[cache]) if gain is None else np.inf
        gain, load = self.marginal(cache) if gain is None else (gain, np.zeros(problem.file_count))
        allowed = problem.allowed(cache)
        return Offer(
            gain=gain,
            load_bytes=load,
            size_bytes=problem.size_bytes,
            held=problem.held_mask(cache),
            allowed=allowed,
            forced=forced_files(problem, cache),
            companion=local_companion(problem, allowed),
            storage_bytes=int(problem.storage_bytes[cache]),
            fill_budget_bytes=int(problem.fill_budget_bytes[cache]),
            serve_limit_bytes=limit,
            fill_cost_per_byte=float(problem.fill_cost_per_byte[cache]),
        )

    def marginal(self, cache: int) -> tuple[Floats, Floats]:
        """[F] worth that holding each file at `cache` adds (misses of nearer caches only, against the best
        that lies behind), and [F] bytes it would serve.
        """
        gain, load = np.zeros(self.problem.file_count), np.zeros(self.problem.file_count)
        for point, position in self._askers[cache]:
            caches, values = self.problem.options(point)
            reaching = self.problem.point_demand(point)
            for nearer in caches[:position]:
                reaching[self.hold[nearer]] *= self.spill[nearer]
            behind = np.zeros(self.problem.file_count)
            for later in range(len(caches) - 1, position, -1):
                if not self.spill[caches[later]]:
                    behind[self.hold[caches[later]]] = values[later]
            gain += reaching * (values[position] - behind)
            load += reaching
        return gain, load

    def put(self, cache: int, mask: Bools, load_bytes: Floats) -> None:
        """Let `cache` hold exactly `mask`, where it would serve `load_bytes` [F]."""
        self.hold[cache] = mask
        limit = self.problem.serve_limit_bytes[cache]
        load = float(load_bytes[mask].sum())
        self.spill[cache] = 1.0 - limit / load if load > limit else 0.0

    def placement(self) -> Placement:
        """The holdings as a placement."""
        return Placement(tuple(np.flatnonzero(row) for row in self.hold))


def local_prices(problem: PlacementProblem, placement: Placement) -> Prices:
    """Prices at which each cache's fractional choice just fills its limits, all others as they stand.

    Estimates for reports, and good enough to prove a Lagrangian bound; serve limits are priced at 0.
    """
    standing = Standing.of(problem, placement)
    found = Prices.unknown(problem.cache_count)
    for cache in range(problem.cache_count):
        found.storage[cache], found.fill[cache] = prices(standing.offer(cache))
    found.serve[:] = 0.0
    return found
