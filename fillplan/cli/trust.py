"""`fillplan verify` and `fillplan reproduce`: what others can check for themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, day_of


def verify(
    folder: Annotated[Path, typer.Argument(help="a published set: a folder of manifests with set.json")],
    today: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="receiver's date (default: today, UTC)"
        ),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="network that it must be for (default: that of the set seen last)")
    ] = None,
    seen: Annotated[
        Path | None, typer.Option(help="file that remembers the last set accepted, so that no older one passes")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of the public key that must have signed it")] = None,
    as_json: AsJson = False,
) -> None:
    """For the receiving side: accept a published set, or refuse one that is tampered, expired, older or foreign.

    Exit code 16 says that the set was refused, and everything that is wrong with it.

    Example: fillplan verify published/current --seen last-set.json --key fillplan.pub
    """
    from fillplan.receiving import receive

    info = receive(folder, day_of(today) or datetime.now(UTC).date(), network, seen, key)
    if as_json:
        print(json.dumps({"ok": True, "version": info.version, "plan_date": info.plan_date, "expires": info.expires}))
    else:
        print(f"set {info.version:06d} of {info.plan_date} accepted; follow it up to the day before {info.expires}")


def reproduce(
    folder: Folder = HERE,
    run: Annotated[
        str | None, typer.Argument(help="a plan date, or the name of a folder in runs/", show_default="the latest")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute a run again from the tables that it names (by sha256) and compare every file byte for byte.

    Exit code 17 says what differs. Nothing is written.

    Example: fillplan reproduce demo 2026-04-29
    """
    from fillplan.stages import Stages
    from fillplan.workflow.reproducing import reproduce as compute

    with Stages("reproduce") as stages:
        done = compute(folder, run, stages)
    if as_json:
        data = {"ok": True, "run": str(done.run.folder), "files": done.files, "versions_differ": done.versions_differ}
        print(json.dumps({**data, "seconds": stages.seconds}))
    else:
        print(f"{done.run.folder}: {len(done.files)} files came out the same, byte for byte")
