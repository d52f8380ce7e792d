"""What `fillplan models search` shows."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from fillplan.report.formats import counted


def searched(answer: dict[str, Any], as_json: bool) -> None:
    """After `models search`."""
    if as_json:
        return print(json.dumps(answer, indent=1))
    console, present = Console(), answer["present"]
    dates = counted(len(answer["origins"]), "past plan date", "past plan dates")
    print(f"{counted(answer['trials'], 'trial', 'trials')} at {dates} ({answer['study']})")
    console.print("score = error of the model / error of its baseline alone, over days and horizons")
    shown = answer["best"] + ([present] if present and present not in answer["best"] else [])
    marks = [" (present)" if tried == present else "" for tried in shown]
    heads = [f"trial {tried['number']}{mark}" for tried, mark in zip(shown, marks, strict=True)]
    table = Table("", *heads, box=None, pad_edge=False)
    table.add_row("score", *(f"{tried['score']:.4f}" for tried in shown))
    for name in answer["best"][0]["values"]:
        table.add_row(name, *(_shown(tried["values"][name]) for tried in shown))
    console.print(table)
    print(f"Best spec: {answer['folder']}/best.toml")
    return None


def _shown(value: float | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
