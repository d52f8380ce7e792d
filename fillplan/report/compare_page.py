"""The page of a comparison: one HTML file that opens offline, in the dress of the planner's report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fillplan import __version__
from fillplan.report import formats
from fillplan.report.page import environment

FIGURES = {
    "offload": "Offload",
    "value": "Value",
    "gap": "Proven gap",
    "requested_bytes": "Requested",
    "served_bytes": "Served by caches",
    "origin_bytes": "Origin egress",
    "fill_bytes": "Fill",
    "churn": "Churn",
    "used_bytes": "Storage used",
    "bound": "Bound",
}
CAUSE_WORDS = {
    "demand": "demand",
    "capacity": "capacity: caches, routes, outages, what was held",
    "content": "content: catalogue, files, rights, date",
    "policy": "policy: plan settings",
    "other": "other: not told apart",
    "total": "together",
}
SHARES = ("offload", "gap", "churn")


def side_name(side: dict[str, Any]) -> str:
    """'plan for 2026-04-28', 'bigger edges'."""
    return str(side["scenario"] or f"plan for {side['plan_date']}")


def figure_text(name: str, number: float) -> str:
    """A figure in its unit."""
    if name in SHARES:
        return formats.percent_text(number)
    return formats.bytes_text(number) if name.endswith("_bytes") else formats.short_text(number)


def figure_change(name: str, number: float) -> str:
    """A difference with sign and unit; of shares in points."""
    if name in SHARES:
        return formats.points_change(number)
    return formats.bytes_change(number) if name.endswith("_bytes") else formats.short_change(number)


def write_compare_page(made: dict[str, Any], path: Path) -> None:
    """Write the page of what `compare_step` gives. All text from tables is escaped."""
    page = environment().get_template("compare.html.j2")
    text = page.render(
        made=made,
        version=__version__,
        figures=FIGURES,
        causes=CAUSE_WORDS,
        text=figure_text,
        change=figure_change,
        name=side_name,
    )
    path.write_text(text, encoding="utf-8")
