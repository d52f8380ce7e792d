"""`replay`: plans of the past, judged on what was really watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fillplan.problem import build_problem
from fillplan.replay.actual import Actual, actual_demand
from fillplan.replay.score import Replayed, Score, score
from fillplan.replay.scorecard import scorecard
from fillplan.report.formats import counted
from fillplan.runs import Run, not_planned, planned_dates, published_before, read_run, write_json
from fillplan.sets import digest_of
from fillplan.settings import PlanSettings, Settings, read_settings
from fillplan.stages import Stages
from fillplan.warm import start_of_run
from fillplan.workflow.base import changed_tables
from fillplan.workflow.inputs import FOR_PLAN
from fillplan.workspace import Workspace, folder_in_one_piece, locked, open_workspace, set_aside, storage_errors
from fillplan_data.errors import NotFound
from fillplan_data.lookup import positions
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables, regions_of
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.auto import placer
from fillplan_optimizer.problem import PlacementProblem

OF_THE_NIGHT = frozenset({"views", "variant_views", "inventory"})
"""Tables that change every night: the horizon's views are what replay is for, the inventory is taken from the plan."""


@dataclass(frozen=True)
class Wanted:
    """Which plans to judge: the latest `count` of those from `first` to `last`; without any of the three the latest
    with views."""

    first: date | None = None
    last: date | None = None
    count: int | None = None

    @property
    def is_one(self) -> bool:
        """Whether a single plan is asked for, so that it must have views."""
        return (self.first, self.last, self.count) == (None, None, None) or self.first == self.last is not None


def replay_step(root: Path, wanted: Wanted) -> dict[str, Any]:
    """Score the plans wanted and keep each score in `replays/<plan date>/`; more than one give a scorecard.

    Raises NotFound where there is no such plan or no view of its horizon; among several, those without are left out.
    """
    workspace = open_workspace(root)
    with storage_errors("writing the score"), Stages("replay", workspace.log) as stages:
        dates = _dates(workspace, wanted)
        settings = read_settings(workspace.root)
        with stages.stage("check") as stage:
            tables, _ = read_tables(workspace.input, FOR_PLAN, None, stage.note)
        dates, ahead = _latest_with_views(dates, tables, wanted)
        scores, left_out = _replay_all(workspace, dates, tables, settings, stages, wanted.is_one)
    if wanted.is_one:
        return {"ok": True, **scores[0], "folder": str(workspace.replays / dates[0]), "seconds": stages.seconds}
    return {"ok": True, **scorecard(scores), "without_views": [*left_out, *ahead], "seconds": stages.seconds}


def _dates(workspace: Workspace, wanted: Wanted) -> list[str]:
    """Plan dates of the runs wanted, rising. Raises NotFound if there are none."""
    dates = planned_dates(workspace)
    first, last = (day and day.isoformat() for day in (wanted.first, wanted.last))
    chosen = [day for day in dates if (not first or day >= first) and (not last or day <= last)]
    if not chosen:
        span = f"of {first}" if first == last else f"from {first or 'the first'} to {last or 'the latest'}"
        raise not_planned(workspace, span if first or last else "", first or "YYYY-MM-DD")
    return chosen


def _latest_with_views(dates: list[str], tables: Tables, wanted: Wanted) -> tuple[list[str], list[str]]:
    """(dates to judge, dates that were passed over), where only the latest so many are wanted: those with views."""
    count = 1 if wanted == Wanted() else wanted.count
    if count is None:
        return dates, []
    seen = [day for day in dates if pd.Timestamp(day) <= tables.views["date"].max()]
    chosen = (seen or dates)[-count:]
    return chosen, [day for day in dates if seen and day > seen[-1]]


def _replay_all(
    workspace: Workspace, dates: Sequence[str], tables: Tables, settings: Settings, stages: Stages, is_one: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Scores of the plans, and the dates of those without views."""
    scores, left_out = list[dict[str, Any]](), list[str]()
    for day in dates:
        try:
            made = replay(read_run(workspace.runs / day), tables, settings, stages)
        except NotFound:
            if is_one:
                raise
            left_out.append(day)
            continue
        with stages.stage("write"), locked(workspace):
            store(workspace, made)
        scores.append(made.content)
    if not scores:
        raise NotFound(
            f"{workspace.runs}: none of the {len(dates)} plans has a day of its horizon in the views; add the days "
            "that have been watched since to input/views.*"
        )
    return scores, left_out


def replay(run: Run, tables: Tables, settings: Settings, stages: Stages) -> Score:
    """Score one run. tables: as they are now, with the views of the run's horizon.

    Raises NotFound if none of its days is there, VerificationFailed where the run is damaged.
    """
    with stages.stage("replay") as stage:
        plan = PlanSettings.model_validate(run.summary["settings"]["plan"])
        replayed = _replayed(run, _as_that_night(run, tables), plan)
        days = len(replayed.actual.days)
        stage.note(f"{run.plan_date}: {days} of {plan.horizon_days} days, foresight", days=days)
        solver = placer(plan.solver, threads=settings.run.threads, seed=settings.run.seed)
        return score(replayed, solver, _notes(run, tables, replayed))


def _as_that_night(run: Run, tables: Tables) -> Tables:
    """The tables with the inventory and the storage of the plan's night, as the plan itself tells them."""
    rows = run.plan().rows
    before = rows[rows["action"] != "add"][["cache_id", "asset_id"]].astype(str)
    before = before[before["cache_id"].isin(tables.caches["cache_id"])].astype("category")
    stored = {c["cache_id"]: c["storage_bytes"] for c in run.summary["caches"]}
    storage = tables.caches["cache_id"].map(stored).fillna(tables.caches["storage_bytes"]).astype(np.int64)
    return replace(
        tables,
        inventory=before.sort_values(["cache_id", "asset_id"], ignore_index=True),
        caches=tables.caches.assign(storage_bytes=storage),
    )


def _replayed(run: Run, tables: Tables, plan: PlanSettings) -> Replayed:
    frame = run.demand()
    regions = tuple(sorted({*frame["region"].astype(str).unique(), *regions_of(tables)}))
    actual = actual_demand(tables, regions, run.plan_date, plan.horizon_days)
    expected = _expected(frame, tables, regions)
    part = float(actual.is_scored.mean())
    problem = _limits_of(run, build_problem(tables, actual.demand, run.plan_date, plan), part)
    hoped = _limits_of(run, build_problem(tables, expected, run.plan_date, plan), 1.0)
    told = run.forecast()
    titles = tuple(tables.titles["title_id"])
    forecast = None if told is None else Forecast.of_frame(told, run.plan_date, regions, titles)
    placement = start_of_run(run).on(problem).placement
    return Replayed(run, tables, actual, expected, forecast, problem, hoped, placement)


def _expected(frame: pd.DataFrame, tables: Tables, regions: tuple[str, ...]) -> AssetDemand:
    """demand.parquet as a matrix; files that the catalogue no longer knows are left out."""
    asset_ids = tuple(tables.assets["asset_id"])
    region, asset = positions(frame["region"], regions), positions(frame["asset_id"], asset_ids)
    dense, known = np.zeros((len(regions), len(asset_ids))), asset >= 0
    dense[region[known], asset[known]] = frame["expected_bytes"].to_numpy()[known]
    return AssetDemand(regions, asset_ids, dense, "expected")


def _limits_of(run: Run, problem: PlacementProblem, part: float) -> PlacementProblem:
    """The fill budgets of the night, and serve limits for the part of the horizon that is scored."""
    told = {c["cache_id"]: c["fill_budget_bytes"] for c in run.summary["caches"]}
    budget = [told.get(name, int(own)) for name, own in zip(problem.cache_ids, problem.fill_budget_bytes, strict=True)]
    return replace(
        problem,
        fill_budget_bytes=np.array(budget, dtype=np.int64),
        serve_limit_bytes=problem.serve_limit_bytes * part,
    )


def _notes(run: Run, tables: Tables, replayed: Replayed) -> tuple[str, ...]:
    notes, days = [], replayed.actual.days
    if len(days) < run.summary["horizon_days"]:
        notes.append(f"Only {len(days)} of {run.summary['horizon_days']} days of the horizon are in the views.")
    others = published_before(run)
    if others and digest_of(others[-1] / "manifests")[0] != digest_of(run.folder / "manifests")[0]:
        notes.append(f"This plan was made after the one that was published, which stands in {others[-1].name}.")
    if changed := changed_tables(run, tables, OF_THE_NIGHT):
        notes.append(f"Changed since the plan was made, taken as they are now: {', '.join(changed)}.")
    notes += _notes_on_missing(replayed.actual)
    if replayed.actual.unknown_title_hours:
        notes.append(f"{replayed.actual.unknown_title_hours:,.0f} hours are of titles outside the catalogue: no bytes.")
    return tuple(notes)


def _notes_on_missing(actual: Actual) -> Iterator[str]:
    if without := actual.missing_region_days - len(actual.late):
        days = counted(without, "region-day", "region-days")
        yield f"{days} without views: no bytes there, and left out of the forecast's accuracy."
    for region, day in actual.late:
        yield (
            f"Views of {region} on {day} look incomplete: the bytes are of what came; the day counts as missing, "
            "and is left out of the forecast's accuracy."
        )


def store(workspace: Workspace, made: Score) -> None:
    """Keep a score as `replays/<plan date>/` with replay.json, caches.parquet and misses.parquet."""
    with folder_in_one_piece(workspace.replays / made.content["plan_date"], make_room=set_aside) as folder:
        write_json(folder / "replay.json", made.content)
        made.caches.to_parquet(folder / "caches.parquet", index=False)
        made.misses.to_parquet(folder / "misses.parquet", index=False)
