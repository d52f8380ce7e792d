"""`whatif --failures`: caches, parents or whole regions out of service in turn, on the plan as it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from fillplan.report.answers import failures_markdown
from fillplan.report.whatif_page import write_failures_page
from fillplan.runs import Run
from fillplan.scenarios.failing import (
    Effect,
    Failure,
    What,
    effect,
    failures,
    nearest_caches,
    values_in,
)
from fillplan.scenarios.figures import measure
from fillplan.scenarios.outages import without
from fillplan.scenarios.solving import GroupPlan, Solution, Solve, judged
from fillplan.scenarios.store import PAGE, TEXT, answer_folder, content_key, store_answer, stored_answer
from fillplan.scenarios.world import Outage
from fillplan.stages import Stages
from fillplan.workflow.base import base_solution, open_base, solver_of
from fillplan.workflow.whatif import Answer, run_of
from fillplan.workspace import open_workspace, storage_errors, synthetic_label
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.robust import hardened

TAKERS_SHOWN = 10


@dataclass(frozen=True)
class Exercise:
    """What is asked."""

    what: What
    replan: bool
    """Also say what planning anew for each failure would win back."""
    robust: float | None
    """Also plan for outages of the nearest cache with this probability, and say what that costs and saves."""


def fail_in_turn(root: Path, exercise: Exercise, plan_date: date | None) -> Answer:
    """Every failure on the latest run, or that of `plan_date`; an answer that stands already is given at once."""
    workspace = open_workspace(root)
    with storage_errors("writing the answer"), Stages("whatif", workspace.log) as stages:
        run = run_of(workspace, plan_date)
        folder = answer_folder(workspace, f"failures-{exercise.what}")
        with stages.stage("look up"):
            key = content_key(workspace, run, {"failures": asdict(exercise)})
            known = stored_answer(folder, key)
        if known is not None:
            return Answer(known, run, folder, True, stages.seconds)
        content = {"key": key, **_answer(root, run, exercise, stages)}

        def beside(made: Path) -> None:
            write_failures_page(content, made / PAGE, synthetic_label(workspace))
            (made / TEXT).write_text(failures_markdown(content, synthetic_label(workspace)), encoding="utf-8")

        store_answer(folder, content, beside)
    return Answer(content, run, folder, False, stages.seconds)


def _answer(root: Path, run: Run, exercise: Exercise, stages: Stages) -> dict[str, Any]:
    base = open_base(root, run, False, stages)
    solution, notes = base_solution(base, stages)
    asked = failures(base.inputs.tables, exercise.what)
    settings = base.inputs.settings
    # the policy's own outages would count beside those that are asked about
    parts, solve = Parts(solution), solver_of(settings, for_outages=False)
    with stages.stage("failures") as stage:
        rows = [
            _row(failure, parts, lambda n=n: stage.note(f"{n} of {len(asked)}"))  # type: ignore[misc]
            for n, failure in enumerate(asked, start=1)
        ]
    if exercise.replan:
        with stages.stage("plan anew") as stage, ThreadPoolExecutor(settings.run.threads) as pool:
            anew = pool.map(lambda failure: _regained(failure, parts, solve), asked)
            for number, (row, value) in enumerate(zip(rows, anew, strict=True), start=1):
                row["regained_value"] = value
                stage.note(f"{number} of {len(asked)}")
    robust = None
    if exercise.robust is not None:
        with stages.stage("robust plan"), ThreadPoolExecutor(settings.run.threads) as pool:
            chance = exercise.robust
            pairs = list(pool.map(lambda i: _hardened(parts, i, chance, solve), range(len(parts.plans))))
            robust = _robustness(pairs, chance)
    return {
        "kind": "failures",
        "what": exercise.what,
        "replan": exercise.replan,
        "plan_date": run.plan_date.isoformat(),
        "horizon_days": settings.plan.horizon_days,
        "notes": list(notes),
        "base": {**asdict(measure(solution).total), "run": run.folder.name},
        "failures": sorted(rows, key=lambda row: (-row["lost_value"], row["name"])),
        "robust": robust,
    }


class Parts:
    """The groups of a solution as problems of their own, each made once."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution
        self.plans: Sequence[GroupPlan] = solution.plans
        self._parts: dict[int, PlacementProblem] = {}

    def problem(self, index: int) -> PlacementProblem:
        """A group's problem."""
        if index not in self._parts:
            self._parts[index] = self.solution.groups[index].problem(self.solution.problem)
        return self._parts[index]

    def touched(self, cache_ids: frozenset[str]) -> list[int]:
        """Groups that have any of the caches."""
        return [i for i, plan in enumerate(self.plans) if not cache_ids.isdisjoint(plan.cache_ids)]


def _row(failure: Failure, parts: Parts, tell: Callable[[], None]) -> dict[str, Any]:
    """What one failure does to the plan as it stands, over all groups that it touches."""
    tell()
    takers: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    served = lost = value = 0.0
    for index in parts.touched(failure.cache_ids):
        problem, plan = parts.problem(index), parts.plans[index]
        found = effect(problem, plan.placement, failure.cache_ids)
        out = np.array([cache_id in failure.cache_ids for cache_id in plan.cache_ids])
        served += float(found.served_before[out].sum())
        lost, value = lost + found.lost_bytes, value + found.lost_value
        takers += _takers(found, plan)
        over += _over(found, plan, problem)
    return {
        "name": failure.name,
        "kind": failure.kind,
        "caches": len(failure.cache_ids),
        "served_bytes": served,
        "lost_bytes": lost,
        "taken_over_bytes": served - lost,
        "lost_value": value,
        "regained_value": None,
        "takers": sorted(takers, key=lambda row: -row["more_bytes"])[:TAKERS_SHOWN],
        "overflows": sorted(over, key=lambda row: -row["over_bytes"]),
    }


def _takers(found: Effect, plan: GroupPlan) -> list[dict[str, Any]]:
    more = found.served_after - found.served_before
    return [{"cache_id": plan.cache_ids[c], "more_bytes": float(more[c])} for c in np.flatnonzero(more > 0.5)]


def _over(found: Effect, plan: GroupPlan, problem: PlacementProblem) -> list[dict[str, Any]]:
    limit = problem.serve_limit_bytes
    return [
        {
            "cache_id": plan.cache_ids[c],
            "over_bytes": float(found.over_bytes[c]),
            "limit_bytes": float(limit[c]),
        }
        for c in np.flatnonzero(found.over_bytes > 0.5)
    ]


def _regained(failure: Failure, parts: Parts, solve: Solve) -> float:
    """What planning the groups anew without the failed caches is worth more than what is left of the plan."""
    value = 0.0
    for index in parts.touched(failure.cache_ids):
        plan, problem = parts.plans[index], parts.problem(index)
        failed = without(problem, [Outage(failure.cache_ids, "parent")])
        left = effect(problem, plan.placement, failure.cache_ids).left_value
        value += judged(failed, solve(failed, plan.start.on(failed))).value - left
    return value


def _hardened(parts: Parts, index: int, probability: float, solve: Solve) -> dict[str, Any]:
    """Tonight's plan and the robust one of a group: value without an outage, and in each single one."""
    problem, plan = parts.problem(index), parts.plans[index]
    guarded = hardened(problem, probability)
    robust = solve(guarded, plan.start.on(guarded)).placement
    single = nearest_caches(problem)
    return {
        name: (float(values_in(problem, placement, [frozenset()])[0]), values_in(problem, placement, single))
        for name, placement in (("tonight", plan.placement), ("robust", robust))
    }


def _robustness(pairs: Sequence[dict[str, Any]], probability: float) -> dict[str, Any]:
    """Both plans over the network: without outage, in the worst outage of one cache, and expected."""
    told: dict[str, Any] = {"probability": probability}
    for name in ("tonight", "robust"):
        lost = np.concatenate([value - left for value, left in (pair[name] for pair in pairs)])
        value = float(sum(pair[name][0] for pair in pairs))
        told[name] = {
            "value": value,
            "worst_loss": float(lost.max(initial=0.0)),
            "mean_loss": float(lost.mean()) if len(lost) else 0.0,
            "expected_value": value - probability * float(lost.sum()),
        }
    told["cost"] = told["tonight"]["value"] - told["robust"]["value"]
    told["gain"] = told["robust"]["expected_value"] - told["tonight"]["expected_value"]
    return told
