"""The night: check, train if due, forecast, plan, report, verify, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from fillplan.gates.profile import Profile
from fillplan.gates.verdict import Verdict
from fillplan.model_store import champion_folder
from fillplan.problem import build_problem
from fillplan.publication import PublishedSet, prune_sets, publish, verify_run
from fillplan.report.page import write_report
from fillplan.resumption import Resumption, key_of
from fillplan.runs import NightResult, Run, read_run, sha256_of, write_run
from fillplan.scenarios.store import code_digest
from fillplan.settings import PlanSettings
from fillplan.signatures import sign
from fillplan.stages import Stages
from fillplan.summary import versions
from fillplan.warm import companion_price_rows
from fillplan.workflow.demand import (
    Demand,
    demand_of,
    demand_of_run,
    forecast_demand,
    given_demand,
)
from fillplan.workflow.fallback import fall_back
from fillplan.workflow.gating import GatedNight, gate_data, gate_fallback, gate_plan, stop, stopped
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan.workflow.placing import Planned, place_and_plan
from fillplan.workflow.training import train_if_due
from fillplan.workspace import synthetic_label
from fillplan_data.errors import FillplanError, SolverFailure, VerificationFailed
from fillplan_models.model import MODEL_FILE
from fillplan_optimizer.problem import PlacementProblem


@dataclass(frozen=True, eq=False)
class Night:
    """What a night left behind."""

    run: Run
    inputs: Inputs
    published: PublishedSet | None
    failure: FillplanError | None = None
    """Why the last good plan, repaired, was put in force instead of one of tonight's own; to be raised at the end."""


def plan_night(
    root: Path, plan_date: date | None, stages: Stages, demand_file: Path | None = None
) -> tuple[Night, Planned]:
    """Everything up to a written, unpublished run with its report."""
    needed = FOR_PLAN if demand_file is None else FOR_GIVEN_DEMAND
    inputs = load_inputs(root, needed, plan_date, stages)
    demand = given_demand(inputs, demand_file, stages) if demand_file else _demand(inputs, stages)
    inputs = replace(inputs, warnings=(*inputs.warnings, *demand.warnings))
    planned = place_and_plan(inputs, demand, stages)
    folder = _write(inputs, demand, planned, stages)
    return Night(read_run(folder), inputs, None), planned


def _demand(inputs: Inputs, stages: Stages) -> Demand:
    return demand_of(inputs, forecast_demand(inputs, stages), stages)


def _resumption(inputs: Inputs, stages: Stages) -> Resumption:
    """Keyed by all that the stages after training follow from."""
    champion = champion_folder(inputs.workspace)
    model = None if champion is None or not (champion / MODEL_FILE).exists() else sha256_of(champion / MODEL_FILE)
    settings = inputs.settings.model_dump(mode="json", include={"run": {"seed"}, "forecast": True, "plan": True})
    content = {"plan_date": inputs.plan_date, "tables": inputs.tables.sha256, "settings": settings}
    return Resumption(
        inputs.workspace, key_of({**content, "model": model, "versions": versions(), "code": code_digest()}), stages
    )


def night_result(
    inputs: Inputs, demand: Demand, planned: Planned, seconds: Mapping[str, float], profile: Profile | None
) -> NightResult:
    """Everything that is written of a night."""
    return NightResult(
        plan_date=inputs.plan_date,
        summary=planned.summary,
        seconds=seconds,
        plan=planned.plan,
        manifests=planned.manifests,
        demand=demand.assets.to_frame(),
        forecast=None if demand.forecast is None else demand.forecast.to_frame(),
        companion_prices=companion_price_rows(planned.problem, planned.result.prices),
        profile=None if profile is None else profile.content(),
    )


def _write(inputs: Inputs, demand: Demand, planned: Planned, stages: Stages, profile: Profile | None = None) -> Path:
    with stages.stage("write"):
        return write_run(
            inputs.workspace,
            night_result(inputs, demand, planned, stages.seconds, profile),
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
        waiting = f", {len(published.waiting)} pointers wait" if published.waiting else ""
        stage.note(f"set {published.version:06d} in force{waiting}", version=published.version)
    return published


def _problem_of(run: Run, inputs: Inputs) -> PlacementProblem:
    demand = demand_of_run(run, inputs.tables)
    return build_problem(inputs.tables, demand, run.plan_date, PlanSettings(**run.summary["settings"]["plan"]))


def nightly(root: Path, plan_date: date | None, stages: Stages, allow: frozenset[str] = frozenset()) -> Night:
    """The main job, end to end. Whatever fails, the last good set stays in force.

    allow: gates that may stop nothing tonight. Raises GateStopped where a data gate stops (nothing is written), or a
    plan gate while there is no last good plan; where there is one it has been put in force, repaired, and the night
    names its failure. NotFound and SettingsError for a signing key that cannot sign.
    """
    inputs = load_inputs(root, FOR_PLAN, plan_date, stages)
    if key := inputs.settings.publish.signing_key:
        sign(b"", inputs.workspace.root / key)  # what is wrong with the key is told now, not when all else is done
    gated = gate_data(inputs, allow, stages)
    train_if_due(inputs, stages)
    once = _resumption(inputs, stages).once
    demand = demand_of(inputs, forecast_demand(inputs, stages, once), stages)
    refused: FillplanError | None = None
    try:
        planned = place_and_plan(inputs, demand, stages, once)
        verdicts = gate_plan(planned, demand.forecast, gated, inputs, allow, stages)
    except (SolverFailure, VerificationFailed) as error:
        verdicts, refused = (), error
    if refused or any(v.stops for v in verdicts):
        planned, demand = _fallback(inputs, gated, verdicts, refused, allow, stages)
    summary = {**planned.summary, "gates": gated.as_data(verdicts)}
    run = read_run(_write(inputs, demand, replace(planned, summary=summary), stages, gated.profile))
    published = verify_and_publish(run, inputs, stages, planned.problem)
    return Night(run, inputs, published, _failure(run, published, gated, verdicts, refused, inputs))


def _failure(
    run: Run,
    published: PublishedSet,
    gated: GatedNight,
    verdicts: tuple[Verdict, ...],
    refused: FillplanError | None,
    inputs: Inputs,
) -> FillplanError | None:
    """What ended a night that fell back, and what is in force now."""
    where = "in force for the first groups" if published.waiting else "in force"
    last = f"the plan of {run.summary['model'].get('plan_of')}, repaired for tonight's rights, files and limits"
    now = f"set {published.version:06d} is {where}: {last}"
    if refused is None:
        return stopped((*gated.verdicts, *verdicts), now, inputs.workspace, inputs.plan_date)
    told = type(refused)(f"{refused}\n{now}")
    told.__cause__ = refused
    return told


def _fallback(
    inputs: Inputs,
    gated: GatedNight,
    verdicts: tuple[Verdict, ...],
    refused: FillplanError | None,
    allow: frozenset[str],
    stages: Stages,
) -> tuple[Planned, Demand]:
    """The last good plan repaired; raises what stopped tonight's own plan where there is none, or none that holds."""
    try:
        if gated.last_good is not None:
            planned, demand = fall_back(inputs, gated.last_good, stages)
            gate_fallback(planned, gated.last_good, inputs, allow, stages)
            return planned, demand
    except FillplanError as error:
        stages.tell("fallback_refused", message=str(error))
    if refused is not None:
        raise refused
    stop((*gated.verdicts, *verdicts), inputs.workspace, inputs.plan_date)
    raise AssertionError("a night falls back only if something stopped it")
