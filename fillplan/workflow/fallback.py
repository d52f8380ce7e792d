"""`fallback`: the last good plan, repaired for what changed since, where tonight's own plan may not be published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from fillplan.problem import build_problem
from fillplan.runs import Run
from fillplan.stages import Stages
from fillplan.workflow.demand import Demand, dense_demand
from fillplan.workflow.inputs import Inputs
from fillplan.workflow.placing import Planned, as_planned
from fillplan_data.lookup import positions
from fillplan_data.tables import regions_of
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer import bounds
from fillplan_optimizer.feasibility import forced_files
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.merging import by_group
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing, local_prices

STATUS = "fallback"


def fall_back(inputs: Inputs, last: Run, stages: Stages) -> tuple[Planned, Demand]:
    """Plan with nothing but what the last good plan held, and the pins; its demand stands in for tonight's.

    Files that left the catalogue, rights that ended, blocks, storage and tonight's fill are those of tonight's
    tables, so the plan keeps every rule. Raises what placing raises: Infeasible, VerificationFailed.
    """
    with stages.stage("fallback") as stage:
        demand = Demand(_demand_of(inputs, last), None, {"name": STATUS, "plan_of": last.plan_date.isoformat()})
        problem = build_problem(inputs.tables, demand.assets, inputs.plan_date, inputs.settings.plan)
        narrowed = only_held_by(last.plan().rows, problem)
        result = by_group(problem, lambda g: _repaired(g.problem(problem), g.problem(narrowed)), STATUS)
        planned = as_planned(inputs, demand, problem, result)
        stage.note(f"the plan of {last.plan_date}, repaired", plan_of=str(last.plan_date))
    return replace(planned, summary={**planned.summary, "status": STATUS}), demand


def _repaired(problem: PlacementProblem, narrowed: PlacementProblem) -> PlacementResult:
    """A group's placement of nothing but what may stay, proven and priced against all that it might hold."""
    placement = DensityGreedy().place(narrowed).placement
    prices, value = local_prices(Standing.of(problem, placement)), net_value(problem, placement)
    bound = max(bounds.best(problem, prices), value)
    return PlacementResult("feasible", placement, value, bound, STATUS, 0.0, prices)


def only_held_by(rows: pd.DataFrame, problem: PlacementProblem) -> PlacementProblem:
    """The problem with every file blocked that these rows do not hold there, but pins and main audios."""
    held = rows[(rows["action"] != "evict").to_numpy()]
    cache = positions(held["cache_id"], problem.cache_ids)
    file = positions(held["asset_id"], problem.file_ids)
    blocked = []
    for c in range(problem.cache_count):
        free = forced_files(problem, c)
        free[file[(cache == c) & (file >= 0)]] = True
        companion = problem.companion[free]
        free[companion[companion >= 0]] = True
        free[problem.blocked[c]] = False
        blocked.append(np.flatnonzero(~free))
    return replace(problem, blocked=tuple(blocked))


def _demand_of(inputs: Inputs, last: Run) -> AssetDemand:
    """The last good plan's demand for the files and regions that tonight's tables still know."""
    rows = last.demand()
    file_known = rows["asset_id"].astype(object).isin(inputs.tables.assets["asset_id"])
    region_known = rows["region"].astype(object).isin(regions_of(inputs.tables))
    return dense_demand(rows[file_known & region_known], inputs.tables, last.folder / "demand.parquet")
