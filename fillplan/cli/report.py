"""`fillplan report`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, RunDate, day_of


def report(
    folder: Folder = HERE,
    run_date: RunDate = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="print the report itself: html, md or json, from the same content",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a run decided, and where its report is; or print the report.

    Example: fillplan report demo --format md
    """
    from fillplan.workflow.reporting import FORMATS, report_text

    if form is not None:
        if form not in FORMATS or as_json:
            raise typer.BadParameter(
                f"expected one of {', '.join(FORMATS)}, without --json; found {form!r}", param_hint="--format"
            )
        sys.stdout.write(report_text(folder, day_of(run_date), form))
        return
    from fillplan.cli import render
    from fillplan.workflow.steps import report_step

    render.planned(report_step(folder, day_of(run_date)), as_json)
