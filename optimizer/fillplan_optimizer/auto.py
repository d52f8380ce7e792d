"""`Auto`: the right solver for each group, and `placer`, which finds any solver by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from fillplan_data.errors import SettingsError, SolverFailure
from fillplan_optimizer.bounds import follows_tree
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.greedy import DensityGreedy, KeepInventory, TopK
from fillplan_optimizer.groups import Group, merge, split
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult, Placer


def _exact(seed: int) -> Placer:
    from fillplan_optimizer.exact.placer import Exact
    from fillplan_optimizer.exact.pulp_highs import Limits

    return Exact(Limits(seed=seed))


PLACERS: Mapping[str, Callable[[int], Placer]] = {
    "exact": _exact,
    "greedy": lambda seed: DensityGreedy(),
    "topk": lambda seed: TopK(),
    "keep": lambda seed: KeepInventory(),
}
"""Solvers by name, made from a seed. Heavy ones are imported when they are first asked for."""

SCALABLE: Mapping[str, str] = {"tree": "greedy", "mesh": "greedy"}
"""The solver for any size, by kind of group; it always runs first."""


class Auto:
    """Per group: the scalable solver; where its gap is not small and the group is, the whole program too.

    The better placement is kept with the smaller of the valid bounds. Groups are independent, so one or
    two worker processes give the same result.
    """

    name = "auto"

    def __init__(self, exact_pairs: int = 30_000, good_gap: float = 5e-4, workers: int = 1, seed: int = 0) -> None:
        self.exact_pairs = exact_pairs
        """Largest group, in (cache, file) pairs, whose whole program is stated."""
        self.good_gap = good_gap
        """Gap of the scalable solver that makes the exact one unnecessary."""
        self.workers = workers
        self.seed = seed

    def place(self, problem: PlacementProblem) -> PlacementResult:
        """Solve every group. Raises Infeasible, naming all caches, if the pins cannot be met."""
        start = time.perf_counter()
        check_pins(problem)
        groups = split(problem)
        largest_first = sorted(range(len(groups)), key=lambda index: -groups[index].pair_count)
        solved = self._solve([groups[index] for index in largest_first], problem)
        results = dict(zip(largest_first, solved, strict=True))
        merged = merge(problem, groups, [results[index] for index in range(len(groups))], self.name)
        return replace(merged, seconds=time.perf_counter() - start)

    def place_group(self, problem: PlacementProblem) -> PlacementResult:
        """Solve one group, whatever its size."""
        kind = "tree" if follows_tree(problem) else "mesh"
        first = PLACERS[SCALABLE[kind]](self.seed).place(problem)
        pairs = problem.cache_count * problem.file_count
        if first.status == "optimal" or first.gap <= self.good_gap or pairs > self.exact_pairs:
            return first
        try:
            second = PLACERS["exact"](self.seed).place(problem)
        except SolverFailure:
            return first
        return better(first, second)

    def _solve(self, groups: Sequence[Group], problem: PlacementProblem) -> list[PlacementResult]:
        if self.workers < 2 or len(groups) < 2:
            return [self.place_group(group.problem(problem)) for group in groups]
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            return list(_in_order(pool, self.place_group, (group.problem(problem) for group in groups), self.workers))


def better(first: PlacementResult, second: PlacementResult) -> PlacementResult:
    """The placement of higher value under the smaller bound; both bounds are of the same problem."""
    best = second if second.value >= first.value else first
    bound = max(min(first.bound, second.bound), best.value)
    proven = any(result.status == "optimal" and best.value >= result.value for result in (first, second))
    return replace(best, bound=bound, status="optimal" if proven else "feasible")


def placer(name: str, threads: int = 1, seed: int = 0) -> Placer:
    """A solver by its name in the settings: `auto` or one of PLACERS. Raises SettingsError for others."""
    if name == "auto":
        return Auto(workers=threads, seed=seed)
    if name not in PLACERS:
        known = ", ".join(["auto", *PLACERS])
        raise SettingsError(f"plan.solver: expected one of {known}, found {name!r}; set it in fillplan.toml")
    return PLACERS[name](seed)


def _in_order(
    pool: ProcessPoolExecutor,
    work: Callable[[PlacementProblem], PlacementResult],
    problems: Iterator[PlacementProblem],
    workers: int,
) -> Iterator[PlacementResult]:
    """Results in the order of the problems, few problems in memory at a time."""
    waiting: list[Future[PlacementResult]] = []
    for problem in problems:
        waiting.append(pool.submit(work, problem))
        if len(waiting) > 2 * workers:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()
