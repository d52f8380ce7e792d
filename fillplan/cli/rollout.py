"""`fillplan rollout`: which set each group of caches follows, and the rest after the first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, day_of


def rollout(
    folder: Folder = HERE,
    finish: Annotated[
        bool, typer.Option("--finish", help="let all caches follow what the first groups follow, if the check passes")
    ] = False,
    accepted: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="a file that `verify --seen` keeps at a receiver of the first groups: it must name this very set; "
            "repeat for several",
        ),
    ] = None,
    today: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="the day that it is (default: today, UTC)"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a staged roll-out (`publish.first_groups`), or finish it.

    The check: the set is whole, has not expired, was followed for
    `publish.soak_minutes`, and every FILE names it. Exit code 18 says what speaks
    against it; back everywhere: fillplan publish --rollback.

    Example: fillplan rollout demo --finish --accepted canary-seen.json
    """
    from fillplan.workflow.steps import rollout_step

    if accepted and not finish:
        raise typer.BadParameter("--accepted is a part of the check of --finish", param_hint="--accepted")
    stands = rollout_step(folder, finish, day_of(today) or datetime.now(UTC).date(), accepted or ())
    newest = stands.newest
    if as_json:
        data = {"version": newest.version, "plan_date": newest.plan_date, "expires": newest.expires}
        print(json.dumps({"ok": True, **data, "pointers": stands.pointers, "waiting": list(stands.waiting)}))
        return
    print(
        f"newest set: {newest.version:06d} of {newest.plan_date}, to be followed up to the day before {newest.expires}"
    )
    for name, version in stands.pointers.items():
        print(f"  {name:<20} {version:06d}{'  waits' if name in stands.waiting else ''}")
    if finish and not stands.waited:
        print(f"nothing waited: there was nothing to finish{_unless_staged(folder)}")


def _unless_staged(folder: Path) -> str:
    from fillplan.settings import read_settings

    staged = read_settings(folder).publish.first_groups
    return "" if staged else " (no staged roll-out is set: publish.first_groups in fillplan.toml)"
