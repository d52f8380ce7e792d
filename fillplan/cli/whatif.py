"""`fillplan whatif`: scenarios of a file, or outages in turn, against a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import AsJson, Folder, RunDate, day_of


def whatif(
    folder: Folder,
    scenario: Annotated[
        Path | None, typer.Argument(help="TOML file of scenarios (docs/analysts.md)", show_default=False)
    ] = None,
    run_date: RunDate = None,
    as_json: AsJson = False,
) -> None:
    """Ask what if: scenarios of a file against the base plan, in the same units.

    Example: fillplan whatif DIR more-storage.toml
    """
    from fillplan.cli import render_whatif
    from fillplan.workflow.whatif import whatif as ask

    if scenario is None:
        raise typer.BadParameter("name a scenario file", param_hint="SCENARIO")
    render_whatif.answered(ask(folder, scenario, day_of(run_date)), as_json)
