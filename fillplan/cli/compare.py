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
            metavar="FIRST",
        ),
    ],
    second: Annotated[Path, typer.Argument(help="what to compare with it", metavar="SECOND")],
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
    md: Annotated[Path | None, typer.Option(help="also write it as Markdown")] = None,
    as_json: AsJson = False,
) -> int:
    """Compare two runs or scenarios: figures, caches, regions and titles side by side, and what the difference is due
    to (demand, capacity, content, policy).

    Example: fillplan compare demo/runs/2026-05-01 demo --tolerance offload=0.5%
    """
    from fillplan.cli.render_compare import compared
    from fillplan.comparison.tolerances import parse_tolerance
    from fillplan.report.answers import compare_markdown
    from fillplan.report.compare_page import write_compare_page
    from fillplan.workflow.comparing import compare_step
    from fillplan.workspace import file_to_write, storage_errors, write_whole

    try:
        tolerances = [parse_tolerance(text) for text in tolerance or ()]
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="--tolerance") from fault
    made = compare_step(first, second, tolerances)
    with storage_errors("writing the comparison"):
        if html is not None:
            write_compare_page(made, file_to_write(html))
        if md is not None:
            write_whole(file_to_write(md), compare_markdown(made).encode("utf-8"))
    return compared(made, as_json)
