"""`MeshSearch`: the placer for networks where regions ask several caches (`routes`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer import bounds
from fillplan_optimizer.greedy import DensityGreedy, chosen_again
from fillplan_optimizer.groups import Group
from fillplan_optimizer.mending import mended, or_mended
from fillplan_optimizer.merging import by_group
from fillplan_optimizer.mesh.bound import Rents
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.effort import Beginning, Effort, Found
from fillplan_optimizer.mesh.network import network, size_unit
from fillplan_optimizer.mesh.search import search
from fillplan_optimizer.mesh.serving import serve_prices
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices, Status
from fillplan_optimizer.service import net_value
from fillplan_optimizer.start import Start

_TOLERANCE = 1e-6
"""Relative gap at which a result is called optimal."""
_WELL_RELAXED = 3_000_000
"""From so many pairs of cache and file on there is time for too few rounds to move prices of serving: the greedy's
stand, and all steps of the relaxation go into the prices of rows."""
_LESS_RELAXING = 3
"""Prices that come from moving prices of serving need only so much less of it."""


def night_effort(pairs: int) -> Effort:
    """Work of a night on so many pairs of cache and file: counted, so that the plan is the same on every machine.

    The larger a network, the fewer steps: about a minute of CPU for 10 million pairs, seconds below a million.
    """

    def share(whole: float, least: int, most: int) -> int:
        return int(np.clip(whole // pairs, least, most))

    return Effort(
        relax_steps=share(1.5e9, 40, 300),
        serve_rounds=share(1e7, 3, 12) if pairs < _WELL_RELAXED else 0,
        visits=share(1.2e8, 4, 12 if pairs > 1_000_000 else 40),
        ruins=share(5e7, 4, 100),
        regions=share(2e6, 0, 4),
        exchanges=10_000_000 if pairs < 1_000_000 else 0,
        nodes=20,
        region_copies=3_000 if pairs < 400_000 else 1_500,
        whole_nodes=20,
    )


class MeshSearch:
    """The density greedy, and from it the search with its certified bound.

    Serve limits are priced, not kept, by the search: bytes of a limited cache are worth less by a price that follows
    its load (see module `serving`), which keeps the bound valid; then caches choose again, limits in sight. The value
    is that of the verifier's routing.
    """

    name = "mesh"

    def __init__(self, seed: int = 0, effort: Effort | None = None) -> None:
        self.seed = seed
        self.effort = effort
        """How much work; by the size of each group if None."""

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Search group by group, from an earlier solution in a third of the work if one is given.

        Raises Infeasible if the pins cannot be met, SolverFailure if some service order does not fall in value.
        """
        first = None if start is None else start.on(problem)
        result = by_group(problem, lambda group: self._place_group(problem, group, first), self.name)
        return result if start is None else or_mended(problem, result, start)

    def _place_group(self, whole: PlacementProblem, group: Group, start: Start | None) -> PlacementResult:
        begin = time.perf_counter()
        problem = group.problem(whole)
        greedy = DensityGreedy().place(problem)
        first = _Hand(greedy.placement, greedy.value, greedy.prices)
        effort = self.effort or night_effort(max(1, problem.cache_count * problem.file_count))
        if start is not None:
            first = first.or_that_of(start.part(group, problem), problem)
            effort = _less(effort)
        serve, unit = _serve_price(problem, first.prices), float(size_unit(problem))
        beginning, bound, prices = first.beginning(unit), greedy.bound, greedy.prices
        if _limited(problem) and effort.serve_rounds:
            served = serve_prices(problem, serve, beginning, effort.serve_rounds, effort.serve_steps)
            serve, bound, prices = served.good_price, served.bound, _per_byte(served.rents, unit, served.price)
            if served.value > first.value:
                first = replace(first, placement=served.placement, value=served.value)
            beginning = replace(first.beginning(unit), row_price=served.good_row_price)
            effort = replace(effort, relax_steps=effort.relax_steps // _LESS_RELAXING)
        found = search(network(problem, serve), effort, self.seed, Clock(), begin=beginning)
        paid = float((serve * np.where(serve > 0, problem.serve_limit_bytes, 0.0)).sum())
        if found.relaxed is not None and found.bound + paid <= bound:
            prices = _per_byte(found.relaxed.rents, unit, serve)
        bound = min(bound, found.bound + paid, greedy.bound, bounds.trivial(problem))
        return replace(_joined(problem, bound, first, found, prices), seconds=time.perf_counter() - begin)


@dataclass(frozen=True)
class _Hand:
    """The best placement before the search, and prices of room."""

    placement: Placement
    value: float
    prices: Prices

    def or_that_of(self, start: Start, problem: PlacementProblem) -> _Hand:
        """An earlier answer's prices, where it has any; and its placement, mended, if that is better."""
        prices = replace(
            self.prices,
            storage=np.where(np.isnan(start.prices.storage), self.prices.storage, start.prices.storage),
            fill=np.where(np.isnan(start.prices.fill), self.prices.fill, start.prices.fill),
            serve=np.where(np.isnan(start.prices.serve), self.prices.serve, start.prices.serve),
        )
        placement = mended(problem, start.placement)
        value = net_value(problem, placement)
        return _Hand(placement, value, prices) if value > self.value else replace(self, prices=prices)

    def beginning(self, unit: float) -> Beginning:
        """In the mesh's units."""
        rents = Rents(*(unit * np.nan_to_num(price) for price in (self.prices.storage, self.prices.fill)))
        return Beginning(self.placement.files, rents)


def _less(effort: Effort) -> Effort:
    """What is enough after a small change."""
    part = {
        name: -(-getattr(effort, name) // 3) for name in ("relax_steps", "serve_rounds", "visits", "ruins", "regions")
    }
    return replace(effort, **part)


def _per_byte(rents: Rents, unit: float, serve: Floats) -> Prices:
    return Prices(rents.storage / unit, rents.fill / unit, serve)


def _serve_price(problem: PlacementProblem, prices: Prices) -> Floats:
    """[C] worth of one more byte of serve limit, 0 without a limit."""
    limited = np.isfinite(problem.serve_limit_bytes)
    return np.where(limited, np.maximum(np.nan_to_num(prices.serve), 0.0), 0.0)


def _limited(problem: PlacementProblem) -> bool:
    return bool(np.isfinite(problem.serve_limit_bytes).any())


def _joined(problem: PlacementProblem, bound: float, first: _Hand, found: Found, prices: Prices) -> PlacementResult:
    placement, value = first.placement, first.value
    for hand in (Placement(found.files), first.placement):
        worth, chosen = chosen_again(problem, hand) if _limited(problem) else (net_value(problem, hand), hand)
        if worth > value:
            placement, value = chosen, worth
    bound = max(bound, value)
    status: Status = "optimal" if bound - value <= _TOLERANCE * abs(bound) else "feasible"
    return PlacementResult(
        status, placement, value, bound, MeshSearch.name, 0.0, prices, details={"rounds": found.rounds}
    )
