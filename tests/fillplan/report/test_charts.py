from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan.report.charts import BOTTOM, LEFT, RIGHT, TOP, area, day_chart, line, nice_ceiling
from fillplan.report.rows import Day, Series

PLAN_DATE = date(2026, 7, 1)


def series(watched: list[float | None], high: float = 30.0) -> Series:
    past = [Day(PLAN_DATE + timedelta(days=i - len(watched)), hours) for i, hours in enumerate(watched)]
    ahead = [Day(PLAN_DATE + timedelta(days=i), 20.0, 10.0, high, 15.0, 25.0) for i in range(2)]
    return Series("DE", (*past, *ahead))


@given(st.floats(min_value=1e-3, max_value=1e15), st.integers(2, 6))
def test_axis_holds_the_largest_number_and_is_at_most_mostly_empty(largest: float, steps: int) -> None:
    top = nice_ceiling(largest, steps)
    assert largest * (1 - 1e-9) <= top <= 2.5 * largest + 1e-12
    assert float(f"{top / steps:.1e}") == pytest.approx(top / steps)


def test_axis_of_nothing() -> None:
    assert nice_ceiling(0.0, 4) == 4.0


def test_a_missing_day_breaks_the_line() -> None:
    assert line([(0, 1), (1, 2), (2, None), (3, 4)]) == "M0.0 1.0h0L1.0 2.0M3.0 4.0h0"
    assert line([]) == ""


def test_band_goes_there_and_back() -> None:
    assert area([(0, 1, 3), (1, 2, 4)]) == "M0.0 3.0L1.0 4.0L1.0 2.0L0.0 1.0Z"
    assert area([]) == ""


def test_every_mark_lies_inside_the_axes() -> None:
    chart = day_chart(series([10.0, None, 12.0], high=1e6), PLAN_DATE, 400, 200)
    numbers = re.findall(r"[ML]([\d.]+) ([\d.]+)", chart.watched + chart.expected + chart.band + chart.inner_band)
    assert len(numbers) == 2 + 2 + 4 + 4
    for x, y in numbers:
        assert LEFT <= float(x) <= 400 - RIGHT
        assert TOP <= float(y) <= 200 - BOTTOM


def test_the_widest_band_does_not_flatten_the_lines() -> None:
    chart = day_chart(series([20.0], high=1e6), PLAN_DATE, 400, 200)
    assert chart.is_cut
    assert not day_chart(series([20.0]), PLAN_DATE, 400, 200).is_cut
    heights = [float(y) for _, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", chart.expected)]
    assert all(200 - BOTTOM - y > 0.2 * (200 - TOP - BOTTOM) for y in heights)


def test_words_say_what_the_eye_would_see() -> None:
    chart = day_chart(series([10.0, 20.0]), PLAN_DATE, 400, 200)
    assert chart.words == (
        "DE: on average 15.0\u202fhours a day watched in the last 2 days, 20.0\u202fhours a day expected in the next 2."
    )
    assert [hit.words for hit in chart.hits][1:3] == [
        "Tue 30 Jun: 20.0\u202fhours watched",
        "Wed 1 Jul: 20.0\u202fhours expected (15.0 to 25.0)",
    ]
    assert day_chart(series([None, 1.0]), PLAN_DATE, 400, 200).hits[0].words == "Mon 29 Jun: no data"
    assert [tick.words for tick in chart.x_ticks] == ["29 Jun"]


def test_what_was_foretold_stands_beside_what_was_watched_and_breaks_where_nothing_was() -> None:
    days = series([10.0, 12.0, 14.0]).days
    foretold = [Day(d.date, d.hours, None, None, 8.0, 13.0, 11.0) if i != 1 else d for i, d in enumerate(days[:3])]
    chart = day_chart(Series("DE", (*foretold, *days[3:])), PLAN_DATE, 400, 200)
    assert (chart.foretold.count("M"), chart.foretold_band.count("Z")) == (2, 2)
    assert chart.hits[0].words == "Sun 28 Jun: 10.0\u202fhours watched; 11.0 expected (8.00 to 13.0)"
