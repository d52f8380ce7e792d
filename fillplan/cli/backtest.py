"""`fillplan backtest`: forecasts of past plan dates against what came."""

from __future__ import annotations

from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, PlanDate, day_of


def backtest(
    folder: Folder = HERE,
    plan_date: PlanDate = None,
    origins: Annotated[int, typer.Option(min=1, max=200, help="past plan dates to judge, the latest last")] = 4,
    every_days: Annotated[int, typer.Option(min=1, max=365, help="days between them")] = 7,
    horizon: Annotated[
        int | None, typer.Option(min=1, max=56, help="days ahead (default: plan.horizon_days)", show_default=False)
    ] = None,
    offload: Annotated[
        bool, typer.Option("--offload/--no-offload", help="also plan from every forecast and from the real demand")
    ] = True,
    outside: Annotated[
        bool, typer.Option("--outside", help="also against mlforecast with LightGBM (extra: benchmarks)")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge the demand model at past plan dates against simple methods, and what forecast error costs in offload.

    Writes backtests/<plan date>/ with backtest.json, backtest.parquet and
    backtest.html. Needs views and titles; offload also assets and caches.

    Example: fillplan backtest DIR --origins 8 --every-days 7
    """
    from fillplan.cli import render_backtest
    from fillplan.workflow.backtest import Course
    from fillplan.workflow.backtest import backtest as judge

    course = Course(origins, every_days, horizon, outside, offload)
    render_backtest.judged(judge(folder, day_of(plan_date), course), as_json)
