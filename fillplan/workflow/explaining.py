"""`explain`: why a cache holds a file or does not, from a run's files and the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from fillplan.explanation import Decision, explain, inventory_then, known_id
from fillplan.problem import build_problem
from fillplan.runs import run_of_date
from fillplan.settings import PlanSettings
from fillplan.stages import Stages
from fillplan.workflow.demand import demand_of_run
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, load_inputs
from fillplan.workspace import open_workspace


def explain_step(root: Path, plan_date: date | None, cache_id: str, asset_id: str) -> dict[str, Any]:
    """Explain one decision of a run (default: the latest). Reads only.

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
            settings = PlanSettings(**run.summary["settings"]["plan"])
            tables = replace(tables, inventory=inventory_then(run))
            problem = build_problem(tables, demand, run.plan_date, settings)
            return explain(Decision(run, tables, demand, problem, cache, file))
