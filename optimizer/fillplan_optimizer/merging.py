"""From the results of the groups to that of the whole problem."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.groups import Group, split
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import CompanionPrices, GroupProof, Placement, PlacementResult, Prices


def by_group(problem: PlacementProblem, place: Callable[[Group], PlacementResult], solver: str) -> PlacementResult:
    """Solve group by group, one after the other. Raises Infeasible, naming all caches, if pins cannot be met."""
    begin = time.perf_counter()
    check_pins(problem)
    groups = split(problem)
    result = merge(problem, groups, [place(group) for group in groups], solver)
    return replace(result, seconds=time.perf_counter() - begin)


def merge(
    problem: PlacementProblem, groups: Sequence[Group], results: Sequence[PlacementResult], solver: str
) -> PlacementResult:
    """One result from the groups' results: values, bounds and seconds add up; optimal if all are."""
    files: list[Ints] = [np.zeros(0, dtype=np.int64) for _ in range(problem.cache_count)]
    prices = Prices.unknown(problem.cache_count)
    for group, result in zip(groups, results, strict=True):
        for cache, held in zip(group.caches, result.placement.files, strict=True):
            files[cache] = group.files[held]
        for name in ("storage", "fill", "serve"):
            getattr(prices, name)[group.caches] = getattr(result.prices, name)
    prices = replace(prices, companion=_companion_prices(problem, groups, results))
    return PlacementResult(
        status="optimal" if all(result.status == "optimal" for result in results) else "feasible",
        placement=Placement(tuple(files)),
        value=float(sum(result.value for result in results)),
        bound=float(sum(result.bound for result in results)),
        solver=solver,
        seconds=float(sum(result.seconds for result in results)),
        prices=prices,
        groups=tuple(
            GroupProof(group, result.status, result.value, result.bound, result.solver)
            for group, result in zip(groups, results, strict=True)
        ),
        details={**(results[0].details if len(results) == 1 else {}), "groups": len(groups)},
    )


def _companion_prices(
    problem: PlacementProblem, groups: Sequence[Group], results: Sequence[PlacementResult]
) -> CompanionPrices | None:
    """Those of all groups; a group without any pays none."""
    if all(result.prices.companion is None for result in results):
        return None
    blank = np.zeros(0, dtype=np.int64), np.zeros(0)
    prices = [blank] * problem.cache_count
    for group, result in zip(groups, results, strict=True):
        for cache, (files, paid) in zip(group.caches, result.prices.companion or (), strict=False):
            prices[cache] = group.files[files], paid
    return tuple(prices)
