"""What `compare` shows."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from fillplan.cli.render import print_json, table_console
from fillplan.report.compare_page import CAUSE_WORDS, FIGURES, figure_change, figure_text, side_name
from fillplan.report.formats import bytes_change, bytes_text
from fillplan_data.errors import ToleranceExceeded

SHOWN = 10


def compared(made: dict[str, Any], as_json: bool) -> int:
    """After `compare`; gives the exit code."""
    code = ToleranceExceeded.exit_code if made["exceeded"] else 0
    if as_json:
        print_json({**made, "ok": not code, "exit_code": code})
        return code
    console = table_console()
    console.print(_figures(made))
    if made["attribution"] is not None:
        console.print(_causes(made["attribution"]))
    by = made["by"]
    console.print(_largest(made["caches"], "cache_id", "Caches", "bytes served"))
    console.print(_largest(made["regions"], "region", "Regions", "requests"))
    console.print(_largest(made["titles"], by, "Titles" if by == "title_id" else "Files", "bytes served"))
    for note in made["notes"]:
        console.print(f"[yellow]{escape(note)}[/]")
    for row in made["exceeded"]:
        change = figure_change(row["name"], row["difference"])
        most = figure_text(row["name"], row["tolerance"])
        console.print(f"[red]{FIGURES[row['name']]} moved by {change}; at most {most} was allowed[/]")
    return code


def _figures(made: dict[str, Any]) -> Table:
    table = Table(title="Side by side", title_justify="left")
    for heading in ("", escape(side_name(made["a"])), escape(side_name(made["b"])), "difference"):
        table.add_column(heading, justify="right" if heading else "left", overflow="fold")
    for name, words in FIGURES.items():
        sides = (figure_text(name, made[side]["figures"][name]) for side in ("a", "b"))
        table.add_row(words, *sides, figure_change(name, made["difference"][name]))
    return table


def _causes(attribution: dict[str, dict[str, float]]) -> Table:
    table = Table(title="What the difference is due to", title_justify="left")
    table.add_column("")
    for name in attribution:
        table.add_column(FIGURES[name], justify="right")
    for cause in CAUSE_WORDS:
        table.add_row(cause, *(figure_change(name, parts[cause]) for name, parts in attribution.items()))
    return table


def _largest(rows: list[dict[str, Any]], key: str, heading: str, what: str) -> Table:
    figure = {"bytes served": "expected_bytes", "requests": "requested_bytes"}[what]
    table = Table(title=f"{heading}, largest differences in {what}", title_justify="left")
    for name in (key, "first", "second", "difference"):
        table.add_column(name, justify="left" if name == key else "right")
    for row in [r for r in rows if r["difference"]][:SHOWN]:
        sides = (bytes_text(row[s][figure] if row[s] else None) for s in ("a", "b"))
        table.add_row(escape(row[key]), *sides, bytes_change(row["difference"]))
    return table
