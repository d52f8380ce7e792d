"""What changed since the plan before: figures side by side, why the offload moved, and how its forecast fared."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan.report.content import Earlier, ForetoldDay, TitleMove
from fillplan.report.facts import LOOK_BACK_DAYS, Facts
from fillplan.runs import Run, read_run
from fillplan.warm import start_of_run
from fillplan_data.errors import FillplanError
from fillplan_optimizer.problem import Floats
from fillplan_optimizer.service import serve

TITLES_SHOWN = 25


def earlier(facts: Facts) -> Earlier | None:
    """The latest planned run before this one, None if there is none that can be read: whatever became of an earlier
    run's folder, tonight's report is written.

    The offload moves in two steps that add up: what the earlier plan's files would serve of today's demand, by
    today's rules, and what tonight's changes add to that.
    """
    runs = _runs_before(facts.run)
    try:
        return _compared(facts, runs) if runs else None
    except (FillplanError, OSError, ValueError, KeyError):
        return None


def _compared(facts: Facts, runs: list[Run]) -> Earlier:
    before, problem = runs[-1], facts.problem
    service = serve(problem, start_of_run(before).on(problem).placement)
    kept = service.total_bytes / problem.requested_bytes if problem.requested_bytes else 0.0
    summary, caches = before.summary, before.summary["caches"]
    fill, used = (sum(c[key] for c in caches) for key in ("fill_bytes", "used_bytes"))
    return Earlier(
        plan_date=before.plan_date,
        horizon_days=int(summary["horizon_days"]),
        expected_offload=float(summary["expected_offload"]),
        requested_bytes=float(summary["requested_bytes"]),
        value=float(summary["value"]),
        gap=float(summary["gap"]),
        fill_bytes=fill,
        used_bytes=used,
        storage_bytes=sum(c["storage_bytes"] for c in caches),
        churn=fill / used if used else 0.0,
        kept_offload=kept,
        moves=_moves(facts, before),
        foretold=_foretold(facts, runs),
    )


def _runs_before(run: Run) -> list[Run]:
    """Earlier runs beside this one, the latest last; those that cannot be read are passed over."""
    found = []
    for folder in sorted(run.folder.parent.glob("????-??-??")):
        if folder.name < run.plan_date.isoformat():
            try:
                found.append(read_run(folder))
            except FillplanError:
                continue
    return found


def _moves(facts: Facts, before: Run) -> tuple[TitleMove, ...]:
    """Titles that caches will serve most more or less of than the earlier plan expected."""
    now = np.bincount(
        facts.rows.title[facts.rows.title >= 0],
        facts.rows.expected_bytes[facts.rows.title >= 0],
        minlength=len(facts.tables.titles),
    )
    rows = before.plan().rows
    file = pd.Index(facts.problem.file_ids).get_indexer(rows["asset_id"].astype(object))
    known = file >= 0
    then = np.bincount(
        facts.problem.title[file[known]],
        rows["expected_bytes"].to_numpy(np.float64)[known],
        minlength=len(facts.tables.titles),
    )
    order = np.argsort(-np.abs(now - then), kind="stable")[:TITLES_SHOWN]
    return tuple(
        TitleMove(str(facts.tables.titles["title_id"].iloc[t]), facts.title_names[t], float(then[t]), float(now[t]))
        for t in order
        if now[t] != then[t]
    )


def _foretold(facts: Facts, runs: list[Run]) -> tuple[ForetoldDay, ...]:
    """The days since the earliest run that foretold the eve, as that run's forecast had them, and as they came."""
    if facts.hours is None:
        return ()
    eve = facts.run.plan_date - timedelta(days=1)
    able = [run for run in runs if run.plan_date + timedelta(days=run.summary["horizon_days"]) > eve]
    forecast = able[0].forecast() if able else None
    if forecast is None:
        return ()
    sums = _daily(forecast)
    watched = facts.hours.watched
    per_day = np.where(np.isnan(watched).all(axis=0), np.nan, np.nansum(watched, axis=0))
    return tuple(
        ForetoldDay(day, expected, low, high, _watched(per_day, facts.run.plan_date, day), able[0].plan_date)
        for day, (expected, low, high) in sums.items()
        if day <= eve
    )


def _daily(forecast: pd.DataFrame) -> dict[date, tuple[float, float, float]]:
    """Expected hours per day with the interval if titles err independently (see `history`)."""
    mean, bottom, top = (forecast[c].to_numpy(np.float64) for c in ("view_hours", "low", "high"))
    squares = pd.DataFrame({"mean": mean, "below": (mean - bottom) ** 2, "above": (top - mean) ** 2})
    daily = squares.groupby(pd.to_datetime(forecast["date"]).to_numpy()).sum()
    low, high = daily["mean"] - np.sqrt(daily["below"]), daily["mean"] + np.sqrt(daily["above"])
    days = [pd.Timestamp(day).date() for day in daily.index]
    figures = zip(daily["mean"].tolist(), low.tolist(), high.tolist(), strict=True)
    return dict(zip(days, figures, strict=True))


def _watched(per_day: Floats, plan_date: date, day: date) -> float | None:
    place = LOOK_BACK_DAYS - (plan_date - day).days
    return None if place < 0 or np.isnan(per_day[place]) else float(per_day[place])
