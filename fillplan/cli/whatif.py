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
    failures: Annotated[
        str | None,
        typer.Option(help="take caches, parents, regions or all of these out of service in turn", show_default=False),
    ] = None,
    replan: Annotated[
        bool, typer.Option("--replan", help="with --failures: also what planning anew would win back")
    ] = False,
    robust: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=0.5,
            metavar="PROBABILITY",
            help="with --failures: also a plan made for caches that are out this often, its cost and what it saves",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=10_000,
            help="with a scenario file: also value the plans over so many samples of the demand that may come",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="seed of the samples")] = 0,
    run_date: RunDate = None,
    as_json: AsJson = False,
) -> None:
    """Ask what if: scenarios of a file against the base plan, or outages in turn, in the same units.

    Examples: fillplan whatif DIR more-storage.toml; fillplan whatif DIR --failures caches
    """
    from fillplan.cli import render_whatif

    if (scenario is None) == (failures is None):
        raise typer.BadParameter("expected either a scenario file or --failures", param_hint="SCENARIO")
    if failures is None:
        from fillplan.scenarios.uncertain import Samples
        from fillplan.workflow.whatif import whatif as ask

        assert scenario is not None
        sampling = None if samples is None else Samples(samples, seed)
        render_whatif.answered(ask(folder, scenario, day_of(run_date), sampling), as_json)
        return
    from fillplan.scenarios.failing import KINDS
    from fillplan.workflow.failures import Exercise, fail_in_turn

    what = next((kind for kind in KINDS if kind == failures), None)
    if what is None:
        raise typer.BadParameter(f"expected one of {', '.join(KINDS)}; found {failures!r}", param_hint="--failures")
    render_whatif.failed(fail_in_turn(folder, Exercise(what, replan, robust), day_of(run_date)), as_json)
