"""What `explain` shows."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from fillplan.cli.render import print_json
from fillplan.report.formats import bytes_text, short_text

TONIGHT = {
    "add": "it is filled",
    "keep": "it stays",
    "evict": "it leaves",
    "none": "it was not there and does not come",
}
DECIDED_BY = {
    "pinned": "a pin",
    "floor": "the policy's floor",
    "launch": "the policy for launches",
    "worth": "its worth",
    "main_audio": "the videos that need it",
    "room": "room that nothing else needs",
    "blocked": "a block",
    "rights": "its title's rights",
    "too_large": "its size",
    "no_demand": "no demand",
    "served_nearer": "copies nearer to the clients",
    "served_farther": "a copy farther up",
    "fill_cost": "the cost of filling",
    "fill_window": "tonight's fill window",
    "serve_limit": "the serve limit",
    "needs_main_audio": "the room that its title's main audio needs too",
    "storage": "storage",
    "whole_files": "files being whole",
}
"""Each reason of `fillplan_optimizer.why` in a few words."""


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
            title=f"Plan for {made['plan_date']}",
            title_align="left",
        )
    )
    console.print(_figures(made))
    if made["demand"]:
        console.print(_demand(made["demand"]))
    for change in made["would_change"]:
        helps = "would change it" if change["alone"] else "would help, but not alone"
        console.print(f"{helps}: {change['says']}", highlight=False, markup=False)
    tried = made["demand_tried"]
    if tried and tried["turns_at"] is None:
        print(f"would not change it: {tried['stands_at']:.3g} times the demand for it (planned anew)")
    if made["changed_tables"]:
        console.print(f"[yellow]changed since the plan was made: {', '.join(made['changed_tables'])}[/]")
    return None


def _figures(made: dict[str, Any]) -> Table:
    grid, prices = Table.grid(padding=(0, 2)), made["prices"]
    rows = {
        "size": bytes_text(made["size_bytes"]),
        "requested here": f"{bytes_text(made['requested_bytes'])}, of which {bytes_text(made['reaching_bytes'])} "
        "are not served nearer to the clients",
        "worth": f"{short_text(made['worth_per_tb'])} per TB of the file against a price of "
        f"{short_text(made['price_per_tb'])}, in the unit of value_per_gb over {made['horizon_days']} days",
        "prices per TB": f"storage {short_text(prices['storage_per_tb'])}, fill window "
        f"{short_text(prices['fill_per_tb'])}, fill cost {short_text(prices['fill_cost_per_tb'])}, "
        f"served {short_text(prices['serve_per_tb_served'])}",
        "tonight": TONIGHT[made["action"]],
        "held nearer": ", ".join(made["holders_nearer"]) or "nowhere",
        "held farther": ", ".join(made["holders_farther"]) or "nowhere",
        "decided by": ", ".join(DECIDED_BY[reason] for reason in made["binding"]),
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
        table.add_row(escape(row["region"]), share, bytes_text(row["requested_bytes"]), hours, cold)
    return table
