"""Which variables are worth having: declared for every pair that can earn something or is forced."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools
from fillplan_optimizer.exact.constraints import blocked
from fillplan_optimizer.exact.pulp_highs import Program, binary, fraction
from fillplan_optimizer.exact.variables import Variables
from fillplan_optimizer.feasibility import forced_files, local_companion
from fillplan_optimizer.problem import PlacementProblem


def declare(program: Program, problem: PlacementProblem) -> Variables:
    """Variables for every pair that can earn something or is forced, and their services."""
    variables = Variables()
    candidate = np.array([candidates(problem, cache) for cache in range(problem.cache_count)])
    for cache, file in np.argwhere(candidate).tolist():
        variables.hold[cache, file] = binary(program, f"hold_{cache}_{file}")
    for point in range(len(problem.points.region)):
        _declare_services(program, problem, point, candidate, variables)
    return variables


def candidates(problem: PlacementProblem, cache: int) -> Bools:
    """[F] files that get a variable at `cache`: not blocked, fitting, and asked for, forced, or a companion."""
    open_here = ~blocked(problem, cache)
    forced = forced_files(problem, cache)
    fits = problem.size_bytes <= problem.storage_bytes[cache]
    fits &= problem.held_mask(cache) | (problem.size_bytes <= problem.fill_budget_bytes[cache])
    companion = local_companion(problem, open_here)
    has = companion >= 0
    fits[has] &= fits[companion[has]]
    wanted = open_here & fits & _asked(problem, cache) | forced
    needed = companion[wanted & has]
    wanted[needed] = True
    return wanted


def _asked(problem: PlacementProblem, cache: int) -> Bools:
    """[F] files that any point asks `cache` for."""
    points = problem.points
    owner = np.repeat(np.arange(len(points.region)), np.diff(points.start))
    asking = owner[points.cache == cache]
    asking = asking[points.share[asking] > 0]
    regions = np.unique(points.region[asking])
    asked: Bools = (problem.demand_bytes[regions] > 0).any(axis=0)
    return asked


def _declare_services(
    program: Program, problem: PlacementProblem, point: int, candidate: Bools, variables: Variables
) -> None:
    caches, values = problem.options(point)
    limited = np.isfinite(problem.serve_limit_bytes[caches])
    wanted = candidate[caches] & (problem.point_demand(point) > 0)
    for file in np.flatnonzero(wanted.any(axis=0)).tolist():
        holders = np.flatnonzero(wanted[:, file]).tolist()
        first = holders[0]
        if not limited[first]:
            variables.direct[point, file] = first
            holders = holders[1:]
        for place in holders:
            if values[place] > 0:
                variables.serve[point, place, file] = fraction(program, f"serve_{point}_{place}_{file}")
            for earlier in np.flatnonzero(limited[:place] & (values[:place] < values[place])).tolist():
                cache = int(caches[earlier])
                if candidate[cache, file] and cache not in variables.full:
                    variables.full[cache] = binary(program, f"full_{cache}")
