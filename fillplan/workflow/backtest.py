"""`backtest`: the demand model and simple methods at past plan dates, judged by what came and by what it paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fillplan.report.backtest_page import write_backtest_page
from fillplan.runs import write_json
from fillplan.workflow.inputs import FOR_DEMAND, Inputs, load_inputs
from fillplan.workflow.regret import Regret
from fillplan.workflow.steps import writing
from fillplan.workflow.training import model_spec
from fillplan.workspace import folder_in_one_piece, set_aside, synthetic_label
from fillplan_data.errors import ModelError
from fillplan_data.history import before
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters import outside
from fillplan_models.forecasters.choice import SIMPLE_METHODS
from fillplan_models.panel import Panel, build_panel
from fillplan_models.scorecard import figures, real_hours, score_rows
from fillplan_models.significance import compare
from fillplan_models.training import LEAST_DAYS_BEFORE_HORIZON, train

FILES = ("backtest.json", "backtest.parquet", "backtest.html")
MODEL = "model"


@dataclass(frozen=True)
class Course:
    """Which past plan dates are judged, and against whom."""

    origins: int = 4
    every_days: int = 7
    horizon_days: int | None = None
    """None: the workspace's."""
    with_outside: bool = False
    with_offload: bool = True


def backtest(root: Path, plan_date: date | None, course: Course) -> dict[str, Any]:
    """Judge all methods at past plan dates; writes `backtests/<plan date>/` and gives what backtest.json holds.

    Every origin sees tables cut at its own day: models are trained anew, late days told anew, and the inventory is what
    a greedy fill on the week before would hold. Raises ModelError where the history is too short for one origin.
    """
    with writing(root, "backtest") as (workspace, stages):
        inputs = load_inputs(root, FOR_DEMAND, plan_date, stages)
        horizon = course.horizon_days or inputs.settings.plan.horizon_days
        full = build_panel(inputs.tables, inputs.plan_date, 1)
        days = origin_days(full.views_end, horizon, course)
        notes = list(full.notes)
        regret = Regret.for_inputs(inputs, horizon) if course.with_offload else None
        if course.with_offload and regret is None:
            notes.append("offload was not judged: the workspace has no assets and caches")
        if course.with_outside and not outside.is_installed():
            notes.append("mlforecast was left out: it is not installed (pip install fillplan[benchmarks])")
        rows = []
        for number, day in enumerate(days, start=1):
            origin = full.first_day + timedelta(days=day)
            with stages.stage(f"origin {number}/{len(days)}") as stage:
                stage.note(str(origin))
                rows += _judge(inputs, full, origin, horizon, course, regret)
        table = pd.DataFrame(rows)
        paid = regret.table() if regret else pd.DataFrame()
        overlap = max(1, -(-horizon // course.every_days))
        answer = _answer(inputs, horizon, course, days, full, table, paid, overlap, notes)
        folder = workspace.root / "backtests" / inputs.plan_date.isoformat()
        with folder_in_one_piece(folder, make_room=set_aside) as aside:
            table.to_parquet(aside / "backtest.parquet", index=False)
            write_json(aside / "backtest.json", answer)
            write_backtest_page(answer, aside / "backtest.html", synthetic_label(workspace))
    return {"ok": True, **answer, "folder": str(folder), "seconds": stages.seconds}


def origin_days(views_end: int, horizon: int, course: Course) -> list[int]:
    """Panel days of the origins, the earliest first; the last one's horizon ends with the views."""
    last = views_end - horizon
    days = [last - k * course.every_days for k in range(course.origins)]
    least = 2 * horizon + LEAST_DAYS_BEFORE_HORIZON  # training keeps one more horizon aside
    usable = sorted(day for day in days if day >= least)
    if not usable:
        raise ModelError(
            f"expected at least {least + horizon} days of views for one past plan date with a horizon of {horizon} "
            f"days, found {views_end}: shorten the horizon or add history"
        )
    return usable


def _judge(
    inputs: Inputs, full: Panel, origin: date, horizon: int, course: Course, regret: Regret | None
) -> list[dict[str, object]]:
    """Rows of all methods at one origin."""
    tables = before(inputs.tables, origin)
    past = build_panel(tables, origin, horizon)
    rows, forecasts = [], []
    for forecast in _forecasts(inputs, past, course):
        hours, counted = real_hours(full, forecast)
        rows += [{"origin": origin, **row} for row in score_rows(forecast, hours, counted, past)]
        forecasts.append(forecast)
    if regret is not None:
        regret.judge(tables, forecasts, np.where(counted, hours, 0.0))
    return rows


def _forecasts(inputs: Inputs, past: Panel, course: Course) -> Iterator[Forecast]:
    """The model as a night of that date would have trained it, then its opponents."""
    run = inputs.settings.run
    model = train(past, model_spec(inputs), run.seed, run.threads)
    yield replace(model.forecast(past), method=MODEL)
    for method in SIMPLE_METHODS:
        yield method.forecast(past)
    if course.with_outside and outside.is_installed():
        yield outside.Outside(seed=run.seed).forecast(past)


def _answer(
    inputs: Inputs,
    horizon: int,
    course: Course,
    days: list[int],
    full: Panel,
    table: pd.DataFrame,
    paid: pd.DataFrame,
    overlap: int,
    notes: list[str],
) -> dict[str, Any]:
    """What backtest.json holds."""
    if len(days) < course.origins:
        notes.append(f"{course.origins} origins were asked for; the history allows {len(days)}")
    if overlap > 1 and len(days) > 1:
        notes.append("origins are closer than the horizon: they share days, which the intervals below allow for")
    return {
        "plan_date": inputs.plan_date.isoformat(),
        "origins": [(full.first_day + timedelta(days=day)).isoformat() for day in days],
        "horizon_days": horizon,
        "every_days": course.every_days,
        "spec": model_spec(inputs).name,
        "accuracy": records(figures(table)),
        "by_origin": records(by_origin(table)),
        "comparisons": comparisons(table, overlap),
        "offload": records(paid),
        "notes": notes,
    }


def by_origin(table: pd.DataFrame) -> pd.DataFrame:
    """Errors of every method at every origin."""
    rows = table[table["by"] == "all"]
    hours = rows["hours"].where(rows["hours"] > 0)
    columns = {
        "origin": rows["origin"].map(str),
        "method": rows["method"],
        "wape_day": rows["error_day"] / hours,
        "wape_horizon": rows["error_horizon"] / hours,
        "bias": (rows["forecast_hours"] - rows["hours"]) / hours,
    }
    return pd.DataFrame(columns)


def comparisons(table: pd.DataFrame, overlap: int) -> list[dict[str, object]]:
    """The model against each opponent, by day and by horizon."""
    rows = table[table["by"] == "all"]
    found: list[dict[str, object]] = []
    for column, by in (("error_day", "day"), ("error_horizon", "horizon")):
        wide = rows.pivot(index="origin", columns="method", values=column).sort_index()
        hours = rows[rows["method"] == MODEL].set_index("origin")["hours"].reindex(wide.index).to_numpy()
        for opponent in [name for name in rows["method"].unique() if name != MODEL]:
            compared = compare(wide[MODEL].to_numpy(), wide[opponent].to_numpy(), hours, overlap)
            found.append({"by": by, "opponent": opponent, **asdict(compared)})
    return found


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; what is not known is None."""
    plain = table.astype(object).where(table.notna(), None)
    return plain.to_dict("records") if len(table) else []
