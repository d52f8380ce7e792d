"""Arguments and options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="the workspace", show_default="the current folder")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object on stdout, nothing else")]
PlanDate = Annotated[
    datetime | None,
    typer.Option(
        "--date",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="plan date: the first day planned for; history up to the day before is used "
        "(default: the day after the last row of views)",
    ),
]
RunDate = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="plan date of the run (default: the latest)"
    ),
]
HERE = Path()
EARLIEST, LATEST = 1970, 2199
"""Years of a plan date, as of the dates in the tables."""


def day_of(moment: datetime | None) -> date | None:
    """The plan date that `--date` names. Raises typer.BadParameter outside the years of the tables."""
    if moment is not None and not EARLIEST <= moment.year <= LATEST:
        raise typer.BadParameter(
            f"expected a year from {EARLIEST} to {LATEST}, found {moment.year}", param_hint="--date"
        )
    return None if moment is None else moment.date()
