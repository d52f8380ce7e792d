"""The page of a backtest: accuracy by method and class, its course over days ahead and plan dates, what it pays."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from fillplan.report import formats
from fillplan.report.lines import Lines, lines
from fillplan.report.page import filled

CLASSES = {"volume": "By volume before the plan date", "age": "By age of the title in the region"}


def write_backtest_page(answer: dict[str, Any], path: Path, label: str | None) -> None:
    """Write the page of what `fillplan backtest` found. label: the banner's words, such as 'SYNTHETIC'."""
    overall = {row["method"]: row for row in answer["accuracy"] if row["by"] == "all"}
    path.write_text(
        filled(
            "backtest.html.j2",
            answer=answer,
            label=label,
            plan_date=date.fromisoformat(answer["plan_date"]),
            overall=overall,
            dates=formats.counted(len(answer["origins"]), "plan date", "plan dates"),
            model=overall["model"],
            rival=best_rival(overall),
            classes={words: _by_group(answer, by) for by, words in CLASSES.items()},
            charts=charts(answer),
            decimals=decimals,
        ),
        encoding="utf-8",
    )


def best_rival(overall: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The opponent with the least error by day."""
    rivals = [row for name, row in overall.items() if name != "model" and row["wape_day"] is not None]
    return min(rivals, key=lambda row: row["wape_day"], default=overall["model"])


def _by_group(answer: dict[str, Any], by: str) -> dict[str, list[dict[str, Any]]]:
    """Group -> rows of all methods; groups without hours are left out."""
    rows = [row for row in answer["accuracy"] if row["by"] == by and row["hours"] > 0]
    return {group: [row for row in rows if row["group"] == group] for group in dict.fromkeys(r["group"] for r in rows)}


def charts(answer: dict[str, Any]) -> list[Lines]:
    """Error over the days ahead and over the plan dates."""
    methods = list(dict.fromkeys(row["method"] for row in answer["accuracy"]))
    ahead = [str(k + 1) for k in range(answer["horizon_days"])]
    by_day = {(r["method"], r["group"]): r["wape_day"] for r in answer["accuracy"] if r["by"] == "day ahead"}
    by_origin = {(r["method"], r["origin"]): r for r in answer["by_origin"]}
    origins = answer["origins"]
    short = [formats.day_text(date.fromisoformat(origin), year=False) for origin in origins]

    def over(key: str) -> dict[str, list[float | None]]:
        return {m: [by_origin[m, origin][key] for origin in origins] for m in methods}

    return [
        lines("Error by day", "days ahead", ahead, {m: [by_day[m, d] for d in ahead] for m in methods}, decimals),
        lines("Error by day", "plan date", short, over("wape_day"), decimals),
        lines("Error by horizon", "plan date", short, over("wape_horizon"), decimals),
    ]


def decimals(number: float | None) -> str:
    """0.123; a dash for the unknown."""
    return formats.DASH if number is None else f"{number:.3f}"
