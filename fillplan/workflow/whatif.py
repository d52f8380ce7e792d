"""`whatif`: scenarios of a file against a run, by the same functions as the night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fillplan.report.whatif_page import write_page
from fillplan.runs import Run, latest_run, read_run
from fillplan.scenarios.apply import Point, apply_file
from fillplan.scenarios.figures import Measured, cache_differences, measure, moved_bytes
from fillplan.scenarios.file import Scenario, ScenarioFile, read_scenarios
from fillplan.scenarios.solving import Solution, solve_groups
from fillplan.scenarios.store import answer_folder, content_key, store_answer, stored_answer
from fillplan.stages import Stages
from fillplan.workflow.base import Base, base_solution, open_base, solver_of
from fillplan.workflow.supposed import Supposing
from fillplan.workspace import Workspace, open_workspace, storage_errors, synthetic_label
from fillplan_data.errors import Infeasible

HISTORY_KINDS = frozenset(
    ("move_launch", "add_launch", "cancel_launch", "promotion", "drop_rung", "add_rung", "add_language", "settings")
)
"""Kinds of overrides for which views are read: the demand model or the share estimates look at them."""


@dataclass(frozen=True)
class Answer:
    """What a question got, and where it is kept."""

    content: dict[str, Any]
    run: Run
    folder: Path
    cached: bool
    seconds: dict[str, float]


def whatif(root: Path, scenario_path: Path, plan_date: date | None) -> Answer:
    """Scenarios against the latest run, or that of `plan_date`; an answer that stands already is given at once.

    Raises ScenarioError with every fault of the file, NotFound without a run, and whatever planning raises.
    """
    workspace = open_workspace(root)
    with storage_errors("writing the answer"), Stages("whatif", workspace.log) as stages:
        file = read_scenarios(scenario_path)
        run = run_of(workspace, plan_date)
        folder = answer_folder(workspace, scenario_path.stem)
        with stages.stage("look up"):
            key = content_key(workspace, run, {"whatif": scenario_path.read_text(encoding="utf-8")})
            known = stored_answer(folder, key)
        if known is not None:
            return Answer(known, run, folder, True, stages.seconds)
        content = {"key": key, **_answer(root, run, file, stages)}
        store_answer(folder, content, lambda path: write_page(content, path, synthetic_label(workspace)))
    return Answer(content, run, folder, False, stages.seconds)


def run_of(workspace: Workspace, plan_date: date | None) -> Run:
    """The run that a question is about."""
    return latest_run(workspace) if plan_date is None else read_run(workspace.run(plan_date))


def _answer(root: Path, run: Run, file: ScenarioFile, stages: Stages) -> dict[str, Any]:
    kinds = {placed.override.kind for s in file.scenarios for placed in s.overrides}  # type: ignore[attr-defined]
    base = open_base(root, run, bool(kinds & HISTORY_KINDS), stages)
    points = apply_file(file, base.world)
    before, notes = base_solution(base, stages)
    solutions = _solve(base, points, before, stages)
    with stages.stage("compare"):
        measured = measure(before)
        rows = [
            _scenario(scenario, [(p, s) for p, s in zip(points, solutions, strict=True) if p.scenario is scenario],
                      before, measured)
            for scenario in file.scenarios
        ]  # fmt: skip
    return {
        "kind": "whatif",
        "file": file.path.name,
        "plan_date": run.plan_date.isoformat(),
        "horizon_days": base.inputs.settings.plan.horizon_days,
        "notes": [*base.notes, *notes],
        "base": {**asdict(measured.total), "run": run.folder.name},
        "scenarios": rows,
        "uncertainty": None,
    }


def _solve(base: Base, points: Sequence[Point], before: Solution, stages: Stages) -> list[Solution | Infeasible]:
    """All points, each from the one before it; groups of caches that were solved already are not solved again.

    Where pins cannot fit, that is the answer of the point, and the others go on.
    """
    supposing, known, near = Supposing(base, stages), before.known, before.plans
    solutions = list[Solution | Infeasible]()
    with stages.stage("scenarios") as stage:
        for number, point in enumerate(points, start=1):
            problem = supposing.problem(point.world)
            settings = point.world.settings
            label = f"{number} of {len(points)}: {point.scenario.name}"
            same = settings.plan == base.inputs.settings.plan
            try:
                solution = solve_groups(
                    problem,
                    known if same else {},
                    near,
                    solver_of(settings),
                    settings.run.threads,
                    lambda text, label=label: stage.note(f"{label}, {text}"),  # type: ignore[misc]
                )
            except Infeasible as refusal:
                solutions.append(refusal)
                continue
            known, near = ({**known, **solution.known} if same else known), solution.plans
            solutions.append(solution)
    return solutions


def _scenario(
    scenario: Scenario, solved: Sequence[tuple[Point, Solution | Infeasible]], before: Solution, base: Measured
) -> dict[str, Any]:
    """One scenario's figures, differences and caches; of a sweep one entry per value."""
    sweep = scenario.sweep
    overrides = [
        placed.override.model_dump(mode="json", by_alias=True, exclude_none=True) for placed in scenario.overrides
    ]
    return {
        "name": scenario.name,
        "description": scenario.description,
        "overrides": overrides,
        "swept": None if sweep is None else sweep.words(scenario.overrides),
        "points": [{"swept_value": point.value, **_point(solution, before, base)} for point, solution in solved],
    }


def _point(solution: Solution | Infeasible, before: Solution, base: Measured) -> dict[str, Any]:
    if isinstance(solution, Infeasible):
        nothing: dict[str, Any] = {
            "figures": None,
            "difference": None,
            "moved_bytes": None,
            "groups_solved": 0,
            "caches": [],
        }
        return {"infeasible": str(solution), **nothing}
    measured = measure(solution)
    return {
        "infeasible": None,
        "figures": asdict(measured.total),
        "difference": asdict(measured.total.minus(base.total)),
        "moved_bytes": moved_bytes(solution, before),
        "groups_solved": solution.solved,
        "caches": cache_differences(measured, base),
    }
