"""`fillplan explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from fillplan.cli.options import HERE, AsJson, Folder, RunDate, day_of


def explain(
    folder: Folder = HERE,
    cache: Annotated[str, typer.Option(help="cache_id", show_default=False)] = ...,  # type: ignore[assignment]
    asset: Annotated[str, typer.Option(help="asset_id", show_default=False)] = ...,  # type: ignore[assignment]
    plan_date: RunDate = None,
    as_json: AsJson = False,
) -> None:
    """Say why a run (default: the latest) has a cache hold a file, or not, and what would change that.

    At what demand it would be otherwise (up to 16 times as much, or as little) is found by planning anew for demand of
    that file; in meshes, in large groups of caches and where tables have changed it is an estimate by prices.

    Example: fillplan explain demo --cache edge-ar-1 --asset t059-m3600-en
    """
    from fillplan.cli.render_explain import explained
    from fillplan.workflow.explaining import explain_step

    explained(explain_step(folder, day_of(plan_date), cache, asset), as_json)
