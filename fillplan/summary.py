"""plan.json: the figures of a night, as the contract lists them."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np

from fillplan.settings import Settings
from fillplan_data.arrays import Floats
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.robust import COST
from fillplan_optimizer.verifier import Verdict

LIBRARIES = (
    *("fillplan", "numpy", "pandas", "pyarrow", "lightgbm", "scikit-learn", "scipy", "holidays"),
    *("highspy", "pulp", "numba"),
)


def plan_summary(
    problem: PlacementProblem,
    result: PlacementResult,
    verdict: Verdict,
    plan_date: date,
    settings: Settings,
    inputs: Mapping[str, str],
    model: Mapping[str, Any],
) -> dict[str, Any]:
    """plan.json less its `seconds`: the same inputs, settings and seed give the same content.

    Unknown figures are null. `offload` figures are shares of requested bytes, 0 where nothing is requested.
    """
    return {
        "plan_date": plan_date.isoformat(),
        "horizon_days": settings.plan.horizon_days,
        "status": result.status,
        "solver": result.solver,
        "value": verdict.value,
        "bound": result.bound,
        "gap": replace(result, value=verdict.value).gap,
        "expected_offload": verdict.offload,
        "requested_bytes": problem.requested_bytes,
        "policy": {
            "name": settings.plan.policy.name,
            "notes": [] if problem.ruled is None else list(problem.ruled.notes),
            **{key: float(result.details[key]) for key in (COST,) if key in result.details},
        },
        "caches": _caches(problem, result, verdict),
        "groups": [
            {
                "caches": [problem.cache_ids[c] for c in g.group.caches],
                "value": g.value,
                "bound": g.bound,
                "solver": g.solver,
            }
            for g in result.groups
        ],
        "inputs": dict(sorted(inputs.items())),
        "model": dict(model),
        "versions": versions(),
        "settings": settings.model_dump(mode="json", exclude={"run": {"threads"}}),
    }


def solver_words(summary: Mapping[str, Any]) -> str:
    """Which solvers made a plan.json's placement: 'decomposition', or 'exact and greedy, chosen by auto'."""
    chosen = str(summary.get("solver", ""))
    ran = sorted({group["solver"] for group in summary.get("groups", ()) if group.get("solver")})
    if chosen != "auto" or not ran:
        return chosen
    return f"{' and '.join(ran)}, chosen by {chosen}"


def versions() -> dict[str, str]:
    """Of Python and of every library that can change a plan's bytes."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def reachable_bytes(problem: PlacementProblem) -> Floats:
    """[C] bytes that would be asked of each cache if no cache nearer to the clients held anything."""
    asked = np.zeros(problem.cache_count)
    region_bytes = problem.demand_bytes.sum(axis=1)
    for point, (region, share) in enumerate(zip(problem.points.region, problem.points.share, strict=True)):
        np.add.at(asked, problem.options(point)[0], region_bytes[region] * share)
    return asked


def _caches(problem: PlacementProblem, result: PlacementResult, verdict: Verdict) -> list[dict[str, Any]]:
    reachable, served = reachable_bytes(problem), verdict.service.cache_bytes
    none = np.zeros(problem.cache_count, dtype=np.int64)
    reserve = none if problem.ruled is None else problem.ruled.reserve_bytes
    return [
        {
            "cache_id": cache_id,
            "storage_bytes": int(problem.storage_bytes[c] + reserve[c]),
            "reserve_bytes": int(reserve[c]),
            "used_bytes": int(verdict.used_bytes[c]),
            "fill_budget_bytes": int(problem.fill_budget_bytes[c]),
            "fill_bytes": int(verdict.fill_bytes[c]),
            "expected_bytes": float(served[c]),
            "expected_offload": float(served[c] / reachable[c]) if reachable[c] else 0.0,
            "storage_price": known(result.prices.storage[c]),
            "fill_price": known(result.prices.fill[c]),
            "serve_price": known(result.prices.serve[c]),
        }
        for c, cache_id in enumerate(problem.cache_ids)
    ]


def known(number: float) -> float | None:
    """JSON has no NaN: unknown is null."""
    return float(number) if math.isfinite(number) else None
