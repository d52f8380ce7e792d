from __future__ import annotations

from datetime import date

import pandas as pd

from fillplan.starts import coming, rights_starts


def starts(*windows: tuple[str, str, str, str]) -> list[tuple[int, int, str]]:
    table = pd.DataFrame(windows, columns=["title_id", "region", "start_date", "end_date"])
    for column in ("start_date", "end_date"):
        table[column] = pd.to_datetime(table[column].replace("", None))
    found = rights_starts(table, pd.Index(["t1", "t2"]), ("DE", "FR"), date(2026, 7, 1), 7)
    return [(row.title, row.region, f"{row.date:%m-%d}") for row in found.itertuples()]


def test_from_two_weeks_before_to_the_last_day_of_the_horizon() -> None:
    assert starts(
        ("t1", "DE", "2026-06-16", ""),
        ("t1", "FR", "2026-06-17", ""),
        ("t2", "", "2026-07-07", ""),
        ("t2", "DE", "2026-07-08", ""),
    ) == [(0, 1, "06-17"), (1, -1, "07-07")]


def test_a_window_that_continues_another_is_no_launch() -> None:
    assert starts(("t1", "DE", "2026-01-01", "2026-07-01"), ("t1", "DE", "2026-07-02", "")) == []
    assert starts(("t1", "", "2026-01-01", ""), ("t1", "DE", "2026-07-02", "")) == []


def test_a_return_after_a_pause_and_a_start_elsewhere_are_launches() -> None:
    assert starts(("t1", "DE", "2026-01-01", "2026-06-30"), ("t1", "DE", "2026-07-02", "")) == [(0, 0, "07-02")]
    assert starts(("t1", "FR", "2026-01-01", ""), ("t1", "DE", "2026-07-02", "")) == [(0, 0, "07-02")]


def test_unknown_titles_and_regions_are_left_out() -> None:
    assert starts(("t9", "DE", "2026-07-02", ""), ("t1", "US", "2026-07-02", "")) == []


def test_launches_of_the_horizon_start_on_the_plan_date_or_later() -> None:
    days = pd.DataFrame({"date": pd.to_datetime(["2026-06-30", "2026-07-01", "2026-07-02"])})
    assert list(coming(days, date(2026, 7, 1)).index) == [1, 2]
