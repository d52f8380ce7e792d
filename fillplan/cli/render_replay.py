"""What `replay` shows."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from fillplan.cli.render import print_json, table_console
from fillplan.cli.render_whatif import NARROW
from fillplan.report.formats import bytes_text, counted, percent_text

REGRET_WORDS = {
    "forecast_error": "forecast error",
    "integrality": "whole files only",
    "fill_window": "tonight's fill window",
    "capacity": "storage, serve limits, cost of fills",
    "no_cache": "no cache is asked",
}

ALTERNATIVE_WORDS = {
    "keep_inventory": "what was there before, as far as storage, rights, pins and audio with its video let it stay, "
    "with nothing new but pins,",
    "popularity": "popularity",
}

SCORED = ("expected", "realised", "foresight", "popularity", "keep")
SCORED_MEANS = """\
offload as expected by the plan and as realised on the views; with foresight of
them; by popularity: every cache with what is asked for most; keep: what was
there before, as far as the plan's own rules let it stay (storage, rights, pins,
audio with its video), with nothing new but pins. error: sum of absolute errors
by region, title and day / hours (WAPE)"""


def replayed(made: dict[str, Any], as_json: bool) -> None:
    """After `replay`: one score, or a scorecard."""
    if as_json:
        return print_json(made)
    console = table_console()
    if "rows" in made:
        _scorecard(console, made)
    else:
        _score(console, made)
    return None


def _score(console: Console, made: dict[str, Any]) -> None:
    shares = made["shares"]
    console.print(
        Panel(
            f"realised offload [bold]{percent_text(made['realised_offload'])}[/], "
            f"expected {percent_text(made['expected_offload'])}, with foresight "
            f"{percent_text(made['foresight_offload'])}\n"
            f"value {made['realised_value']:,.0f}, expected {made['expected_value']:,.0f}, with foresight "
            f"{made['foresight_value']:,.0f}\n"
            f"{bytes_text(made['requested_bytes'])} requested on {len(made['days'])} of {made['horizon_days']} days; "
            f"rungs and languages: {shares['source']} ({percent_text(shares['measured_part'])} of the bytes measured)",
            title=f"Replay of the plan for {made['plan_date']}",
            title_align="left",
        )
    )
    console.print(_regret(made))
    console.print(_misses(made))
    for name, row in made["alternatives"].items():
        console.print(f"  {ALTERNATIVE_WORDS[name]} would have offloaded {percent_text(row['offload'])}")
    for note in made["notes"]:
        console.print(f"[yellow]{escape(note)}[/]")
    print(f"kept in {made['folder']}")


def _regret(made: dict[str, Any]) -> Table:
    table = Table(title="What is missing to serving everything", title_justify="left")
    table.add_column("due to")
    table.add_column("of requested bytes", justify="right")
    table.add_column("value", justify="right")
    offload, value = made["regret_offload"], made["regret_value"]
    for part, words in {**REGRET_WORDS, "total": "[bold]together[/]"}.items():
        worth = f"{value[part]:,.0f}" if part in value else "-"
        table.add_row(words, percent_text(offload[part]), worth)
    return table


def _misses(made: dict[str, Any]) -> Table:
    table = Table(title="Why requests went to the origin", title_justify="left")
    for heading in ("of requested bytes", "bytes", "because"):
        table.add_column(heading, justify="left" if heading == "because" else "right")
    for row in sorted(made["misses"].values(), key=lambda row: -row["bytes"]):
        table.add_row(percent_text(row["share"]), bytes_text(row["bytes"]), row["meaning"])
    return table


def _scorecard(console: Console, made: dict[str, Any]) -> None:
    table = Table(title="Plans on the views of their horizons", title_justify="left", **NARROW)
    for heading in ("plan date", "days", *SCORED, "error"):
        table.add_column(heading, justify="left" if heading == "plan date" else "right", no_wrap=True)
    for row in made["rows"]:
        table.add_row(row["plan_date"], str(row["days_scored"]), *_offloads(row), _known(row["wape"]))
    total = made["total"]
    table.add_row(f"[bold]{counted(total['plans'], 'plan', 'plans')}[/]", "", *_offloads(total), "")
    console.print(table)
    print(SCORED_MEANS)
    parts = ", ".join(f"{REGRET_WORDS[part]} {percent_text(total['regret_offload'][part])}" for part in REGRET_WORDS)
    console.print(f"missing to serving everything: {parts}")
    if made["without_views"]:
        console.print(f"[yellow]no views yet for {', '.join(made['without_views'])}[/]")


def _offloads(row: dict[str, Any]) -> list[str]:
    return [percent_text(row[f"{name}_offload"]) for name in SCORED]


def _known(number: float | None) -> str:
    return "-" if number is None else percent_text(number)
