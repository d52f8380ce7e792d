"""What one more file at one cache is worth, given what all other caches hold now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.feasibility import forced_files, local_companion
from fillplan_optimizer.orders import askers
from fillplan_optimizer.packing import Offer, prices
from fillplan_optimizer.problem import PlacementProblem
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
        self._zeros = np.zeros(problem.file_count)
        self._blank: dict[int, Offer] = {}

    @classmethod
    def of(cls, problem: PlacementProblem, placement: Placement) -> Standing:
        """The standing of a given placement."""
        standing = cls(problem)
        standing.set(placement)
        return standing

    def set(self, placement: Placement) -> None:
        """Hold what a placement says."""
        self.hold[:] = False
        for cache, files in enumerate(placement.files):
            self.hold[cache, files] = True
        self.spill[:] = 0.0
        for cache in np.flatnonzero(np.isfinite(self.problem.serve_limit_bytes)).tolist():
            self.put(cache, self.hold[cache], self.marginal(cache)[1])

    def offer(self, cache: int) -> Offer:
        """What `cache` may choose from, given the others."""
        gain, load = self.marginal(cache)
        return replace(self.blank_offer(cache), gain=gain, load_bytes=load)

    def blank_offer(self, cache: int) -> Offer:
        """The limits and rules of `cache`, with gains and loads of 0."""
        if cache not in self._blank:
            problem = self.problem
            allowed = problem.allowed(cache)
            self._blank[cache] = Offer(
                gain=self._zeros,
                load_bytes=self._zeros,
                size_bytes=problem.size_bytes,
                held=problem.held_mask(cache),
                allowed=allowed,
                forced=forced_files(problem, cache),
                companion=local_companion(problem, allowed).astype(np.int32),
                storage_bytes=int(problem.storage_bytes[cache]),
                fill_budget_bytes=int(problem.fill_budget_bytes[cache]),
                serve_limit_bytes=float(problem.serve_limit_bytes[cache]),
                fill_cost_per_byte=float(problem.fill_cost_per_byte[cache]),
            )
        return self._blank[cache]

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


def local_prices(standing: Standing) -> Prices:
    """Prices at which each cache's fractional choice just fills its limits, all others as they stand.

    Estimates for reports, and good enough to prove a Lagrangian bound.
    """
    caches = standing.problem.cache_count
    found = Prices.unknown(caches)
    for cache in range(caches):
        found.storage[cache], found.fill[cache], found.serve[cache] = prices(standing.offer(cache))
    return found
