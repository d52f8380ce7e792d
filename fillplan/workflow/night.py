"""The night: check, train if due, forecast, plan, report, verify, publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.problem import build_problem
from fillplan.publication import PublishedSet, prune_sets, publish, verify_run
from fillplan.report.page import write_report
from fillplan.runs import NightResult, Run, read_run, write_run
from fillplan.settings import PlanSettings
from fillplan.stages import Stages
from fillplan.warm import companion_price_rows
from fillplan.workflow.demand import (
    Demand,
    demand_of,
    dense_demand,
    forecast_demand,
    given_demand,
    train_if_due,
)
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan.workflow.placing import Planned, place_and_plan
from fillplan.workspace import synthetic_label
from fillplan_optimizer.problem import PlacementProblem


@dataclass(frozen=True, eq=False)
class Night:
    """What a night left behind."""

    run: Run
    inputs: Inputs
    published: PublishedSet | None


def plan_night(
    root: Path, plan_date: date | None, stages: Stages, demand_file: Path | None = None, train: bool = False
) -> tuple[Night, Planned]:
    """Everything up to a written, unpublished run with its report."""
    needed = FOR_PLAN if demand_file is None else FOR_GIVEN_DEMAND
    inputs = load_inputs(root, needed, plan_date, stages)
    demand = given_demand(inputs, demand_file, stages) if demand_file else _demand(inputs, train, stages)
    planned = place_and_plan(inputs, demand, stages)
    folder = _write(inputs, demand, planned, stages)
    return Night(read_run(folder), inputs, None), planned


def _demand(inputs: Inputs, train: bool, stages: Stages) -> Demand:
    if train:
        train_if_due(inputs, stages)
    return demand_of(inputs, forecast_demand(inputs, stages), stages)


def _write(inputs: Inputs, demand: Demand, planned: Planned, stages: Stages) -> Path:
    forecast = None if demand.forecast is None else demand.forecast.to_frame()
    with stages.stage("write"):
        night = NightResult(
            plan_date=inputs.plan_date,
            summary=planned.summary,
            seconds=stages.seconds,
            plan=planned.plan,
            manifests=planned.manifests,
            demand=demand.assets.to_frame(),
            forecast=forecast,
            companion_prices=companion_price_rows(planned.problem, planned.result.prices),
        )
        return write_run(
            inputs.workspace,
            night,
            report=lambda folder: write_report(
                read_run(folder), inputs.tables, synthetic_label(inputs.workspace), inputs.warnings
            ),
        )


def verify_and_publish(
    run: Run, inputs: Inputs, stages: Stages, problem: PlacementProblem | None = None
) -> PublishedSet:
    """Judge a run as it stands on disk and put its manifests in force.

    problem: the night's own; without it, it is built anew from the tables as they are now, with the run's
    demand and horizon. Raises VerificationFailed; the set in force then stays in force.
    """
    with stages.stage("verify") as stage:
        verify_run(run, problem or _problem_of(run, inputs))
        stage.note("every limit holds, manifests intact")
    with stages.stage("publish") as stage:
        published = publish(inputs.workspace, run, inputs.settings.publish)
        prune_sets(inputs.workspace, inputs.settings.publish.keep_sets)
        stage.note(f"set {published.version:06d} in force", version=published.version)
    return published


def _problem_of(run: Run, inputs: Inputs) -> PlacementProblem:
    demand = dense_demand(run.demand(), inputs.tables, run.folder / "demand.parquet")
    return build_problem(inputs.tables, demand, run.plan_date, PlanSettings(**run.summary["settings"]["plan"]))


def nightly(root: Path, plan_date: date | None, stages: Stages) -> Night:
    """The main job, end to end. Whatever fails, the set in force stays in force."""
    night, planned = plan_night(root, plan_date, stages, train=True)
    published = verify_and_publish(night.run, night.inputs, stages, planned.problem)
    return Night(night.run, night.inputs, published)
