"""The page of a comparison: one HTML file that opens offline, in the dress of the planner's report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fillplan.comparison.tolerances import SHARES
from fillplan.report import formats
from fillplan.report.page import filled
from fillplan.report.waterfall import Waterfall, waterfall
from fillplan.workspace import write_whole

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
DRAWN = ("offload", "value", "origin_bytes")
"""Figures whose way from the first to the second side is drawn."""


def side_name(side: dict[str, Any]) -> str:
    """'plan for 28 Apr 2026', 'bigger edges'; with the folder where both sides would be called alike."""
    return str(side["label"])


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


def waterfalls(made: dict[str, Any]) -> list[Waterfall]:
    """From the first side's figure over the causes that had a part to the second's."""
    attribution = made["attribution"] or {}
    drawn = [name for name in DRAWN if name in attribution and attribution[name]["total"]]
    return [
        waterfall(
            FIGURES[name],
            made["a"]["figures"][name],
            [(cause, part) for cause, part in attribution[name].items() if cause != "total" and part],
            partial(figure_text, name),
            partial(figure_change, name),
        )
        for name in drawn
    ]


def write_compare_page(made: dict[str, Any], path: Path) -> None:
    """Write the page of what `compare_step` gives. All text from tables is escaped."""
    text = filled(
        "compare.html.j2",
        made=made,
        figures=FIGURES,
        causes=CAUSE_WORDS,
        text=figure_text,
        change=figure_change,
        name=side_name,
        waterfalls=waterfalls(made),
    )
    write_whole(path, text.encode("utf-8"))
