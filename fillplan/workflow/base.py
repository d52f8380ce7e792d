"""The base of what-if questions: a run, its inputs and demand, and its plan judged group by group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fillplan.problem import build_problem
from fillplan.runs import Run
from fillplan.scenarios.solving import GroupPlan, Solution, Solve, digest, solve_groups
from fillplan.scenarios.world import World
from fillplan.settings import Settings
from fillplan.stages import Stages
from fillplan.warm import start_of_run
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan_data.errors import ModelError, VerificationFailed
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables, regions_of
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.auto import placer
from fillplan_optimizer.groups import split
from fillplan_optimizer.mending import or_mended
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify

HISTORY = frozenset({"views", "variant_views"})
OF_DEMAND = HISTORY | {"titles", "availability", "promotions", "calendar", "assets"}
"""Tables that decide a forecast and its split over files."""


@dataclass(frozen=True, eq=False)
class Base:
    """What scenarios are set against."""

    run: Run
    inputs: Inputs
    demand: AssetDemand
    notes: tuple[str, ...] = ()

    @property
    def world(self) -> World:
        """The workspace without any override."""
        inputs = self.inputs
        return World(inputs.tables, inputs.settings, inputs.plan_date, self.demand.regions, inputs.workspace.root)

    @cached_property
    def problem(self) -> PlacementProblem:
        """The run's placement problem."""
        return build_problem(self.inputs.tables, self.demand, self.inputs.plan_date, self.inputs.settings.plan)

    @cached_property
    def start(self) -> Start:
        """The run's prices and plan, to begin from."""
        return start_of_run(self.run)

    @cached_property
    def forecast(self) -> Forecast:
        """The run's forecast as it is stored. Raises ModelError where its demand was given or is an earlier plan's."""
        frame = self.run.forecast()
        if frame is None:
            raise ModelError(
                f"{self.run.folder}: demand was not forecast for it, so no day or launch of it can be changed; "
                "plan with a forecast first: fillplan plan"
            )
        return Forecast.of_frame(
            frame, self.inputs.plan_date, self.demand.regions, titles_of(self.inputs.tables), self.demand.method
        )


def titles_of(tables: Tables) -> tuple[str, ...]:
    """Title ids in the table's order."""
    return tuple(tables.titles["title_id"])


def open_base(root: Path, run: Run, history: bool, stages: Stages) -> Base:
    """The run as a base; with `history` also views, for scenarios that change what the demand model sees.

    Settings that decided the run are taken from it, those of how to work (threads, solver) from the workspace.
    Raises as reading the tables does, and VerificationFailed where the run's files do not fit together.
    """
    needed = FOR_PLAN if history else FOR_GIVEN_DEMAND
    leave_out = frozenset() if history else HISTORY
    inputs = load_inputs(root, needed, run.plan_date, stages, leave_out=leave_out)
    inputs = replace(inputs, settings=settings_as_in(run, inputs.settings))
    with stages.stage("base"):
        return Base(run, inputs, stored_demand(run, inputs.tables))


def settings_as_in(run: Run, settings: Settings) -> Settings:
    """The settings that decided the run, with the threads of the workspace."""
    stored = {name: group for name, group in run.summary["settings"].items() if name in type(settings).model_fields}
    return Settings.model_validate({**stored, "run": {**stored.get("run", {}), "threads": settings.run.threads}})


def changed_tables(run: Run, tables: Tables, leave_out: frozenset[str] = HISTORY) -> tuple[str, ...]:
    """Names of tables whose files are not those that the run was made from."""
    before = {name: sha for name, sha in run.summary["inputs"].items() if name not in leave_out}
    now = {name: sha for name, sha in tables.sha256.items() if name not in leave_out}
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))


def stored_demand(run: Run, tables: Tables) -> AssetDemand:
    """demand.parquet over all regions that have demand or a cache. Files gone from the catalogue have none now."""
    frame = run.demand()
    regions = tuple(sorted({*frame["region"].unique(), *regions_of(tables)}))
    asset_ids = tuple(tables.assets["asset_id"])
    row, column = positions(frame["region"], regions), positions(frame["asset_id"], asset_ids)
    if (column < 0).any():
        raise VerificationFailed(
            f"{run.folder}: holds demand for files that are no longer in assets; plan that date again: fillplan plan"
        )
    dense = np.zeros((len(regions), len(asset_ids)))
    dense[row, column] = frame["expected_bytes"].to_numpy()
    return AssetDemand(regions, asset_ids, dense, str(run.summary["model"]["name"]))


def solver_of(settings: Settings, *, for_outages: bool = True) -> Solve:
    """How a group is solved: by the settings' solver on one thread, since groups are solved side by side.

    for_outages: also for those that the policy plans for; not where the problem states outages itself.
    """
    outages = settings.plan.policy.outages.probability if for_outages else 0.0

    def solve(problem: PlacementProblem, start: Start | None) -> PlacementResult:
        result = placer(settings.plan.solver, 1, settings.run.seed, outages).place(problem, start)
        # what the caches hold already may be worth more: a question must not lose by rounding to the base
        return result if start is None or outages else or_mended(problem, result, start)

    return solve


def base_solution(base: Base, stages: Stages) -> tuple[Solution, tuple[str, ...]]:
    """The run's plan on its problem, judged per group; and what is to be said of it.

    Where tables changed since the run, its plan and proof no longer belong to them: the base is then planned anew,
    as the night would, with the run's demand.
    """
    changed = changed_tables(base.run, base.inputs.tables)
    proofs = {tuple(g["caches"]): g for g in base.run.summary.get("groups", ())}
    with stages.stage("base plan") as stage:
        solution = None if changed else _stored(base, proofs)
        if solution is not None:
            return solution, ()
        why = f"changed since the run: {', '.join(changed)}" if changed else "the run has no proof per group"
        solve, threads = solver_of(base.inputs.settings), base.inputs.settings.run.threads
        solution = solve_groups(base.problem, {}, (), solve, threads, stage.note)
        return solution, (f"The base was planned anew ({why}).",)


def _stored(base: Base, proofs: dict[tuple[str, ...], dict[str, float]]) -> Solution | None:
    """The run's plan, None if it lacks a group's proof or does not fit the problem."""
    problem, whole = base.problem, base.run.plan().placement(base.problem)
    groups, plans, digests, start = split(problem), [], [], base.start
    for group in groups:
        part = group.problem(problem)
        proof = proofs.get(part.cache_ids)
        local = np.full(problem.file_count, -1, dtype=np.int64)
        local[group.files] = np.arange(len(group.files))
        placement = Placement(tuple(local[whole.files[cache]] for cache in group.caches))
        if proof is None or any((files < 0).any() for files in placement.files):
            return None
        verdict = verify(part, placement)
        if verdict.violations:
            return None
        bound = max(proof["bound"], verdict.value)
        plans.append(GroupPlan(part.cache_ids, part.file_ids, placement, verdict.value, bound, verdict, start))
        digests.append(digest(part))
    return Solution(problem, groups, tuple(digests), tuple(plans), 0)
