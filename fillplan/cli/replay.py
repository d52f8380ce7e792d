"""`fillplan replay`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, day_of


def replay(
    folder: Folder = HERE,
    plan_date: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="plan date of the run to judge (default: the latest with views since)",
        ),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="scorecard: first plan date"),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="scorecard: last plan date"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="scorecard: the latest so many plans with views since", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a plan on the views of its horizon: offload against what was expected and what foresight would have won,
    what the difference is due to, and why each miss missed. Kept in replays/<plan date>/.

    Examples: fillplan replay demo --date 2026-05-01; fillplan replay demo --from 2026-05-01 --days 14
    """
    from fillplan.cli import render_replay
    from fillplan.workflow.replaying import Wanted, replay_step

    several = first is not None or last is not None or days is not None
    if plan_date is not None and several:
        raise typer.BadParameter("give one plan date, or --from, --to and --days", param_hint="--date")
    if first is not None and last is not None and first > last:
        raise typer.BadParameter(f"{first:%Y-%m-%d} is after --to {last:%Y-%m-%d}", param_hint="--from")
    only = day_of(plan_date)
    wanted = Wanted(only or day_of(first), only or day_of(last), days)
    render_replay.replayed(replay_step(folder, wanted), as_json)
