"""`explain`: why a cache holds a file or does not, from a run's files and the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from fillplan.explanation import Decision, explain, inventory_then, known_id
from fillplan.problem import build_problem
from fillplan.runs import Run, run_of_date
from fillplan.settings import PlanSettings, RunSettings, Settings
from fillplan.stages import Stages
from fillplan.turning import is_small, with_turn
from fillplan.workflow.base import solver_of
from fillplan.workflow.demand import demand_of_run
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, load_inputs
from fillplan.workspace import open_workspace
from fillplan_data.errors import Infeasible, SolverFailure


def explain_step(root: Path, plan_date: date | None, cache_id: str, asset_id: str) -> dict[str, Any]:
    """Explain one decision of a run (default: the latest). Reads only.

    At what demand it turns is found by planning the cache's group anew where that is soon done and the tables are
    still the run's; else it is an estimate by prices.

    Raises NotFound for an unknown run, cache or asset, the latter with the nearest known names, VerificationFailed
    where the tables no longer know the run's files.
    """
    workspace = open_workspace(root)
    run = run_of_date(workspace, plan_date)
    with Stages("explain") as stages:
        tables = load_inputs(root, FOR_GIVEN_DEMAND, run.plan_date, stages).tables
        cache = known_id(cache_id, tables.caches["cache_id"], "a cache")
        file = known_id(asset_id, tables.assets["asset_id"], "an asset")
        with stages.stage("explain"):
            demand = demand_of_run(run, tables)
            plan = PlanSettings(**run.summary["settings"]["plan"])
            tables = replace(tables, inventory=inventory_then(run))
            problem = build_problem(tables, demand, run.plan_date, plan)
            decision = Decision(run, tables, demand, problem, cache, file)
            made = explain(decision)
        if made["changed_tables"] or not _is_estimated(made) or not is_small(decision):
            return made
        with stages.stage("plan anew"):
            try:
                return with_turn(made, decision, plan, solver_of(Settings(run=_seed(run), plan=plan)))
            except (Infeasible, SolverFailure):
                return made


def _seed(run: Run) -> RunSettings:
    return RunSettings(seed=int(run.summary["settings"]["run"]["seed"]))


def _is_estimated(made: dict[str, Any]) -> bool:
    """Whether it says by prices alone what demand would change the decision."""
    return any(change["what"] == "demand" for change in made["would_change"])
