"""What `explain` shows."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from fillplan.cli.render import print_json


def explained(made: dict[str, Any], as_json: bool) -> None:
    """After `explain`."""
    if as_json:
        return print_json(made)
    console = Console()
    verb = "holds" if made["held"] else "does not hold"
    name = " ".join(escape(str(made[key])) for key in ("title", "kind", "bitrate_kbps", "language") if made[key])
    console.print(
        Panel(
            f"[bold]{escape(made['cache_id'])}[/] {verb} [bold]{escape(made['asset_id'])}[/] ({name}): "
            f"{escape(made['meaning'])}.",
            title=f"Plan for {made['plan_date']}: {made['reason']}",
            title_align="left",
        )
    )
    console.print(_figures(made))
    if made["demand"]:
        console.print(_demand(made["demand"]))
    for change in made["would_change"]:
        helps = "would change it" if change["alone"] else "would help, but not alone"
        console.print(f"{helps}: {change['says']}", highlight=False, markup=False)
    if made["changed_tables"]:
        console.print(f"[yellow]changed since the plan was made: {', '.join(made['changed_tables'])}[/]")
    return None


def _figures(made: dict[str, Any]) -> Table:
    grid, prices = Table.grid(padding=(0, 2)), made["prices"]
    rows = {
        "size": _gigabytes(made["size_bytes"]),
        "requested here": f"{_gigabytes(made['requested_bytes'])}, of which {_gigabytes(made['reaching_bytes'])} "
        "are not served nearer to the clients",
        "worth per TB": f"{made['worth_per_tb']:,.2f} against a price of {made['price_per_tb']:,.2f}",
        "prices per TB": f"storage {prices['storage_per_tb']:,.2f}, fill window {prices['fill_per_tb']:,.2f}, "
        f"fill cost {prices['fill_cost_per_tb']:,.2f}, served {prices['serve_per_tb_served']:,.2f}",
        "tonight": made["action"],
        "held nearer": ", ".join(made["holders_nearer"]) or "nowhere",
        "held farther": ", ".join(made["holders_farther"]) or "nowhere",
        "bound by": ", ".join(made["binding"]),
    }
    for heading, content in rows.items():
        grid.add_row(f"[dim]{heading}[/]", escape(content))
    return grid


def _demand(regions: list[dict[str, Any]]) -> Table:
    table = Table(title="Where its demand comes from", title_justify="left")
    for heading in ("region", "share that asks here", "requested in the region", "hours of the title", "cold"):
        table.add_column(heading)
    for row in regions:
        hours = "-" if row["view_hours"] is None else f"{row['view_hours']:,.1f}"
        cold = "-" if row["cold"] is None else "yes" if row["cold"] else "no"
        share = f"{row['share_asking_here']:.1%}"
        table.add_row(escape(row["region"]), share, _gigabytes(row["requested_bytes"]), hours, cold)
    return table


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:,.2f} GB"
