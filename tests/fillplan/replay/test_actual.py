"""Real demand: hours by day, bytes by measured shares, and the days that the tables hold."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from fillplan.replay.actual import actual_demand
from fillplan_data.errors import NotFound
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

REGIONS = ("DE", "FR")


@pytest.fixture
def tables(small_workspace) -> Tables:
    (small_workspace / "input" / "variant_views.csv").write_text(
        "date,region,title_id,bitrate_kbps,audio,subtitle,view_hours\n"
        "2026-02-26,FR,m1,2000,fr,,60\n2026-03-05,FR,m1,2000,fr,,20\n2026-03-05,FR,m1,2000,en,,60\n"
    )
    return read_tables(small_workspace / "input")[0]


def test_scores_the_days_there_are(tables):
    actual = actual_demand(tables, REGIONS, date(2026, 3, 5), 7)
    assert [day.day for day in actual.days] == [5, 6, 7]
    assert actual.hours.sum(axis=(1, 2)).tolist() == [15.0, 27.0]
    assert actual.missing_region_days == 0


def test_bytes_follow_the_shares_measured_on_those_days(tables):
    demand = actual_demand(tables, REGIONS, date(2026, 3, 5), 7).demand
    real = dict(zip(demand.asset_ids, demand.expected_bytes[1], strict=True))
    # 27 hours of a one-hour title: all see the only rung, a quarter hears French
    assert real["m1v"] == pytest.approx(27 * 900)
    assert real["m1fr"] == pytest.approx(27 * 0.25 * 60, rel=1e-6)
    assert real["m1en"] == pytest.approx(27 * 0.75 * 50, rel=1e-6)


def test_falls_back_on_what_was_known_where_nothing_was_measured(tables):
    actual = actual_demand(tables, REGIONS, date(2026, 3, 5), 7)
    assert actual.measured.tolist() == [[False, False, False], [True, False, False]]
    german = dict(zip(actual.demand.asset_ids, actual.demand.expected_bytes[0], strict=True))
    assert german["m2v"] == pytest.approx(15 * 800)


def test_says_what_to_do_without_views(tables):
    with pytest.raises(NotFound, match=r"from 2026-03-08 to 2026-03-14.*end on 2026-03-07.*input/views"):
        actual_demand(tables, REGIONS, date(2026, 3, 8), 7)


def test_a_day_that_looks_incomplete_counts_as_missing_but_its_bytes_came(tables):
    days = pd.date_range("2026-01-01", "2026-03-07")
    views = pd.DataFrame(
        {
            "date": np.repeat(days, 2),
            "region": pd.Categorical([*REGIONS] * len(days)),
            "title_id": pd.Categorical(["m2", "m1"] * len(days)),
            "view_hours": np.tile([5.0, 9.0], len(days)),
        }
    )
    views.loc[len(views) - 1, "view_hours"] = 3.0
    actual = actual_demand(replace(tables, views=views), REGIONS, date(2026, 3, 6), 7)
    assert actual.late == (("FR", date(2026, 3, 7)),)
    assert (actual.missing_region_days, actual.counted[:, :3].tolist()) == (
        1,
        [[True, True, False], [True] + 2 * [False]],
    )
    assert actual.hours.sum(axis=(1, 2)).tolist() == [10.0, 12.0]
    earlier = actual_demand(replace(tables, views=views), REGIONS, date(2026, 2, 20), 7)
    assert (earlier.late, earlier.missing_region_days, bool(earlier.counted.all())) == ((), 0, True)
