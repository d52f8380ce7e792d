"""`Auto`: the right solver for each group, and `placer`, which finds any solver by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fillplan_data.errors import SettingsError, SolverFailure
from fillplan_optimizer.bounds import follows_tree
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.greedy import DensityGreedy, KeepInventory, TopK, keep_what_is_there
from fillplan_optimizer.groups import Group, split
from fillplan_optimizer.mending import or_mended
from fillplan_optimizer.merging import merge
from fillplan_optimizer.placer import Placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.robust import Robust
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing
from fillplan_optimizer.start import Start

if TYPE_CHECKING:
    from fillplan_optimizer.exact.placer import Exact


_NODES_OF_A_NIGHT = 60
"""Of the exact solver's search tree; beyond, bound and plan seldom move."""


def exact(seed: int) -> Exact:
    """The whole program; PuLP and HiGHS are imported here."""
    from fillplan_optimizer.exact.placer import Exact
    from fillplan_optimizer.exact.pulp_highs import Limits

    return Exact(Limits(seed=seed))


def _exact_to(gap: float, seed: int) -> Exact:
    """The whole program for a night, from a good start to a gap that is good enough."""
    from fillplan_optimizer.exact.placer import Exact
    from fillplan_optimizer.exact.pulp_highs import Limits

    return Exact(Limits(gap=gap, nodes=_NODES_OF_A_NIGHT, seed=seed, quick=True))


def _decomposition(seed: int) -> Placer:
    from fillplan_optimizer.decomposition.placer import Decomposition

    return Decomposition(workers=1)


def _mesh(seed: int) -> Placer:
    from fillplan_optimizer.mesh.placer import MeshSearch

    return MeshSearch(seed)


PLACERS: Mapping[str, Callable[[int], Placer]] = {
    "exact": exact,
    "decomposition": _decomposition,
    "mesh": _mesh,
    "greedy": lambda seed: DensityGreedy(),
    "topk": lambda seed: TopK(),
    "keep": lambda seed: KeepInventory(),
}
"""Solvers by name, made from a seed. Heavy ones are imported when they are first asked for."""

SCALABLE: Mapping[str, tuple[str, ...]] = {"tree": ("decomposition", "greedy"), "mesh": ("mesh", "greedy")}
"""Solvers for any size, by kind of group; the first that does not refuse runs before all others."""


class Auto:
    """Per group: the scalable solver; where its gap is not small and the group is, the whole program too.

    The better placement is kept with the smaller of the valid bounds. Groups are independent, so any number
    of workers gives the same result. Threads do well, for the scalable solver's kernels run outside the
    interpreter's lock; `pool` may also be a ProcessPoolExecutor or anything else with `submit`.
    """

    name = "auto"

    def __init__(
        self,
        exact_pairs: int = 10_000,
        good_gap: float = 5e-4,
        exact_gap: float = 2e-4,
        workers: int = 1,
        seed: int = 0,
        pool: Callable[[int], Executor] = ThreadPoolExecutor,
    ) -> None:
        self.exact_pairs = exact_pairs
        """Largest group, in (cache, file) pairs, whose whole program is stated."""
        self.good_gap = good_gap
        """Gap of the scalable solver that makes the exact one unnecessary."""
        self.exact_gap = exact_gap
        """Gap at which the exact solver stops: the last hundredth of a per cent takes it several times as long."""
        self.workers = workers
        self.seed = seed
        self.pool = pool

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve every group, from an earlier solution if one is given (see module `start`).

        Raises Infeasible, naming all caches, if the pins cannot be met.
        """
        begin = time.perf_counter()
        check_pins(problem)
        groups = split(problem)
        largest_first = sorted(range(len(groups)), key=lambda index: -groups[index].pair_count)
        first = None if start is None else start.on(problem)
        solved = self._solve([groups[index] for index in largest_first], problem, first)
        results = dict(zip(largest_first, solved, strict=True))
        merged = merge(problem, groups, [results[index] for index in range(len(groups))], self.name)
        return replace(merged, seconds=time.perf_counter() - begin)

    def place_group(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve one group, whatever its size, and let room left over keep what is held."""
        best = scalable = self._scalable(problem, start)
        pairs = problem.cache_count * problem.file_count
        wide = best.bound - best.value > self.good_gap * abs(best.bound)
        if best.status != "optimal" and wide and pairs <= self.exact_pairs:
            with suppress(SolverFailure):  # then the scalable solver's placement and bound stand
                best = better(best, _exact_to(self.exact_gap, self.seed).place_group(problem, best))
        placement = keep_what_is_there(Standing.of(problem, best.placement))
        value = net_value(problem, placement)
        # the scalable solver's prices are those of a bound, the exact one's only fit its own plan
        prices = best.prices if scalable.prices.companion is None else scalable.prices
        return replace(best, placement=placement, value=value, bound=max(best.bound, value), prices=prices)

    def _scalable(self, problem: PlacementProblem, start: Start | None) -> PlacementResult:
        """The first solver of this kind of group that does not refuse its shape."""
        names = SCALABLE["tree" if follows_tree(problem) else "mesh"]
        for name in names[:-1]:
            try:
                return PLACERS[name](self.seed).place(problem, start)
            except SolverFailure:
                continue
        result = PLACERS[names[-1]](self.seed).place(problem)
        return result if start is None else or_mended(problem, result, start)

    def _solve(self, groups: Sequence[Group], problem: PlacementProblem, start: Start | None) -> list[PlacementResult]:
        jobs = (self._job(group, problem, start) for group in groups)
        if self.workers < 2 or len(groups) < 2:
            return [self._do(*job) for job in jobs]
        with self.pool(self.workers) as pool:
            return list(_in_order(pool, self._do, jobs, self.workers))

    def _job(self, group: Group, problem: PlacementProblem, start: Start | None) -> Job:
        part = group.problem(problem)
        if start is None:
            return part, None, None
        return part, start.part(group, part), start.unchanged(group, part, self.name)

    def _do(self, problem: PlacementProblem, start: Start | None, settled: PlacementResult | None) -> PlacementResult:
        return settled or self.place_group(problem, start)


def better(first: PlacementResult, second: PlacementResult) -> PlacementResult:
    """The placement of higher value under the smaller bound; both bounds are of the same problem."""
    best = second if second.value >= first.value else first
    bound = max(min(first.bound, second.bound), best.value)
    proven = "optimal" in (first.status, second.status)  # no optimum is above the better value
    return replace(best, bound=bound, status="optimal" if proven else "feasible")


@dataclass(frozen=True)
class ForTrees:
    """A solver for trees, chosen in the settings: a mesh is then a conflict of settings, not its failure."""

    solver: Placer

    @property
    def name(self) -> str:
        """That of the solver."""
        return self.solver.name

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """As the solver does. Raises SettingsError if it refuses demand that does not follow a tree."""
        try:
            return self.solver.place(problem, start)
        except SolverFailure as failure:
            if follows_tree(problem):
                raise
            raise SettingsError(
                f'plan.solver: expected a tree of caches for "{self.name}", found a mesh (regions whose routes do '
                'not go from child to parent); set plan.solver = "auto" or "greedy" in fillplan.toml'
            ) from failure


def placer(name: str, threads: int = 1, seed: int = 0, outage_probability: float = 0.0) -> Placer:
    """A solver by its name in the settings: `auto` or one of PLACERS; with a probability of outages, one that plans for
    them (see module `robust`). Raises SettingsError for other names.
    """
    solver = _named(name, threads, seed)
    return Robust(solver, outage_probability) if outage_probability > 0 else solver


def _named(name: str, threads: int, seed: int) -> Placer:
    if name == "auto":
        return Auto(workers=threads, seed=seed)
    if name not in PLACERS:
        known = ", ".join(["auto", *PLACERS])
        raise SettingsError(f"plan.solver: expected one of {known}, found {name!r}; set it in fillplan.toml")
    solver = PLACERS[name](seed)
    return ForTrees(solver) if name == "decomposition" else solver


Job = tuple[PlacementProblem, "Start | None", "PlacementResult | None"]
"""A group's problem, its part of the start, and its result where nothing has changed."""


def _in_order(
    pool: Executor,
    work: Callable[[PlacementProblem, Start | None, PlacementResult | None], PlacementResult],
    problems: Iterator[Job],
    workers: int,
) -> Iterator[PlacementResult]:
    """Results in the order of the problems, few problems in memory at a time."""
    waiting: list[Future[PlacementResult]] = []
    for job in problems:
        waiting.append(pool.submit(work, *job))
        if len(waiting) > 2 * workers:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()
