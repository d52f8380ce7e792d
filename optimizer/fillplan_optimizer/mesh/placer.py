"""`MeshSearch`: the placer for networks where regions ask several caches (`routes`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from fillplan_data.errors import SolverFailure
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.groups import Group, merge, split
from fillplan_optimizer.mesh.bound import certify
from fillplan_optimizer.mesh.network import Mesh, network
from fillplan_optimizer.mesh.search import Effort, Found, search
from fillplan_optimizer.problem import Floats, PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices, Status
from fillplan_optimizer.verifier import verify

_SEARCH_SHARE = 0.8
"""Part of a time limit that the search may take; the rest is for the bound."""


@dataclass(frozen=True)
class MeshSearch:
    """Anytime search with a certified bound; small groups are proven by the exact program.

    Without a time limit the result depends on problem, seed and effort alone.
    """

    seed: int = 0
    effort: Effort = field(default_factory=Effort)
    time_limit_seconds: float | None = None
    """Wall-clock seconds that replace the effort; the result then depends on the machine."""
    exact_pairs: int = 2_000
    """Groups of up to so many (cache, file) pairs are given to the exact program."""
    exact_nodes: int = 5_000
    tolerance: float = 1e-9
    """Relative gap at which a result is called optimal."""
    name: str = "mesh"

    def place(self, problem: PlacementProblem) -> PlacementResult:
        """Search group by group. Raises Infeasible if the pins cannot be met, ValueError if some service order
        does not fall in value.
        """
        begin = time.perf_counter()
        check_pins(problem)
        groups = split(problem)
        pairs = sum(group.pair_count for group in groups)
        results = [self._place_group(problem, group, group.pair_count / max(1, pairs)) for group in groups]
        return replace(merge(problem, groups, results, self.name), seconds=time.perf_counter() - begin)

    def _place_group(self, whole: PlacementProblem, group: Group, share: float) -> PlacementResult:
        begin = time.perf_counter()
        seconds = None if self.time_limit_seconds is None else self.time_limit_seconds * share
        problem = group.problem(whole)
        small = group.pair_count <= self.exact_pairs
        result = self._searched(problem, None if small else seconds)
        if small and result.status != "optimal":
            left = None if seconds is None else max(1.0, seconds - (time.perf_counter() - begin))
            result = _joined(result, Exact(Limits(self.tolerance, self.exact_nodes, left)).place(problem))
        return replace(result, seconds=time.perf_counter() - begin)

    def _searched(self, problem: PlacementProblem, seconds: float | None) -> PlacementResult:
        mesh = network(problem)
        trivial = certify(mesh, np.zeros(problem.cache_count), -np.inf, 0).bound
        found = search(mesh, self.effort, self.seed, None if seconds is None else _SEARCH_SHARE * seconds, trivial)
        verdict = verify(problem, Placement(found.files))
        if verdict.violations:
            raise SolverFailure(f"The mesh search broke a rule: {verdict.violations[0]}; please report it")
        return self._result(problem, mesh, found, verdict.value, trivial)

    def _result(
        self, problem: PlacementProblem, mesh: Mesh, found: Found, value: float, trivial: float
    ) -> PlacementResult:
        certificate = certify(mesh, found.price, value, 60)
        bound = max(value, min(trivial, certificate.bound))
        return PlacementResult(
            status="optimal" if bound - value <= self.tolerance * abs(bound) else "feasible",
            placement=Placement(found.files),
            value=value,
            bound=bound,
            solver=self.name,
            seconds=0.0,
            prices=_per_byte(mesh, certificate.price),
            details={"visits": found.visits},
        )


def _per_byte(mesh: Mesh, price: Floats) -> Prices:
    unknown = Prices.unknown(len(price))
    return replace(unknown, storage=price / mesh.unit[0])


def _joined(searched: PlacementResult, exact: PlacementResult) -> PlacementResult:
    """The better placement, the lower bound."""
    best = searched if searched.value >= exact.value else exact
    bound = max(best.value, min(searched.bound, exact.bound))
    status: Status = "optimal" if exact.status == "optimal" or bound <= best.value else "feasible"
    return replace(best, bound=bound, status=status, solver=searched.solver)
