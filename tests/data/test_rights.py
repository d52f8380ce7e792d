"""Rights windows against a slow reading of the contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.rights import ALWAYS, OPEN_END, covers, open_days, windows

FIRST = date(2026, 6, 1)
DAYS = 10
REGIONS = ("A", "B")
TITLES = ("t1", "t2", "t3")

days = st.integers(-5, 15).map(lambda offset: FIRST + timedelta(days=offset))
rows = st.lists(
    st.tuples(st.sampled_from([*TITLES, "other"]), st.sampled_from(["", *REGIONS, "C"]), days, days | st.none()),
    max_size=8,
)


def availability(rows):
    frame = pd.DataFrame(rows, columns=["title_id", "region", "start_date", "end_date"])
    dates = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in ("start_date", "end_date")}
    return frame.astype({"title_id": "str", "region": "str"}).assign(**dates)


def is_open(rows, region, title, day):
    own = [row for row in rows if row[0] == title]
    return not own or any(
        where in ("", region) and start <= day and (end is None or day <= end) for _, where, start, end in own
    )


@given(rows)
def test_open_days_read_as_the_contract_says(good_tables, rows):
    tables = replace(good_tables, availability=availability(rows))
    opened = open_days(tables, REGIONS, TITLES, FIRST, DAYS)
    assert opened.shape == (2, 3, DAYS) and opened.dtype == np.bool_
    for r, region in enumerate(REGIONS):
        for t, title in enumerate(TITLES):
            expected = [is_open(rows, region, title, FIRST + timedelta(days=d)) for d in range(DAYS)]
            assert list(opened[r, t]) == expected, (region, title)


@given(rows)
def test_windows_cover_the_days_that_are_open(good_tables, rows):
    tables = replace(good_tables, availability=availability(rows))
    region, title, day = (place.ravel() for place in np.indices((2, 3, DAYS)))
    covered = covers(windows(tables, REGIONS, TITLES), region, title, day + (FIRST - date(1970, 1, 1)).days)
    assert np.array_equal(covered, open_days(tables, REGIONS, TITLES, FIRST, DAYS).ravel())


@given(rows)
def test_windows_open_the_same_days(good_tables, rows):
    tables = replace(good_tables, availability=availability(rows))
    spans = windows(tables, REGIONS, TITLES)
    first = (FIRST - date(1970, 1, 1)).days
    opened = np.zeros((2, 3, DAYS), dtype=bool)
    for region, title, start, end in zip(spans.region, spans.title, spans.start_day, spans.end_day, strict=True):
        for d in range(DAYS):
            opened[region, title, d] |= start <= first + d <= end
    assert np.array_equal(opened, open_days(tables, REGIONS, TITLES, FIRST, DAYS))
    order = list(zip(spans.region, spans.title, spans.start_day, strict=True))
    assert order == sorted(order)


def test_titles_without_a_row_are_open_everywhere_and_always(good_tables):
    spans = windows(good_tables, ("DE", "NA"), ("t2",))
    assert list(spans.region) == [0, 1]
    assert set(spans.start_day) == {ALWAYS} and set(spans.end_day) == {OPEN_END}


def test_a_launch_date_is_the_start_of_its_window(good_tables):
    spans = windows(good_tables, ("NA", "DE"), ("t3",))
    starts = [np.datetime64(int(day), "D") for day in spans.start_day]
    assert starts == [np.datetime64("2026-05-01"), np.datetime64("2026-06-20")]


def test_a_title_is_closed_where_only_other_regions_have_rows(good_tables):
    assert not open_days(good_tables, ("FR",), ("t3",), FIRST, 30).any()
