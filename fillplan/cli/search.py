"""`fillplan models search`: better values for a model spec."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, PlanDate, day_of


def search(
    folder: Folder = HERE,
    plan_date: PlanDate = None,
    trials: Annotated[int, typer.Option(min=1, max=100_000, help="trials that the study shall hold in all")] = 20,
    origins: Annotated[int, typer.Option(min=1, max=50, help="past plan dates per workspace")] = 2,
    every_days: Annotated[int, typer.Option(min=1, max=365, help="days between them")] = 14,
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="a further workspace that counts alike; may be repeated")
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Search for better values of the model spec, judged at past plan dates; goes on where an earlier search ended.

    The spec in use says under \[search] what may be tried. Writes searches/<spec>/
    with trials.log, best.toml (put its path under \[train] spec to train with it)
    and search.json. Needs the extra: pip install fillplan\[search].

    Example: fillplan models search demo --trials 50 --also other-demo
    """
    from fillplan.cli import render_search
    from fillplan.workflow.searching import Budget, search_spec

    budget = Budget(trials, origins, every_days)
    render_search.searched(search_spec(folder, also or [], day_of(plan_date), budget), as_json)
