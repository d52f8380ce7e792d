"""What `fillplan backtest` shows."""

from __future__ import annotations

import json
from typing import Any

from rich.table import Table

from fillplan.cli.render import table_console
from fillplan.cli.render_whatif import NARROW
from fillplan.report.formats import counted, points_text

ACCURACY_MEANS = """\
error: sum of absolute errors by region, title and day / hours
of naive: that over the naive method's; horizon: error of sums over all days
in 80 %: hours within the interval; score: of the interval, less is better
"""


def judged(answer: dict[str, Any], as_json: bool) -> None:
    """After `backtest`."""
    if as_json:
        return print(json.dumps(answer, indent=1))
    console = table_console()
    dates = answer["origins"]
    span = f"{len(dates)} plan dates from {dates[0]} to {dates[-1]}" if len(dates) > 1 else f"Plan date {dates[0]}"
    console.print(f"{span}, {answer['horizon_days']} days ahead")
    console.print(_accuracy(answer))
    print(ACCURACY_MEANS)
    console.print(_comparisons(answer))
    if answer["offload"]:
        console.print(_offload(answer))
    for note in answer["notes"]:
        console.print(f"note: {note}", highlight=False, markup=False)
    print(f"Page: {answer['folder']}/backtest.html")
    return None


def _accuracy(answer: dict[str, Any]) -> Table:
    columns = ("method", "error", "of naive", "horizon", "bias", "in 80 %", "score")
    table = _table("Accuracy", columns)
    for row in answer["accuracy"]:
        if row["by"] == "all":
            keys = ("wape_day", "of_naive", "wape_horizon")
            shown = [_number(row[key]) for key in keys]
            table.add_row(
                row["method"], *shown, _number(row["bias"], "+.1%"), _number(row["coverage"], ".1%"),
                _number(row["interval_score"]),
            )  # fmt: skip
    return table


def _comparisons(answer: dict[str, Any]) -> Table:
    table = _table("The model's error over the opponent's", ("opponent", "by", "ratio", "90 % interval", "p", "better"))
    for row in answer["comparisons"]:
        interval = "too few dates" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
        better = f"{row['better']} of {row['origins']}"
        table.add_row(
            row["opponent"], row["by"], _number(row["ratio"]), interval, _chance(row["p_value"]), better
        )  # fmt: skip
    return table


def _chance(p_value: float | None) -> str:
    return "<0.001" if p_value is not None and p_value < 0.001 else _number(p_value)


def _offload(answer: dict[str, Any]) -> Table:
    dates = counted(len(answer["origins"]), "plan date", "plan dates")
    title = f"What it pays: plans judged on the real demand, over {dates}"
    table = _table(title, ("plan from", "offload", "lost", "value", "lost of it"))
    for row in answer["offload"]:
        offload = _number(row["offload"], ".2%"), points_text(row["lost_offload"])
        table.add_row(row["method"], *offload, _number(row["value"], ",.1f"), _number(row["lost_value_share"], ".2%"))
    return table


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", **NARROW)
    for column in columns:
        is_name = column in ("method", "opponent", "by", "plan from")
        table.add_column(column, justify="left" if is_name else "right", no_wrap=True)
    return table


def _number(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)
