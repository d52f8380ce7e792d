"""Commands and their options. Each parses, calls one workflow and renders; heavy imports wait until then."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fillplan import __version__
from fillplan.cli.backtest import backtest
from fillplan.cli.compare import compare
from fillplan.cli.explain import explain
from fillplan.cli.failures import exit_code_of, explain_exit_codes, output_errors
from fillplan.cli.models import models
from fillplan.cli.options import HERE, AsJson, Folder, PlanDate, RunDate, day_of
from fillplan.cli.replay import replay
from fillplan.cli.report import report
from fillplan.cli.rollout import rollout
from fillplan.cli.solve import solve
from fillplan.cli.trust import reproduce, verify
from fillplan.cli.whatif import whatif
from fillplan.workspace import storage_errors
from fillplan_data.errors import INTERRUPTED

app = typer.Typer(
    name="fillplan",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=explain_exit_codes(),
    help="Nightly content placement for video CDNs: forecast what every region will watch, pack the edge "
    "caches by an integer program, prove how good the plan is, publish a fill manifest per cache.",
)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; messages of failures go to stderr."""
    try:
        with storage_errors("reading or writing"), output_errors():
            result = app(arguments, standalone_mode=False)
        if result == INTERRUPTED:
            raise KeyboardInterrupt  # which typer had made an exit code of, telling nobody
    except BaseException as error:
        return exit_code_of(error, as_json="--json" in arguments)
    return result if isinstance(result, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fillplan {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    pass


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="the workspace to make; input/ must not be there yet")],
    size: Annotated[str, typer.Option(help="tiny, small, medium or large")] = "tiny",
    seed: Annotated[int, typer.Option(min=0, help="seed of everything random in it")] = 1,
    truth: Annotated[bool, typer.Option(help="also write true demand and the coming days, for tests")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a realistic SYNTHETIC workspace to start with.

    Example: fillplan init demo --size small --seed 7
    """
    from fillplan.cli import render
    from fillplan.workflow.starting import SIZES, start_workspace

    if size not in SIZES:
        raise typer.BadParameter(f"expected one of {', '.join(SIZES)}; found {size!r}", param_hint="--size")
    render.started(start_workspace(folder, size, seed, truth), as_json)


@app.command()
def check(folder: Folder = HERE, plan_date: PlanDate = None, as_json: AsJson = False) -> int:
    """List every fault in the tables, all at once: file, row, column, what was expected, what came.

    Example: fillplan check demo --json
    """
    from fillplan.cli import render
    from fillplan.workflow.checking import check_workspace

    return render.checked(check_workspace(folder, day_of(plan_date)), as_json)


@app.command()
def train(folder: Folder = HERE, plan_date: PlanDate = None, as_json: AsJson = False) -> None:
    """Fit the demand model on the history before the plan date; it becomes champion if it beats its rivals.

    Example: fillplan train demo --date 2026-04-29
    """
    from fillplan.cli import render
    from fillplan.workflow.steps import train_step

    render.trained(train_step(folder, day_of(plan_date)), as_json)


@app.command()
def forecast(folder: Folder = HERE, plan_date: PlanDate = None, as_json: AsJson = False) -> None:
    """Forecast the demand of the coming days, without planning.

    Example: fillplan forecast demo --date 2026-04-29
    """
    from fillplan.cli import render
    from fillplan.workflow.steps import forecast_step

    render.forecasted(forecast_step(folder, day_of(plan_date)), as_json)


@app.command()
def plan(
    folder: Folder = HERE,
    plan_date: PlanDate = None,
    demand: Annotated[
        Path | None,
        typer.Option(help="take this demand.parquet (region, asset_id, expected_bytes) instead of a forecast"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Forecast, place and write the plan and its manifests; nothing is published.

    Example: fillplan plan demo --demand my-demand.parquet --date 2026-04-29
    """
    from fillplan.cli import render
    from fillplan.workflow.steps import plan_step

    render.planned(plan_step(folder, day_of(plan_date), demand), as_json)


@app.command()
def publish(
    folder: Folder = HERE,
    plan_date: RunDate = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="put the set before the one in force in force again, as a new version")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a planned run (default: the latest) and put its manifests in force in one switch.

    Example: fillplan publish demo --date 2026-04-29
    """
    from fillplan.cli import render
    from fillplan.workflow.steps import publish_step, rollback_step

    if rollback and plan_date is not None:
        raise typer.BadParameter("--rollback takes no --date: it goes back by one set", param_hint="--rollback")
    if rollback:
        render.rolled_back(rollback_step(folder), as_json)
    else:
        render.planned(publish_step(folder, day_of(plan_date)), as_json)


@app.command()
def nightly(
    folder: Folder = HERE,
    plan_date: PlanDate = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE", help="let this gate stop nothing tonight; repeat for several (docs/runbook.md)"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The whole night: check, gates, train if due, forecast, plan, gates, report, verify, publish.

    Example: fillplan nightly demo
    """
    from fillplan.cli import render
    from fillplan.workflow.steps import nightly_step

    render.planned(nightly_step(folder, day_of(plan_date), allow or ()), as_json)


app.command()(report)
app.command()(explain)
app.command()(rollout)
app.command()(verify)
app.command()(reproduce)
app.command()(backtest)
app.command()(whatif)
app.command()(replay)
app.command()(compare)
app.add_typer(models, name="models")
app.add_typer(solve, name="solve")
