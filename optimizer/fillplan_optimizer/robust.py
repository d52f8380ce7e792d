"""Plans made for outages: `hardened` states the expected value over single ones as a problem, `Robust` plans by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.placer import Placer
from fillplan_optimizer.problem import DemandPoints, PlacementProblem
from fillplan_optimizer.result import GroupProof, Placement, PlacementResult
from fillplan_optimizer.service import net_value
from fillplan_optimizer.start import Start

COST = "robustness_cost"
"""Key of a result's details: value given up on a night without outage."""
_ROUNDING = 1e-12
"""Of a group's value, worked out from other arrays."""


def hardened(problem: PlacementProblem, probability: float) -> PlacementProblem:
    """The problem of the plan with the highest expected value if each point's nearest cache is out that often.

    A point's bytes ask on past their nearest cache with `probability`; where serve limits do not bind, worth is linear
    in a placement's service, so the expected value over single outages of the nearest caches is the value of this
    problem, whose points are split in two. Points that then ask the same caches become one.
    """
    points = problem.points
    length = np.diff(points.start)
    onward: dict[tuple[tuple[int, ...], tuple[float, ...]], Floats] = {}
    for point in np.flatnonzero(length > 1):
        caches, values = problem.options(int(point))
        key = tuple(caches[1:].tolist()), tuple(values[1:].tolist())
        onward[key] = onward.get(key, np.zeros(problem.file_count)) + problem.point_demand(int(point)) * probability
    orders = list(onward)
    added = np.arange(len(orders)) + len(problem.demand_bytes)
    lengths = np.concatenate([length, [len(caches) for caches, _ in orders]]).astype(np.int64)
    split = DemandPoints(
        region=np.concatenate([points.region, added]),
        share=np.concatenate([points.share * (1 - probability), np.ones(len(orders))]),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        cache=np.concatenate([points.cache, *(np.array(caches, dtype=np.int64) for caches, _ in orders)]),
        value_per_byte=np.concatenate([points.value_per_byte, *(np.array(values) for _, values in orders)]),
    )
    return replace(problem, points=split, demand_bytes=np.vstack([problem.demand_bytes, *onward.values()]))


@dataclass(frozen=True)
class Robust:
    """Plans for the expectation over single outages, and proves what that costs when there is none."""

    solver: Placer
    probability: float
    """How often the cache that clients ask first is out."""

    @property
    def name(self) -> str:
        """That of the solver."""
        return self.solver.name

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve twice: as if nothing failed, for the bound and the prices, and for outages, for the placement.

        Value, bound and gap are those of a night without outage, so that the gap has the cost of robustness in it.
        Raises as the solver does.
        """
        # groups of the start, if unchanged, hold what was planned for outages: not what the plain plan would be
        plain = self.solver.place(problem, None if start is None else replace(start, solved=None))
        guarded = hardened(problem, self.probability)
        robust = self.solver.place(guarded, Start(problem.cache_ids, problem.file_ids, plain.prices, plain.placement))
        best = max(robust.placement, plain.placement, key=lambda placement: net_value(guarded, placement))
        value = net_value(problem, best)
        groups = tuple(_proofs(problem, plain.groups, best))
        return replace(
            plain,
            status="optimal" if all(proof.status == "optimal" for proof in groups) else "feasible",
            placement=best,
            value=value,
            bound=max(plain.bound, value),
            groups=groups,
            details={**plain.details, COST: plain.value - value},
        )


def _proofs(problem: PlacementProblem, groups: tuple[GroupProof, ...], placement: Placement) -> Iterator[GroupProof]:
    """The bounds of the plan without outage, with the placement's own values; optimal where it is worth no less than a
    plan that is."""
    for proof in groups:
        local = np.full(problem.file_count, -1, dtype=np.int64)
        local[proof.group.files] = np.arange(len(proof.group.files))
        part = Placement(tuple(local[placement.files[cache]] for cache in proof.group.caches))
        value = net_value(proof.group.problem(problem), part)
        status = proof.status if value >= proof.value - _ROUNDING * abs(proof.value) else "feasible"
        yield GroupProof(proof.group, status, value, max(proof.bound, value), proof.solver)
