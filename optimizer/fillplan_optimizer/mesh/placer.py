"""`MeshSearch`: the placer for networks where regions ask several caches (`routes`)."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from fillplan_optimizer import bounds
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.groups import Group, by_group
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.relax import Rents
from fillplan_optimizer.mesh.search import Beginning, Effort, Found, search
from fillplan_optimizer.problem import Floats, PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices, Status
from fillplan_optimizer.service import net_value
from fillplan_optimizer.start import Start, or_mended

_TOLERANCE = 1e-6
"""Relative gap at which a result is called optimal."""


def night_effort(pairs: int) -> Effort:
    """Work of a night on so many pairs of cache and file: counted, so that the plan is the same on every machine.

    The larger a network, the fewer steps: about a minute of CPU for 10 million pairs, seconds below a million.
    """

    def share(whole: float, least: int, most: int) -> int:
        return int(np.clip(whole // pairs, least, most))

    return Effort(
        relax_steps=share(1e9, 40, 300),
        visits=share(8e7, 4, 100),
        ruins=share(5e7, 4, 100),
        regions=share(6e6, 0, 20),
        exchanges=10_000_000 if pairs < 1_000_000 else 0,
        nodes=20,
        region_copies=3_000,
        whole_nodes=20,
    )


class MeshSearch:
    """The density greedy, and from it the search with its certified bound.

    Serve limits are priced, not kept, by the search: bytes of a limited cache are worth less by the greedy's price,
    which keeps the bound valid; the value of a placement is that of the verifier's routing.
    """

    name = "mesh"

    def __init__(self, seed: int = 0, effort: Effort | None = None) -> None:
        self.seed = seed
        self.effort = effort
        """How much work; by the size of each group if None."""

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Search group by group.

        Raises Infeasible if the pins cannot be met, SolverFailure if some service order does not fall in value.
        """
        result = by_group(problem, lambda group: self._place_group(problem, group), self.name)
        return result if start is None else or_mended(problem, result, start)

    def _place_group(self, whole: PlacementProblem, group: Group) -> PlacementResult:
        begin = time.perf_counter()
        problem = group.problem(whole)
        greedy = DensityGreedy().place(problem)
        serve = _serve_price(problem, greedy.prices)
        mesh = network(problem, serve)
        unit = float(mesh.unit[0])
        rents = Rents(*(unit * np.nan_to_num(price) for price in (greedy.prices.storage, greedy.prices.fill)))
        effort = self.effort or night_effort(max(1, mesh.flag.size))
        found = search(mesh, effort, self.seed, Clock(), begin=Beginning(greedy.placement.files, rents))
        prices = greedy.prices
        if found.relaxed is not None:
            prices = Prices(found.relaxed.rents.storage / unit, found.relaxed.rents.fill / unit, serve)
        return replace(_joined(problem, greedy, found, prices), seconds=time.perf_counter() - begin)


def _serve_price(problem: PlacementProblem, prices: Prices) -> Floats:
    """[C] worth of one more byte of serve limit, 0 without a limit."""
    limited = np.isfinite(problem.serve_limit_bytes)
    return np.where(limited, np.maximum(np.nan_to_num(prices.serve), 0.0), 0.0)


def _joined(problem: PlacementProblem, greedy: PlacementResult, found: Found, prices: Prices) -> PlacementResult:
    priced = np.where(prices.serve > 0, problem.serve_limit_bytes, 0.0)
    ceiling = min(found.bound + float((prices.serve * priced).sum()), greedy.bound, bounds.trivial(problem))
    placement, value = greedy.placement, greedy.value
    searched = Placement(found.files)
    worth = net_value(problem, searched)
    if worth > value:
        placement, value = searched, worth
    bound = max(ceiling, value)
    status: Status = "optimal" if bound - value <= _TOLERANCE * abs(bound) else "feasible"
    return PlacementResult(
        status, placement, value, bound, MeshSearch.name, 0.0, prices, details={"rounds": found.rounds}
    )
