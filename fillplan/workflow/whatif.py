"""`whatif`: scenarios of a file against a run, by the same functions as the night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fillplan.report.answers import whatif_markdown
from fillplan.report.formats import bytes_change, counted
from fillplan.report.whatif_page import write_page
from fillplan.runs import Run, run_of_date
from fillplan.scenarios.apply import Point, apply_file
from fillplan.scenarios.faults import refuse
from fillplan.scenarios.figures import Measured, cache_differences, measure, moved_bytes
from fillplan.scenarios.file import Scenario, ScenarioFile, read_scenarios
from fillplan.scenarios.kept import PLANS, QUESTION, otherwise, write_plans
from fillplan.scenarios.kinds import ChangeSettings
from fillplan.scenarios.solving import GroupPlan, Solution, solve_groups
from fillplan.scenarios.store import (
    PAGE,
    TEXT,
    answer_folder,
    content_key,
    digest_of,
    store_answer,
    stored_answer,
)
from fillplan.scenarios.uncertain import Judged, Samples, ranked
from fillplan.scenarios.world import World
from fillplan.settings import Settings
from fillplan.stages import Stages
from fillplan.workflow.base import OF_DEMAND, Base, base_solution, changed_tables, open_base, solver_of
from fillplan.workflow.supposed import Supposing
from fillplan.workspace import Workspace, open_workspace, storage_errors, synthetic_label
from fillplan_data.errors import FillplanError, Infeasible

HISTORY_KINDS = frozenset(
    ("move_launch", "add_launch", "cancel_launch", "promotion", "drop_rung", "add_rung", "add_language")
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


def whatif(root: Path, scenario_path: Path, plan_date: date | None, samples: Samples | None = None) -> Answer:
    """Scenarios against the latest run, or that of `plan_date`; an answer that stands already is given at once.

    samples: also evaluate all plans over samples of the demand that may come, and rank them.

    Raises ScenarioError with every fault of the file, NotFound without a run, and whatever planning raises.
    """
    workspace = open_workspace(root)
    with storage_errors("writing the answer"), Stages("whatif", workspace.log) as stages:
        file = read_scenarios(scenario_path)
        if file.faults:
            _refuse_with_misfits(root, file, plan_date, stages)
        run = run_of(workspace, plan_date)
        folder = answer_folder(workspace, scenario_path.stem)
        with stages.stage("look up"):
            text = scenario_path.read_text(encoding="utf-8")
            key = answer_key(workspace, run, file, text, samples)
            known = stored_answer(folder, key)
        if known is not None:
            return Answer(known, run, folder, True, stages.seconds)
        told, plans = _answer(root, run, file, samples, stages)
        content = {"key": key, **told}

        def beside(made: Path) -> None:
            write_page(content, made / PAGE, synthetic_label(workspace))
            (made / TEXT).write_text(whatif_markdown(content, synthetic_label(workspace)), encoding="utf-8")
            write_plans(made / PLANS, plans)
            (made / QUESTION).write_text(text, encoding="utf-8")

        store_answer(folder, content, beside)
    return Answer(content, run, folder, False, stages.seconds)


def _refuse_with_misfits(root: Path, file: ScenarioFile, plan_date: date | None, stages: Stages) -> None:
    """Raises ScenarioError with the faults of the file's form, and with what does not fit the workspace as far as that
    can be read.
    """
    try:
        base = open_base(root, run_of(open_workspace(root), plan_date), False, stages)
    except FillplanError:
        refuse(file.faults)
        raise
    apply_file(file, base.world)


def run_of(workspace: Workspace, plan_date: date | None) -> Run:
    """The run that a question is about."""
    return run_of_date(workspace, plan_date)


def answer_key(workspace: Workspace, run: Run, file: ScenarioFile, text: str, samples: Samples | None) -> str:
    """The digest of everything that decides the answer to a scenario file with that text."""
    asked = None if samples is None else (samples.count, samples.seed)
    policies = {name: digest_of(workspace.root / name) for name in _policy_files(file)}
    return content_key(workspace, run, {"whatif": text, "samples": asked, "policies": policies})


def _policy_files(file: ScenarioFile) -> list[str]:
    """Policy files of the workspace that scenarios name."""
    overrides = [placed.override for scenario in file.scenarios for placed in scenario.overrides]
    named = [override.plan.get("policy") for override in overrides if isinstance(override, ChangeSettings)]
    return [name for name in named if isinstance(name, str) and name.endswith(".toml")]


def needs_history(file: ScenarioFile) -> bool:
    """Whether views must be read to answer."""
    return any(_reads_history(placed.override) for scenario in file.scenarios for placed in scenario.overrides)


def _reads_history(override: Any) -> bool:
    """Of settings only the horizon and the method ask for another forecast."""
    if isinstance(override, ChangeSettings):
        return bool(override.forecast) or "horizon_days" in override.plan
    return override.kind in HISTORY_KINDS


Kept = list[tuple[int, int, pd.DataFrame]]
"""(scenario, point, what its plan holds otherwise than the run), for `write_plans`."""


def _answer(
    root: Path, run: Run, file: ScenarioFile, samples: Samples | None, stages: Stages
) -> tuple[dict[str, Any], Kept]:
    base = open_base(root, run, needs_history(file), stages)
    points = apply_file(file, base.world)
    before, notes = base_solution(base, stages)
    supposing = Supposing(base, stages)
    moved = _moved_since(points, supposing)
    measured = measure(before, supposing.plain(base.world))
    solver = Solver(base, before, supposing, samples)
    rows: dict[str, list[dict[str, Any]]] = {scenario.name: [] for scenario in file.scenarios}
    kept: Kept = []
    with stages.stage("scenarios") as stage:
        for number, point in enumerate(points, start=1):
            label = f"{number} of {len(points)}: {point.scenario.name}"
            row = solver.answer(point, measured, lambda text, label=label: stage.note(f"{label}, {text}"))  # type: ignore[misc]
            if row["infeasible"] is None:
                plan = otherwise(solver.last.problem, base.start, solver.last.placement)
                kept.append((file.scenarios.index(point.scenario), len(rows[point.scenario.name]), plan))
            rows[point.scenario.name].append(row)
    told = {
        "kind": "whatif",
        "file": file.path.name,
        "plan_date": run.plan_date.isoformat(),
        "horizon_days": base.inputs.settings.plan.horizon_days,
        "notes": [*base.notes, *notes, *_other_horizons(points, base.world), *moved],
        "base": {**asdict(measured.total), "plain_value": measured.plain_value, "run": run.folder.name},
        "scenarios": [{**_told(scenario), "points": rows[scenario.name]} for scenario in file.scenarios],
        "uncertainty": solver.uncertainty(),
    }
    return told, kept


def _other_horizons(points: Sequence[Point], base: World) -> list[str]:
    """A note per scenario whose figures are sums over another number of days than the base's."""
    days = {point.scenario.name: point.world.settings.plan.horizon_days for point in points}
    usual = base.settings.plan.horizon_days
    return [
        f"{name}: plans for {counted(own, 'day', 'days')}, the base for {usual}. Bytes and value are sums over as many "
        "days, so that their differences are mostly those of the horizon."
        for name, own in days.items()
        if own != usual
    ]


def _moved_since(points: Sequence[Point], supposing: Supposing) -> list[str]:
    """A note where scenarios whose demand is made anew differ from the run's before any override: tables changed."""
    base = supposing.base
    changed = [name for name in changed_tables(base.run, base.inputs.tables, frozenset()) if name in OF_DEMAND]
    own = base.inputs.settings.forecast
    anew = [p for p in points if (p.world.new_forecast or p.world.new_shares) and p.world.settings.forecast == own]
    if not changed or not anew:
        return []
    forecast = any(point.world.new_forecast for point in anew)
    as_now = supposing.demand(replace(base.world, new_forecast=forecast, new_shares=True)).expected_bytes
    then = base.demand.expected_bytes
    if np.array_equal(as_now, then):
        return []
    names = ", ".join(dict.fromkeys(point.scenario.name for point in anew))
    return [
        f"{names}: demand is made anew from tables that changed since the run ({', '.join(changed)}), which moves it "
        f"by {bytes_change(as_now.sum() - then.sum())} before any override; plan that date again to set like against "
        "like."
    ]


def _told(scenario: Scenario) -> dict[str, Any]:
    """A scenario in its own words."""
    overrides = [
        placed.override.model_dump(mode="json", by_alias=True, exclude_none=True) for placed in scenario.overrides
    ]
    swept = None if scenario.sweep is None else scenario.sweep.words(scenario.overrides)
    return {"name": scenario.name, "description": scenario.description, "overrides": overrides, "swept": swept}


class Solver:
    """Points one after the other, each from the base, so that no answer depends on what else is asked; groups of
    caches whose problem has been solved already are not solved again.
    """

    def __init__(self, base: Base, before: Solution, supposing: Supposing, samples: Samples | None) -> None:
        self.base, self.before, self.supposing, self.samples = base, before, supposing, samples
        self.last = before
        self.known: dict[Way, dict[str, GroupPlan]] = {_way(base.inputs.settings): before.known}
        self.sampled: list[Judged] = []
        self._sample("base", None, before, base.world)

    def answer(self, point: Point, base: Measured, tell: Callable[[str], None]) -> dict[str, Any]:
        """Figures of a point and their differences from the base's; where pins cannot fit, that is the answer."""
        world = point.world
        try:
            solution = self._solve(world, tell)
        except Infeasible as refusal:
            return {"swept_value": point.value, "infeasible": str(refusal), **NO_FIGURES}
        measured = measure(solution, self.supposing.plain(world))
        self._sample(point.scenario.name, point.value, solution, world)
        return {
            "swept_value": point.value,
            "infeasible": None,
            "figures": asdict(measured.total),
            "difference": asdict(measured.total.minus(base.total)),
            "plain_value": measured.plain_value,
            "plain_value_difference": measured.plain_value - base.plain_value,
            "moved_bytes": moved_bytes(solution, self.before),
            "groups_solved": solution.solved,
            "caches": cache_differences(measured, base),
        }

    def _sample(self, name: str, swept: float | None, solution: Solution, world: World) -> None:
        if self.samples is not None:
            problem = self.supposing.plain(world) or solution.problem
            forecast = self.supposing.forecast(world)
            values = self.samples.values(problem, solution.placement, world.tables, forecast)
            self.sampled.append(Judged(name, swept, self.samples.demand_digest(problem, forecast), values))

    def uncertainty(self) -> dict[str, Any] | None:
        """All plans so far over the samples; None without samples."""
        if self.samples is None:
            return None
        return {"samples": self.samples.count, "seed": self.samples.seed, "plans": ranked(self.sampled)}

    def _solve(self, world: World, tell: Callable[[str], None]) -> Solution:
        settings, way = world.settings, _way(world.settings)
        base = self.before.known if way == _way(self.base.inputs.settings) else {}
        known = {**base, **self.known.get(way, {})}
        problem, solve = self.supposing.problem(world), solver_of(settings)
        keeps = way == _way(self.base.inputs.settings) and settings.plan.policy.outages.probability == 0
        self.last = solve_groups(problem, known, self.before.plans, solve, settings.run.threads, tell, keeps=keeps)
        self.known[way] = {**known, **self.last.known}
        return self.last


Way = tuple[str, float]


def _way(settings: Settings) -> Way:
    """What decides a group's plan beside its problem: the solver, and whether it plans for outages."""
    return settings.plan.solver, settings.plan.policy.outages.probability


NO_FIGURES: dict[str, Any] = {
    "figures": None,
    "difference": None,
    "plain_value": None,
    "plain_value_difference": None,
    "moved_bytes": None,
    "groups_solved": 0,
    "caches": [],
}
