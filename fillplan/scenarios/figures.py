"""Figures of a solution and their differences from the base: what tables, JSON and pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from fillplan.scenarios.solving import Solution
from fillplan.summary import reachable_bytes
from fillplan_data.arrays import Floats
from fillplan_data.lookup import positions
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.service import net_value


@dataclass(frozen=True)
class Figures:
    """Headline figures over the horizon; offload and churn are shares, 0 where there is nothing to share."""

    value: float
    """Worth of served bytes minus fill cost, as the plan's policy counts them."""
    bound: float
    gap: float
    offload: float
    """Served by caches, of what is requested."""
    requested_bytes: float
    served_bytes: float
    origin_bytes: float
    """Egress of the origin: what caches do not serve."""
    fill_bytes: float
    """Newly written tonight."""
    churn: float
    """Newly written, of what is held after the fill."""
    used_bytes: float

    def minus(self, other: Figures) -> Figures:
        """Differences, field by field; of equal figures exactly zero."""
        return Figures(**{f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True)
class CacheFigures:
    """Figures of one cache over the horizon."""

    cache_id: str
    served_bytes: float
    offload: float
    """Served, of what could be asked of it."""
    worth: float
    """Of what it serves, less the cost of its fill."""
    fill_bytes: float
    used_bytes: float
    storage_bytes: float
    serve_use: float | None
    """Served, of its serve limit; None without a limit."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A solution in figures."""

    total: Figures
    plain_value: float
    """Value at the caches' own worth and cost: comparable between policies, and the plan's value without one."""
    caches: Mapping[str, CacheFigures]


def measure(solution: Solution, plain: PlacementProblem | None = None) -> Measured:
    """Figures of a solution, whole and per cache, in the order of the caches table.

    plain: the problem without its policy; None where the policy is neutral.
    """
    problem = solution.problem
    served, worth, used, fill = _per_cache(solution)
    requested, total = problem.requested_bytes, float(served.sum())
    bound, value = solution.bound, solution.value
    figures = Figures(
        value=value,
        bound=bound,
        gap=max(0.0, bound - value) / abs(bound) if bound else 0.0,
        offload=total / requested if requested else 0.0,
        requested_bytes=requested,
        served_bytes=total,
        origin_bytes=requested - total,
        fill_bytes=float(fill.sum()),
        churn=float(fill.sum() / used.sum()) if used.sum() else 0.0,
        used_bytes=float(used.sum()),
    )
    plain_value = value if plain is None else net_value(plain, solution.placement)
    return Measured(figures, plain_value, _caches(problem, served, worth, used, fill))


def _per_cache(solution: Solution) -> tuple[Floats, Floats, Floats, Floats]:
    """[C] served bytes, worth less fill cost, used bytes, fill bytes."""
    count = solution.problem.cache_count
    served, worth, used, fill = (np.zeros(count) for _ in range(4))
    for group, plan in zip(solution.groups, solution.plans, strict=True):
        verdict = plan.verdict
        served[group.caches] = verdict.service.cache_bytes
        worth[group.caches] = verdict.service.cache_worth
        used[group.caches] = verdict.used_bytes
        fill[group.caches] = verdict.fill_bytes
    return served, worth - fill * solution.problem.fill_cost_per_byte, used, fill


def _caches(
    problem: PlacementProblem, served: Floats, worth: Floats, used: Floats, fill: Floats
) -> dict[str, CacheFigures]:
    reachable, limit = reachable_bytes(problem), problem.serve_limit_bytes
    return {
        cache_id: CacheFigures(
            cache_id=cache_id,
            served_bytes=float(served[c]),
            offload=float(served[c] / reachable[c]) if reachable[c] else 0.0,
            worth=float(worth[c]),
            fill_bytes=float(fill[c]),
            used_bytes=float(used[c]),
            storage_bytes=float(problem.storage_bytes[c]),
            serve_use=float(served[c] / limit[c]) if np.isfinite(limit[c]) and limit[c] > 0 else None,
        )
        for c, cache_id in enumerate(problem.cache_ids)
    }


def cache_differences(scenario: Measured, base: Measured) -> list[dict[str, Any]]:
    """Per cache that differs: its figures, the base's (None where it is not in one of them), and the difference of
    what it serves; the largest first.
    """
    rows = []
    for cache_id in [*base.caches, *(c for c in scenario.caches if c not in base.caches)]:
        now, before = scenario.caches.get(cache_id), base.caches.get(cache_id)
        if now != before:
            change = (now.served_bytes if now else 0.0) - (before.served_bytes if before else 0.0)
            rows.append(
                {
                    "cache_id": cache_id,
                    "served_bytes_difference": change,
                    "scenario": asdict(now) if now else None,
                    "base": asdict(before) if before else None,
                }
            )
    return sorted(rows, key=lambda row: (-abs(row["served_bytes_difference"]), row["cache_id"]))


def moved_bytes(scenario: Solution, base: Solution) -> float:
    """Bytes of files that caches hold in the scenario's plan but not in the base's: how far apart the plans are."""
    same_files = scenario.problem.file_ids == base.problem.file_ids
    place = None if same_files else positions(pd.Series(base.problem.file_ids), scenario.problem.file_ids)
    before = dict(zip(base.problem.cache_ids, base.placement.files, strict=True))
    total, size = 0, scenario.problem.size_bytes
    for cache_id, held in zip(scenario.problem.cache_ids, scenario.placement.files, strict=True):
        old = before.get(cache_id, held[:0])
        if place is not None:
            old = place[old]
        if not np.array_equal(old, held):
            total += int(size[np.setdiff1d(held, old)].sum())
    return float(total)
