"""Nothing dated on or after the plan date can be reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.errors import NotFound
from fillplan_data.history import before, default_plan_date, history_start, period_length

START = date(2026, 1, 1)


def variant_frame(pairs):
    """Rows of (region, day)."""
    return pd.DataFrame(
        {
            "date": pd.to_datetime([day for _, day in pairs]).astype("datetime64[us]"),
            "region": pd.Categorical([region for region, _ in pairs]),
            "view_hours": np.arange(len(pairs), dtype=float),
        }
    )


def test_the_default_plan_date_is_the_day_after_the_last_views(workspace):
    assert default_plan_date(workspace.tables_read()) == date(2026, 6, 3)


def test_there_is_no_default_without_views(workspace):
    tables = workspace.tables_read()
    with pytest.raises(NotFound, match="views"):
        default_plan_date(replace(tables, views=tables.views.iloc[:0]))


def test_views_before_a_date(workspace):
    cut = before(workspace.tables_read(), date(2026, 6, 2))
    assert len(cut.views) == 3
    assert list(cut.views.title_id.cat.categories) == ["t1", "t2"]  # t3 is first watched later
    assert isinstance(cut.views.index, pd.RangeIndex)


@pytest.mark.parametrize(
    ("spans", "start"),
    [
        ([(0, 100)], 0),
        ([(0, 1), (20_000, 100)], 20_000),  # the epoch
        ([(0, 1), (9_000, 1), (20_000, 8)], 20_000),
        ([(0, 13), (30, 100)], 30),  # tests before a launch
        ([(0, 14), (300, 100)], 0),  # a season, and the next
        ([(0, 100), (400, 1)], 0),  # mistyped the other way: the plan date's gate
        ([(0, 13), (26, 100)], 0),  # a fortnight's gap
        ([(0, 1), (20, 1), (40, 1)], 0),
    ],
)
def test_few_days_long_before_all_others_are_no_history(good_tables, spans, start):
    days = [START + timedelta(days=first + n) for first, count in spans for n in range(count)]
    views = variant_frame([("A", day.isoformat()) for day in days])
    plan_date = days[-1] + timedelta(days=1)
    cut = before(replace(good_tables, views=views), plan_date)
    assert history_start(views) == pd.Timestamp(START + timedelta(days=start)) == cut.views.date.min()
    pd.testing.assert_frame_equal(before(cut, plan_date).views, cut.views)


@pytest.mark.parametrize(
    ("plan_date", "rows"), [("2026-05-11", 0), ("2026-05-18", 4), ("2026-05-31", 4), ("2026-06-01", 5)]
)
def test_weeks_count_once_they_have_ended(workspace, plan_date, rows):
    if plan_date == "2026-05-11":
        rows = 0  # one date before it: taken for a month, which has not ended
    assert len(before(workspace.tables_read(), date.fromisoformat(plan_date)).variant_views) == rows


def test_what_is_planned_stays_known(workspace):
    tables = workspace.tables_read()
    cut = before(tables, date(2026, 6, 2))
    for name in ("titles", "availability", "promotions", "calendar", "caches", "inventory"):
        assert getattr(cut, name) is getattr(tables, name)


LENGTHS = [
    ([("A", "2026-05-01"), ("A", "2026-05-02")], "day"),
    ([("A", "2026-05-01"), ("A", "2026-05-03")], "day"),
    ([("A", "2026-05-04"), ("A", "2026-05-11"), ("A", "2026-05-25")], "week"),
    ([("A", "2026-05-01"), ("A", "2026-06-01")], "month"),
    ([("A", "2026-02-01"), ("A", "2026-03-01")], "month"),  # four weeks apart, too: the longer counts
    ([("A", "2026-01-15"), ("A", "2026-04-15")], "month"),
    ([("A", "2026-05-04")], "month"),
    ([], "month"),
    # weeks that start on Monday here and on Sunday there are still weeks
    ([("A", "2026-05-04"), ("A", "2026-05-11"), ("B", "2026-05-10"), ("B", "2026-05-17")], "week"),
    # a region with few rows does not make days into weeks
    ([("A", "2026-05-04"), ("A", "2026-05-05"), ("B", "2026-05-04"), ("B", "2026-05-11")], "day"),
    ([("A", "2026-05-04"), ("A", "2026-05-11"), ("B", "2026-05-06")], "week"),
]


@pytest.mark.parametrize(("pairs", "length"), LENGTHS)
def test_the_spacing_of_dates_tells_the_period(pairs, length):
    assert period_length(variant_frame(pairs)) == length


@pytest.mark.parametrize("regions", ["A", "AB"])
def test_a_mistyped_date_among_many_rows_does_not_make_days_of_weeks(regions):
    weeks = [(region, day) for region in regions for day in ("2026-05-04", "2026-05-11", "2026-05-18")] * 21
    assert period_length(variant_frame([*weeks, ("A", "2026-05-13")])) == "week"
    # as many rows as a twentieth of the others is no slip
    assert period_length(variant_frame([*weeks, *[("A", "2026-05-13")] * 2])) == "day"


def ends(start: date, length: str) -> date:
    """First day after a period, the slow way."""
    if length == "month":
        return date(start.year + start.month // 12, start.month % 12 + 1, start.day)
    return start + timedelta(days={"day": 1, "week": 7}[length])


def starts_of(length: str, count: int) -> list[date]:
    starts = [date(2025, 12, 1)]
    while len(starts) < count:
        starts.append(ends(starts[-1], length))
    return starts


@given(
    length=st.sampled_from(["day", "week", "month"]),
    kept=st.sets(st.integers(0, 15), min_size=1),
    ahead=st.integers(0, 500),
)
def test_no_period_counts_before_it_has_ended(good_tables, length, kept, ahead):
    """Whatever periods are missing: a period that has not ended by the plan date is never used."""
    starts = [start for i, start in enumerate(starts_of(length, 16)) if i in kept]
    plan_date = date(2025, 12, 1) + timedelta(days=ahead)
    tables = replace(good_tables, variant_views=variant_frame([("A", day.isoformat()) for day in starts]))
    left = before(tables, plan_date).variant_views
    assert all(ends(day.date(), length) <= plan_date for day in left.date)
    if length != "day" or kept >= set(range(16)):
        ended = [start for start in starts if ends(start, length) <= plan_date]
        seen = [start for start in starts if start < plan_date]
        if len(seen) > 1 and period_length(variant_frame([("A", day.isoformat()) for day in seen])) == length:
            assert len(left) == len(ended)


@given(ahead=st.integers(0, 40), now=st.integers(0, 40))
def test_cutting_tables_that_were_cut_before_changes_nothing(good_tables, ahead, now):
    """What was known on a day is the same whether or not later rows are in the tables."""
    first = date(2026, 5, 1) + timedelta(days=min(ahead, now))
    later = date(2026, 5, 1) + timedelta(days=max(ahead, now))
    day = pd.Timestamp(later)
    truncated = replace(
        good_tables,
        views=good_tables.views[good_tables.views.date < day].reset_index(drop=True),
        variant_views=good_tables.variant_views[good_tables.variant_views.date < day].reset_index(drop=True),
    )
    for name in ("views", "variant_views"):
        whole, cut = getattr(before(good_tables, first), name), getattr(before(truncated, first), name)
        pd.testing.assert_frame_equal(whole, cut, check_categorical=False)
        assert (whole.date < pd.Timestamp(first)).all()
        for text in ("region", "title_id"):
            assert set(whole[text].cat.categories) >= set(whole[text])
