"""The page of a backtest: the rival that is named, the groups that are shown, the lines that are drawn."""

from typing import Any

import pytest

from fillplan.report.backtest_page import _by_group, best_rival, charts, decimals


def row(method: str, by: str, group: str, error: float | None, hours: float = 1.0) -> dict[str, Any]:
    return {"method": method, "by": by, "group": group, "wape_day": error, "hours": hours}


ANSWER: dict[str, Any] = {
    "plan_date": "2026-03-08",
    "horizon_days": 2,
    "origins": ["2026-02-01", "2026-02-15"],
    "accuracy": [
        *(row(method, "all", "all", error) for method, error in (("model", 0.3), ("ewma", 0.4), ("naive", 0.5))),
        *(row(m, "day ahead", d, e) for m in ("model", "ewma", "naive") for d, e in (("1", 0.2), ("2", None))),
        row("model", "volume", "large", 0.1),
        row("ewma", "volume", "large", 0.2),
        row("model", "volume", "none", None, hours=0.0),
    ],
    "by_origin": [
        {"method": method, "origin": origin, "wape_day": day, "wape_horizon": whole}
        for method in ("model", "ewma", "naive")
        for origin, day, whole in (("2026-02-01", 0.25, 0.15), ("2026-02-15", 0.35, 0.1))
    ],
}


def overall(**errors: float | None) -> dict[str, dict[str, Any]]:
    return {name: row(name, "all", "all", error) for name, error in errors.items()}


def test_the_rival_is_the_opponent_with_the_least_error() -> None:
    assert best_rival(overall(naive=0.5, model=0.1, ewma=0.4))["method"] == "ewma"
    assert best_rival(overall(model=0.1, ewma=None, naive=0.9))["method"] == "naive"


def test_without_a_judged_opponent_the_model_stands_alone() -> None:
    assert best_rival(overall(model=0.1))["method"] == "model"
    assert best_rival(overall(model=0.1, ewma=None))["method"] == "model"


def test_groups_without_hours_are_left_out_and_the_others_have_every_method() -> None:
    found = _by_group(ANSWER, "volume")
    assert {group: [r["method"] for r in rows] for group, rows in found.items()} == {"large": ["model", "ewma"]}
    assert _by_group(ANSWER, "age") == {}


def test_errors_are_drawn_over_days_ahead_and_plan_dates() -> None:
    ahead, by_day, by_horizon = charts(ANSWER)
    assert [(chart.name, chart.x_name) for chart in (ahead, by_day, by_horizon)] == [
        ("Error by day", "days ahead"),
        ("Error by day", "plan date"),
        ("Error by horizon", "plan date"),
    ]
    assert [tick.words for tick in ahead.x_ticks] == ["1", "2"]
    assert [tick.words for tick in by_day.x_ticks] == ["1 Feb", "15 Feb"]
    assert [line.name for line in ahead.lines] == ["model", "ewma", "naive"]
    assert [len(line.dots) for line in ahead.lines] == [1, 1, 1], "an unknown error is no dot"
    assert [dot.words.split()[-1] for dot in by_horizon.lines[0].dots] == ["0.150", "0.100"]


@pytest.mark.parametrize(("number", "words"), [(None, "–"), (0.0, "0.000"), (0.12351, "0.124")])
def test_decimals(number: float | None, words: str) -> None:
    assert decimals(number) == words
