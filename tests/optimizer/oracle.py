"""Slow, obvious twins: serving in plain loops, and the best placement by trying all of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value


def slow_worth(problem: PlacementProblem, files: list[set[int]]) -> float:
    """Worth of served bytes without serve limits: the first holder serves."""
    worth = 0.0
    for point in range(len(problem.points.region)):
        caches, values = problem.options(point)
        demand = problem.point_demand(point)
        for file in range(problem.file_count):
            for cache, value in zip(caches.tolist(), values.tolist(), strict=True):
                if file in files[cache]:
                    worth += value * demand[file]
                    break
    return worth


def slow_cost(problem: PlacementProblem, files: list[set[int]]) -> float:
    """Cost of filling what is not held yet."""
    return sum(
        problem.fill_cost_per_byte[cache] * problem.size_bytes[file]
        for cache, held in enumerate(files)
        for file in held - set(problem.held[cache].tolist())
    )


def allowed_sets(problem: PlacementProblem, cache: int) -> Iterator[set[int]]:
    """Every set of files that one cache may hold under all of its rules."""
    may = {f for f in range(problem.file_count) if problem.rights[cache, problem.title[f]]}
    may -= set(problem.blocked[cache].tolist())
    must = set(problem.pinned[cache].tolist()) & may
    now = set(problem.held[cache].tolist())
    candidates = sorted(may)
    for bits in product((False, True), repeat=len(candidates)):
        files = {f for f, bit in zip(candidates, bits, strict=True) if bit}
        size = {f: int(problem.size_bytes[f]) for f in files}
        if not must <= files or sum(size.values()) > problem.storage_bytes[cache]:
            continue
        if sum(size[f] for f in files - now) > problem.fill_budget_bytes[cache]:
            continue
        if all(problem.companion[f] in files or problem.companion[f] not in may for f in files):
            yield files


def all_placements(problem: PlacementProblem) -> Iterator[list[set[int]]]:
    """Every feasible placement."""
    for files in product(*(list(allowed_sets(problem, cache)) for cache in range(problem.cache_count))):
        yield list(files)


def best_value(problem: PlacementProblem) -> float:
    """Value of the best placement under the canonical routing."""
    limited = np.isfinite(problem.serve_limit_bytes).any()

    def value(files: list[set[int]]) -> float:
        if limited:
            return net_value(problem, Placement(tuple(np.array(sorted(held), dtype=np.int64) for held in files)))
        return slow_worth(problem, files) - slow_cost(problem, files)

    return max(value(files) for files in all_placements(problem))
