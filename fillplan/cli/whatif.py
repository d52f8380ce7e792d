"""`fillplan whatif`: scenarios of a file, or outages in turn, against a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fillplan.cli.options import AsJson, RunDate, day_of

if TYPE_CHECKING:
    from fillplan.scenarios.failing import What

ScenarioFile = Annotated[
    Path | None, typer.Argument(help="TOML file of scenarios (docs/analysts.md)", show_default=False)
]
Failures = Annotated[
    str | None,
    typer.Option(help="take caches, parents, regions or all of these out of service in turn", show_default=False),
]
Replan = Annotated[bool, typer.Option("--replan", help="with --failures: also what planning anew would win back")]
Robust = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=0.5,
        metavar="PROBABILITY",
        help="with --failures: also a plan made for caches that are out this often, its cost and what it saves",
        show_default=False,
    ),
]
SampleCount = Annotated[
    int | None,
    typer.Option(
        min=2,
        max=10_000,
        help="with a scenario file: also value the plans over so many samples of the demand that may come",
        show_default=False,
    ),
]
Seed = Annotated[int | None, typer.Option(min=0, help="with --samples: their seed (default: 0)", show_default=False)]


def _either(folder: Path, scenario: Path | None) -> str:
    """What is wrong with neither or both; the workspace is easily left out, as other commands allow."""
    expected = "expected either a scenario file or --failures"
    if scenario is not None:
        return f"{expected}; found both"
    if folder.is_file():
        return f"{expected}, after the workspace; found only {folder}, as in: fillplan whatif . {folder}"
    return f"{expected}; found neither"


def whatif(
    folder: Annotated[Path, typer.Argument(help="the workspace")],
    scenario: ScenarioFile = None,
    failures: Failures = None,
    replan: Replan = False,
    robust: Robust = None,
    samples: SampleCount = None,
    seed: Seed = None,
    run_date: RunDate = None,
    as_json: AsJson = False,
) -> None:
    """Ask what if: scenarios of a file against the base plan, or outages in turn, in the same units.

    Examples: fillplan whatif DIR more-storage.toml; fillplan whatif DIR --failures caches
    """
    from fillplan.cli import render_whatif
    from fillplan.scenarios.uncertain import Samples
    from fillplan.workflow.failures import Exercise, fail_in_turn
    from fillplan.workflow.whatif import whatif as ask

    if (scenario is None) == (failures is None):
        raise typer.BadParameter(_either(folder, scenario), param_hint="SCENARIO")
    _refuse_what_does_not_apply(scenario is not None, replan, robust, samples, seed)
    if scenario is not None:
        sampling = None if samples is None else Samples(samples, seed or 0)
        render_whatif.answered(ask(folder, scenario, day_of(run_date), sampling), as_json)
    else:
        exercise = Exercise(_what(str(failures)), replan, robust)
        render_whatif.failed(fail_in_turn(folder, exercise, day_of(run_date)), as_json)


def _refuse_what_does_not_apply(
    is_scenario: bool, replan: bool, robust: float | None, samples: int | None, seed: int | None
) -> None:
    """An option that would change nothing is a mistake that somebody wants to hear of."""
    of_failures = {"--replan": replan, "--robust": robust is not None}
    of_scenarios = {"--samples": samples is not None, "--seed": seed is not None}
    wrong = [name for name, given in (of_failures if is_scenario else of_scenarios).items() if given]
    if wrong:
        goes_with = "--failures" if is_scenario else "a scenario file"
        raise typer.BadParameter(f"goes with {goes_with} only", param_hint=wrong[0])
    if seed is not None and samples is None:
        raise typer.BadParameter("goes with --samples only", param_hint="--seed")


def _what(named: str) -> What:
    from fillplan.scenarios.failing import KINDS

    what = next((kind for kind in KINDS if kind == named), None)
    if what is None:
        raise typer.BadParameter(f"expected one of {', '.join(KINDS)}; found {named!r}", param_hint="--failures")
    return what
