"""What a perfect plan would have won, split into its causes so that the parts add up.

Between the plan and every byte served stand four states, each with one obstacle less:

    plan  ->  foresight (the best plan that knew the real demand, under the same limits)     forecast error
          ->  its proven bound, which may hold parts of files                                integrality
          ->  the bound without tonight's fill window                                        fill window
          ->  every byte served by the best cache that may hold its file                     capacity

Capacity is what storage, serve limits and the cost of fills forbid. Each part is the difference of two neighbours, so
the parts add up by construction; none is negative, since every bound also bounds the states before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fillplan_optimizer import bounds
from fillplan_optimizer.placer import Placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from fillplan_optimizer.service import net_value, serve

PARTS = ("forecast_error", "integrality", "fill_window", "capacity")
NO_WINDOW_BYTES = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, eq=False)
class Regret:
    """The four states in units of worth, and in offload (share of all requested bytes)."""

    foresight: Placement
    foresight_value: float
    foresight_offload: float
    value: dict[str, float]
    """Per part, and their sum as `total`."""
    offload: dict[str, float]
    """The same in offload, with `no_cache`: bytes that no cache is asked for. A bound has no offload of its own, so
    integrality is the bound's distance at the mean worth of a byte that foresight serves, within what capacity
    and window leave."""


def regret(problem: PlacementProblem, placement: Placement, placer: Placer) -> Regret:
    """Split the regret of a placement on its real demand. Solves the problem twice: with and without fill window.

    Raises Infeasible or SolverFailure as the placer does.
    """
    value, offload = net_value(problem, placement), _offload(problem, placement)
    best = placer.place(problem)
    foresight, foresight_value = best.placement, best.value
    if value > best.value:  # the solver's gap: a plan is never worse than itself
        foresight, foresight_value = placement, value
    free = _without_window(problem)
    unbound = placer.place(free)
    ceiling = max(bounds.trivial(problem), foresight_value)
    free_bound = min(max(_bound(unbound), foresight_value), ceiling)
    bound = min(max(best.bound, foresight_value), free_bound)
    states = [value, foresight_value, bound, free_bound, ceiling]
    windowless = max(_offload(free, unbound.placement), _offload(problem, foresight))
    return Regret(
        foresight,
        foresight_value,
        _offload(problem, foresight),
        _differences(states),
        _in_offload(problem, foresight, offload, windowless, bound - foresight_value),
    )


def _bound(result: PlacementResult) -> float:
    return max(result.bound, result.value)


def _without_window(problem: PlacementProblem) -> PlacementProblem:
    return replace(problem, fill_budget_bytes=np.full(problem.cache_count, NO_WINDOW_BYTES))


def _offload(problem: PlacementProblem, placement: Placement) -> float:
    served = serve(problem, placement).total_bytes
    return served / problem.requested_bytes if problem.requested_bytes else 0.0


def _differences(states: list[float]) -> dict[str, float]:
    parts = dict(zip(PARTS, np.diff(states).tolist(), strict=True))
    return {"total": states[-1] - states[0], **parts}


def _in_offload(
    problem: PlacementProblem, foresight: Placement, offload: float, windowless: float, fractions: float
) -> dict[str, float]:
    service, requested = serve(problem, foresight), problem.requested_bytes
    if not requested:
        return {"total": 0.0, **dict.fromkeys(PARTS, 0.0), "no_cache": 0.0}
    reached = max(_reachable_share(problem), windowless)
    at = service.total_bytes / requested
    per_worth = service.total_bytes / service.total_worth if service.total_worth else 0.0
    integrality = min(fractions * per_worth / requested, max(0.0, reached - at))
    # foresight serves the most worth, which is not always the most bytes: then the window is met first
    window = max(0.0, windowless - at - integrality)
    parts = {
        "forecast_error": at - offload,
        "integrality": integrality,
        "fill_window": window,
        "capacity": reached - at - integrality - window,
        "no_cache": 1.0 - reached,
    }
    return {"total": 1.0 - offload, **parts}


def _reachable_share(problem: PlacementProblem) -> float:
    """Part of the requested bytes that some cache is asked for."""
    points, per_region = problem.points, problem.demand_bytes.sum(axis=1)
    asks = np.diff(problem.points.start) > 0
    return float((points.share * per_region[points.region])[asks].sum() / problem.requested_bytes)
