"""Sides of a comparison: runs and workspaces as they stand, scenarios rebuilt from their answer."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from fillplan.comparison.sides import Side, open_side
from fillplan.plan import make_plan
from fillplan.runs import Run, read_run
from fillplan.scenarios.apply import Point, apply_file
from fillplan.scenarios.file import ScenarioFile, read_scenarios
from fillplan.scenarios.kept import PLANS, QUESTION, ScenarioRun, read_plan, restored
from fillplan.scenarios.store import RESULT
from fillplan.scenarios.uncertain import Samples
from fillplan.stages import Stages
from fillplan.summary import plan_summary
from fillplan.workflow.base import Base, open_base
from fillplan.workflow.supposed import Supposing
from fillplan.workflow.whatif import answer_key, needs_history
from fillplan.workspace import open_workspace
from fillplan_data.errors import Infeasible, NotFound, VerificationFailed
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.verifier import verify

MARK, AT = "#", "@"
"""`DIR/whatif/NAME#SCENARIO`, and `#SCENARIO@VALUE` for one value of a sweep."""


def side_of(path: Path, stages: Stages, other: Side | None = None) -> Side:
    """A run folder, a workspace (its latest run), or a scenario of an answer of `fillplan whatif`.

    other: the other side, whose tables are taken if they are the same workspace's. Raises NotFound for anything else
    and for unknown scenarios, VerificationFailed where the answer no longer belongs to what stands in the workspace,
    Infeasible for a scenario without a plan.
    """
    named = None if path.exists() and not (path / RESULT).exists() else _named(path)
    if named is not None:
        return scenario_side(*named, stages)
    with stages.stage("read"):
        return open_side(path, other)


def _named(path: Path) -> tuple[Path, str] | None:
    """(folder of an answer, what of it), None if there is none; names of folders may have the mark in them too."""
    words = str(path).split(MARK)
    splits = ((Path(MARK.join(words[:n])), MARK.join(words[n:])) for n in range(1, len(words) + 1))
    return next((split for split in splits if (split[0] / RESULT).exists()), None)


def scenario_side(folder: Path, fragment: str, stages: Stages) -> Side:
    """One scenario of an answer, with the tables, demand and plan that it supposes."""
    content = _answer(folder)
    root = folder.resolve().parent.parent
    run = read_run(open_workspace(root).runs / content["base"]["run"])
    text = _question(folder)
    file = read_scenarios(folder / QUESTION)
    _check_current(root, run, content, file, text)
    scenario, step = chosen(content["scenarios"], fragment, folder)
    told = content["scenarios"][scenario]["points"][step]
    if told["infeasible"] is not None:
        raise Infeasible(f"{_name(content['scenarios'][scenario], step)}: no plan can be: {told['infeasible']}")
    base = open_base(root, run, needs_history(file), stages)
    point = _point(file, base, scenario, step)
    with stages.stage("scenario"):
        rows = read_plan(folder / PLANS, scenario, step)
        made = _as_run(base, point, rows, float(told["figures"]["bound"]), Supposing(base, stages))
    name = _name(content["scenarios"][scenario], step)
    threads = base.inputs.settings.run.threads
    return Side(f"{folder}{MARK}{name}", root, made, point.world.tables, threads, (), point.world.outages, name)


def _answer(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise VerificationFailed(f"{folder}/{RESULT}: damaged: {error}. Ask again: fillplan whatif") from error
    if not isinstance(content, dict) or content.get("kind") != "whatif":
        raise NotFound(f"{folder}: expected the answer to a scenario file, found another; see: fillplan whatif --help")
    return content


def _question(folder: Path) -> str:
    try:
        return (folder / QUESTION).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise VerificationFailed(f"{folder}: without its question ({error}). Ask again: fillplan whatif") from error


def _check_current(root: Path, run: Run, content: dict[str, Any], file: ScenarioFile, text: str) -> None:
    """An answer holds only for the tables, settings, run and code that it was given with."""
    drawn = content["uncertainty"]
    samples = None if drawn is None else Samples(drawn["samples"], drawn["seed"])
    if answer_key(open_workspace(root), run, file, text, samples) != content["key"]:
        raise VerificationFailed(
            f"{file.path.parent}: tables, settings, run or program have changed since this was answered; "
            "ask again: fillplan whatif"
        )


def chosen(scenarios: list[dict[str, Any]], fragment: str, folder: Path) -> tuple[int, int]:
    """Position of a scenario in an answer, and of the point of its sweep. Raises NotFound with what there is."""
    names = {_name(s, step): (i, step) for i, s in enumerate(scenarios) for step in range(len(s["points"]))}
    if fragment in names:
        return names[fragment]
    if not fragment and len(names) == 1:
        return next(iter(names.values()))
    near = get_close_matches(fragment, names, n=1)
    hint = f"did you mean {MARK}{near[0]}?" if near else "there are: " + ", ".join(MARK + name for name in names)
    raise NotFound(f"{folder}: expected one of its scenarios, found {fragment or 'none named'!r}; {hint}")


def _name(scenario: dict[str, Any], step: int) -> str:
    """'bigger edges', 'storage in a rush@1.5'."""
    value = scenario["points"][step]["swept_value"]
    return str(scenario["name"]) if value is None else f"{scenario['name']}{AT}{value:.12g}"


def _point(file: ScenarioFile, base: Base, scenario: int, step: int) -> Point:
    points = [point for point in apply_file(file, base.world) if point.scenario is file.scenarios[scenario]]
    return points[step]


def _as_run(base: Base, point: Point, rows: pd.DataFrame, bound: float, supposing: Supposing) -> ScenarioRun:
    """The scenario's plan in the form of a night's."""
    world, problem = point.world, supposing.problem(point.world)
    placement = restored(problem, base.start, rows)
    verdict = verify(problem, placement)
    if verdict.violations:
        raise VerificationFailed(f"{PLANS}: breaks limits of the scenario. Ask again: fillplan whatif")
    prices, solver = base.start.on(problem).prices, world.settings.plan.solver
    result = PlacementResult("feasible", placement, verdict.value, bound, solver, 0.0, prices)
    model = base.run.summary["model"]
    summary = plan_summary(problem, result, verdict, world.plan_date, world.settings, {}, model)
    plan = make_plan(world.tables, problem, placement, verdict.service)
    return ScenarioRun(base.run.folder, summary, plan.rows, supposing.demand(world).to_frame())
