"""`fillplan compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fillplan.cli.options import AsJson


def compare(
    first: Annotated[
        Path,
        typer.Argument(
            help="a workspace (its latest run), a run folder, or a scenario that `fillplan whatif` answered: "
            "DIR/whatif/NAME#SCENARIO, of a sweep #SCENARIO@VALUE",
            metavar="SIDE",
        ),
    ],
    second: Annotated[Path, typer.Argument(help="what to compare with it", metavar="SIDE")],
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            help="how far a figure may move, as offload=0.5% (points of a share), fill_bytes=2% (of the first) or "
            "value=1000; may be given often. What moves further ends the command with exit code 14",
            metavar="FIGURE=AMOUNT",
            show_default=False,
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="also write the comparison as one HTML file")] = None,
    as_json: AsJson = False,
) -> int:
    """Compare two runs or scenarios: figures, caches, regions and titles side by side, and what the difference is due
    to (demand, capacity, content, policy).

    Example: fillplan compare demo/runs/2026-05-01 demo --tolerance offload=0.5%
    """
    from fillplan.cli.render_compare import compared
    from fillplan.comparison.tolerances import parse_tolerance
    from fillplan.workflow.comparing import compare_step

    try:
        tolerances = [parse_tolerance(text) for text in tolerance or ()]
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="--tolerance") from fault
    made = compare_step(first, second, tolerances)
    if html is not None:
        from fillplan.report.compare_page import write_compare_page
        from fillplan.workspace import storage_errors

        with storage_errors("writing the page"):
            write_compare_page(made, html)
    return compared(made, as_json)
