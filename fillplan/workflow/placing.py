"""Third arrow: demand -> problem -> placement -> plan -> manifests, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from fillplan.manifests import Manifest, make_manifests
from fillplan.plan import Plan, make_plan
from fillplan.problem import build_problem
from fillplan.resumption import Once, compute_only
from fillplan.stages import Stages
from fillplan.summary import plan_summary
from fillplan.workflow.demand import Demand
from fillplan.workflow.inputs import Inputs
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.auto import placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.verifier import Verdict, verify


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan with its problem, its proof and its figures."""

    problem: PlacementProblem
    result: PlacementResult
    verdict: Verdict
    plan: Plan
    manifests: list[Manifest]
    summary: dict[str, object]


def place_and_plan(inputs: Inputs, demand: Demand, stages: Stages, once: Once = compute_only) -> Planned:
    """Solve tonight's placement and turn it into orders for each cache. once: `Resumption.once` of a night.

    Raises Infeasible before solving where pins cannot fit, SolverFailure, and VerificationFailed if the
    verifier refuses what the solver gave.
    """
    settings = inputs.settings
    with stages.stage("place") as stage:
        problem = build_problem(inputs.tables, demand.assets, inputs.plan_date, settings.plan)
        outages = settings.plan.policy.outages.probability
        solver = placer(settings.plan.solver, settings.run.threads, settings.run.seed, outages)
        result = once("place", lambda: solver.place(problem))
        stage.note(f"{result.solver}, gap {result.gap:.3%}", solver=result.solver, gap=result.gap)
    with stages.stage("plan") as stage:
        planned = as_planned(inputs, demand, problem, result)
        stage.note(f"{len(planned.manifests)} manifests, {len(planned.plan.rows):,} rows", rows=len(planned.plan.rows))
    return planned


def as_planned(inputs: Inputs, demand: Demand, problem: PlacementProblem, result: PlacementResult) -> Planned:
    """Judge a placement and turn it into orders. Raises VerificationFailed if it breaks a limit."""
    verdict = verify(problem, result.placement)
    if verdict.violations:
        lines = [f"{v.cache_id}: {v.message}" for v in verdict.violations[:50]]
        raise VerificationFailed("\n  ".join([f"solver {result.solver} broke limits:", *lines]))
    plan = make_plan(inputs.tables, problem, result.placement, verdict.service)
    manifests = make_manifests(plan, inputs.plan_date)
    summary = plan_summary(
        problem, result, verdict, inputs.plan_date, inputs.settings, inputs.tables.sha256, demand.model
    )
    return Planned(problem, result, verdict, plan, manifests, summary)
