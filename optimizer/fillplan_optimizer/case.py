"""One decision of a plan, one file at one cache, in numbers: what it adds, what its bytes cost, who else holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fillplan_optimizer.feasibility import forced_files, local_companion
from fillplan_optimizer.orders import askers
from fillplan_optimizer.packing import prices as own_prices
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, Prices
from fillplan_optimizer.standing import Standing


@dataclass(frozen=True, eq=False)
class Case:
    """Numbers of one decision; worth and prices over the horizon, in the units of `value_per_byte`."""

    standing: Standing
    prices: tuple[float, float, float]
    """Storage, fill, serve."""
    cache: int
    file: int

    @classmethod
    def of(cls, problem: PlacementProblem, placement: Placement, prices: Prices, cache: int, file: int) -> Case:
        """A decision of a placement at its prices; prices that are unknown count as the cache's own."""
        standing = Standing.of(problem, placement)
        known = np.array([price[cache] for price in (prices.storage, prices.fill, prices.serve)], dtype=np.float64)
        if np.isnan(known).any():
            known = np.where(np.isnan(known), own_prices(standing.offer(cache)), known)
        return cls(standing, (float(known[0]), float(known[1]), float(known[2])), cache, file)

    @property
    def problem(self) -> PlacementProblem:
        """The problem."""
        return self.standing.problem

    @cached_property
    def held(self) -> bool:
        """After the fill."""
        return bool(self.standing.hold[self.cache, self.file])

    @cached_property
    def held_before(self) -> bool:
        """Before the fill."""
        return bool(self.problem.held_mask(self.cache)[self.file])

    @cached_property
    def audio(self) -> int:
        """Main audio that the file must have with it here, -1 for none."""
        return int(local_companion(self.problem, self.problem.allowed(self.cache))[self.file])

    @cached_property
    def brings(self) -> bool:
        """Whether it would have to bring its main audio."""
        return self.audio >= 0 and not self.standing.hold[self.cache, self.audio]

    @cached_property
    def needed_by(self) -> list[int]:
        """Held videos whose main audio it is."""
        held = self.standing.hold[self.cache] & (self.problem.companion == self.file)
        return np.flatnonzero(held).tolist()

    def flow(self, nearer: bool = True, farther: bool = True) -> tuple[float, float]:
        """Worth that holding the file here adds, and bytes it serves; holders before or behind may be ignored."""
        gain = load = 0.0
        for point, position in askers(self.problem)[self.cache]:
            caches, values = self.problem.options(point)
            bytes_ = float(self.problem.point_demand(point)[self.file])
            for other in caches[:position] if nearer else ():
                if self.standing.hold[other, self.file]:
                    bytes_ *= float(self.standing.spill[other])
            behind = 0.0
            for later in range(len(caches) - 1, position, -1) if farther else ():
                if self.standing.hold[caches[later], self.file] and not self.standing.spill[caches[later]]:
                    behind = float(values[later])
            gain += bytes_ * (float(values[position]) - behind)
            load += bytes_
        return gain, load

    def priced(self, *, fill: bool = True, serve: bool = True) -> float:
        """Price of the file's bytes and of what it serves; limits may be left out."""
        storage, window, limit = self.prices
        per_byte = storage
        if not self.held_before:
            per_byte += float(self.problem.fill_cost_per_byte[self.cache]) + (window if fill else 0.0)
        return per_byte * float(self.problem.size_bytes[self.file]) + (limit * self.flow()[1] if serve else 0.0)

    @cached_property
    def price(self) -> float:
        """Price of its bytes and of what it serves."""
        return self.priced()

    @cached_property
    def surplus(self) -> float:
        """Worth less price."""
        return self.flow()[0] - self.price

    @cached_property
    def audio_lack(self) -> float:
        """What bringing the main audio costs beyond its own worth."""
        return max(0.0, -replace(self, file=self.audio).surplus) if self.brings else 0.0

    def holders(self, before: bool) -> tuple[str, ...]:
        """Other caches that hold the file and are asked before, or after, this one."""
        found: dict[str, None] = {}
        for point, position in askers(self.problem)[self.cache]:
            caches = self.problem.options(point)[0]
            for other in caches[:position] if before else caches[position + 1 :]:
                if self.standing.hold[other, self.file]:
                    found[self.problem.cache_ids[other]] = None
        return tuple(found)

    @property
    def finds_room(self) -> bool:
        """Whether the file by itself fits into the room that the plan leaves."""
        size, hold = self.problem.size_bytes, self.standing.hold[self.cache]
        new = hold & ~self.problem.held_mask(self.cache)
        room = self.problem.storage_bytes[self.cache] - size[hold].sum()
        window = self.problem.fill_budget_bytes[self.cache] - size[new].sum()
        return bool(size[self.file] <= room and (self.held_before or size[self.file] <= window))

    @cached_property
    def forced(self) -> bool:
        """Whether a pin asks for it, or for a video whose main audio it is."""
        return bool(forced_files(self.problem, self.cache)[self.file])

    @property
    def fits(self) -> bool:
        """Whether the file, with the main audio it would bring, fits beside what is pinned."""
        problem, cache = self.problem, self.cache
        forced, held = forced_files(problem, cache), problem.held_mask(cache)
        files = [self.file, self.audio] if self.audio >= 0 and not forced[self.audio] else [self.file]
        new = [file for file in files if not held[file]]
        size = problem.size_bytes
        return bool(
            size[files].sum() <= problem.storage_bytes[cache] - size[forced].sum()
            and size[new].sum() <= problem.fill_budget_bytes[cache] - size[forced & ~held].sum()
        )
