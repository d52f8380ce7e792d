"""`fillplan solve`: placement alone, on public benchmarks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import AsJson

solve = typer.Typer(
    no_args_is_help=True,
    help="Placement alone, on public benchmarks.\n\nExample: fillplan solve hashcode kittens.in.gz --out kittens.out",
)


@solve.callback()
def _group() -> None:
    pass


@solve.command()
def hashcode(
    instance: Annotated[Path, typer.Argument(help="an instance in the contest's format, plain or .gz")],
    out: Annotated[Path, typer.Option(help="where to write the submission")],
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=31_536_000,
            help="seconds in all; the first run after an installation compiles for some 20 more (default: 300, or none "
            "with --iterations)",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="seed of everything random")] = 0,
    iterations: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="rounds of improvement instead of a time limit: the submission then depends on instance and seed "
            "alone",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Solve an instance of Hash Code 2017, "Streaming videos", with a proven bound; stopped early, it writes its best.

    Example: fillplan solve hashcode kittens.in.gz --out kittens.out --time-limit 60
    """
    from fillplan.workflow.solving import solve_hashcode

    answer = solve_hashcode(instance, out, time_limit, seed, iterations)
    if as_json:
        print(json.dumps({"ok": True, **asdict(answer), "out": str(answer.out)}))
        return
    proof = "proven optimal" if answer.proven else f"at most {answer.bound:,} ({answer.gap:.3%} above)"
    ended = ", interrupted" if answer.interrupted else ""
    print(f"score {answer.score:,}, {proof}; {answer.seconds:.1f} s{ended}\n{answer.out}")
