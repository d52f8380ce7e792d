"""What `fillplan models` shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from fillplan.model_store import StoredModel


def models_shown(found: Sequence[StoredModel], as_json: bool, cards: bool) -> None:
    """A table, or one object per model; with cards also their accuracy."""
    if as_json:
        data = [
            {"name": m.name, "champion": m.is_champion, "trial": m.trial, **({"card": m.card} if cards else {})}
            for m in found
        ]
        print(json.dumps({"ok": True, "models": data}, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "", "trained on", "error", "trial"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "model")  # names are copied into commands
    for model in found:
        table.add_row(model.name, "champion" if model.is_champion else "", *_facts(model))
    Console().print(table if found else "No model was trained yet; the simple methods serve. See: fillplan train")
    for model in found if cards else ():
        _show_accuracy(model)


def _facts(model: StoredModel) -> tuple[str, str, str]:
    card = model.card
    span = f"{card['history_days']} days to {card['plan_date']}" if card else "card unreadable"
    error = card["accuracy"]["model"]["all"]["wape_day"] if card else None
    return span, "" if error is None else f"{error:.3f}", str(model.trial.get("reason", "none on record"))


def _show_accuracy(model: StoredModel) -> None:
    table = Table(title=f"Accuracy of {model.name} on days it had not seen", title_justify="left", box=None)
    for heading in ("series", "method", "WAPE day", "WAPE horizon", "bias"):
        table.add_column(heading)
    for method, classes in model.card.get("accuracy", {}).items():
        for name, figures in classes.items():
            shown = (figures[key] for key in ("wape_day", "wape_week", "bias"))
            table.add_row(name, method, *("-" if value is None else f"{value:.3f}" for value in shown))
    Console().print(table)
