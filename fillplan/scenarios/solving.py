"""Placement of a scenario, group by group: what an override leaves alone keeps the solution that it had."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fillplan_data.arrays import Ints
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.groups import Group, split
from fillplan_optimizer.problem import FilesPerCache, PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import Verdict, verify

Solve = Callable[[PlacementProblem, Start | None], PlacementResult]
"""(a group's problem, where to begin) -> its solution."""


@dataclass(frozen=True, eq=False)
class GroupPlan:
    """One group of caches: its solution and what the verifier makes of it."""

    cache_ids: tuple[str, ...]
    file_ids: tuple[str, ...]
    """Those of the group's own problem, which the placement counts."""
    placement: Placement
    value: float
    bound: float
    verdict: Verdict
    start: Start
    """Prices and files, for the solve of a changed problem."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A whole problem and its groups' plans."""

    problem: PlacementProblem
    groups: tuple[Group, ...]
    digests: tuple[str, ...]
    plans: tuple[GroupPlan, ...]
    solved: int
    """Groups that had to be solved; the others were known."""

    @property
    def value(self) -> float:
        """Worth of served bytes minus fill cost."""
        return float(sum(plan.value for plan in self.plans))

    @property
    def bound(self) -> float:
        """Proven upper bound on the value of any placement."""
        return float(sum(plan.bound for plan in self.plans))

    @property
    def known(self) -> dict[str, GroupPlan]:
        """Plans by the digest of the group's problem."""
        return dict(zip(self.digests, self.plans, strict=True))

    @property
    def placement(self) -> Placement:
        """What every cache holds."""
        files: list[Ints] = [np.zeros(0, dtype=np.int64) for _ in range(self.problem.cache_count)]
        for group, plan in zip(self.groups, self.plans, strict=True):
            for cache, held in zip(group.caches, plan.placement.files, strict=True):
                files[cache] = group.files[held]
        return Placement(tuple(files))


def solve_groups(
    problem: PlacementProblem,
    known: Mapping[str, GroupPlan],
    near: Sequence[GroupPlan],
    solve: Solve,
    threads: int,
    tell: Callable[[str], None] = lambda _: None,
    *,
    keeps: bool = False,
) -> Solution:
    """Plan every group: those whose problem is known keep their plan, the others are solved, from the plans `near`
    of the same caches. The result does not depend on the number of threads.

    keeps: whether the plans near by may stay where they are better; not if they were made in another way.

    Raises Infeasible or SolverFailure as the solver does, VerificationFailed where it broke a limit.
    """
    groups = split(problem)
    digests = [digest(group.problem(problem)) for group in groups]
    by_cache = {cache_id: plan for plan in near for cache_id in plan.cache_ids}
    todo = [index for index, name in enumerate(digests) if name not in known]
    done = [0]

    def plan(index: int) -> GroupPlan:
        part = groups[index].problem(problem)
        start = nearby(part, by_cache)
        made = planned(part, start, solve, keeps=keeps)
        done[0] += 1
        tell(f"group {done[0]} of {len(todo)}")
        return made

    with ThreadPoolExecutor(max(1, threads)) as pool:
        solved = dict(zip(todo, pool.map(plan, todo), strict=True))
    plans = [solved[index] if index in solved else known[digests[index]] for index in range(len(groups))]
    return Solution(problem, groups, tuple(digests), tuple(plans), len(todo))


def planned(problem: PlacementProblem, start: Start | None, solve: Solve, *, keeps: bool) -> GroupPlan:
    """A group's plan made anew. keeps: whether the start's own may stay where it is better. Raises as `judged` does."""
    made = judged(problem, solve(problem, start))
    return not_worse(problem, made, start) if keeps else made


def judged(problem: PlacementProblem, result: PlacementResult) -> GroupPlan:
    """A group's solution with the verifier's figures. Raises VerificationFailed where it breaks a limit."""
    verdict = verify(problem, result.placement)
    if verdict.violations:
        lines = [f"{v.cache_id}: {v.message}" for v in verdict.violations[:20]]
        raise VerificationFailed("\n  ".join([f"solver {result.solver} broke limits:", *lines]))
    bound = max(result.bound, verdict.value)
    return GroupPlan(
        problem.cache_ids,
        problem.file_ids,
        result.placement,
        verdict.value,
        bound,
        verdict,
        Start(problem.cache_ids, problem.file_ids, result.prices, result.placement),
    )


def not_worse(problem: PlacementProblem, made: GroupPlan, start: Start | None) -> GroupPlan:
    """The plan made, or that to begin from where it keeps all limits and is worth more: a search may end below it."""
    if start is None:
        return made
    verdict = verify(problem, start.placement)
    if verdict.violations or verdict.value <= made.value:
        return made
    better = replace(made.start, placement=start.placement)
    bound = max(made.bound, verdict.value)
    return replace(made, placement=start.placement, value=verdict.value, bound=bound, verdict=verdict, start=better)


def nearby(problem: PlacementProblem, by_cache: Mapping[str, GroupPlan]) -> Start | None:
    """Where to begin: what the group's first known cache was planned with, matched by ids; None if all are new."""
    plan = next((by_cache[cache_id] for cache_id in problem.cache_ids if cache_id in by_cache), None)
    return None if plan is None else plan.start.on(problem)


def digest(problem: PlacementProblem) -> str:
    """A fingerprint of everything that decides a group's plan: equal digests, equal problems.

    Titles count by what they allow per file, not by their number, so that a title added elsewhere changes nothing.
    """
    found = hashlib.blake2b(digest_size=20)
    found.update("\0".join((*problem.cache_ids, "", *problem.file_ids)).encode())
    points = problem.points
    arrays = (
        *(problem.size_bytes, problem.companion, problem.storage_bytes, problem.fill_budget_bytes),
        *(problem.serve_limit_bytes, problem.fill_cost_per_byte, problem.parent, problem.demand_bytes),
        *(points.region, points.share, points.start, points.cache, points.value_per_byte),
        *_same_title(problem),
        problem.rights[:, problem.title],
        *_flat(problem.held),
        *_flat(problem.pinned),
        *_flat(problem.blocked),
    )
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def _same_title(problem: PlacementProblem) -> tuple[Ints, ...]:
    """Titles in the order in which the files name them."""
    return (pd.factorize(problem.title)[0],)


def _flat(files: FilesPerCache) -> tuple[Ints, Ints]:
    return np.array([len(held) for held in files], dtype=np.int64), np.concatenate([*files, np.zeros(0, np.int64)])
