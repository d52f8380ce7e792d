"""Forecasts and demand as rows, and back."""

import dataclasses
from datetime import date

import numpy as np
import pandas as pd

from fillplan_models.forecast import AssetDemand, Forecast
from tests.models.shares.test_estimate import REGIONS
from tests.models.test_demand import TABLES, forecast_of


def test_a_stored_forecast_is_read_back_to_the_last_bit():
    made = forecast_of(np.arange(len(REGIONS) * len(TABLES.titles) * 3).reshape(len(REGIONS), -1, 3))
    made = dataclasses.replace(made, open=made.open & (made.view_hours[:, :1] != 6))
    read = Forecast.of_frame(made.to_frame(), made.plan_date, made.regions, made.titles, made.method)
    kept = made.open.any(axis=1)
    for name in ("region", "title", "open", "cold"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name)[kept])
    np.testing.assert_array_equal(read.view_hours, (made.view_hours * made.open)[kept])


ROWS = pd.DataFrame(
    {
        "date": pd.to_datetime(["2026-03-03", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-02"]),
        "region": ["S", "R", "S", "X", "S"],
        "title_id": ["b", "a", "b", "a", "z"],
        "view_hours": [4.0, 1.0, 3.0, 9.0, 9.0],
        "low": [2.0, 0.5, 1.0, 9.0, 9.0],
        "high": [8.0, 2.0, 6.0, 9.0, 9.0],
        "cold": [True, False, True, False, False],
    }
)


def test_rows_are_series_by_day_and_what_nobody_knows_is_left_out():
    found = Forecast.of_frame(ROWS, date(2026, 3, 2), ("R", "S"), ("a", "b", "c"), "by hand")
    assert (found.region.tolist(), found.title.tolist()) == ([0, 1], [0, 1])
    assert found.view_hours.tolist() == [[1, 0], [3, 4]]
    assert (found.low.tolist(), found.high.tolist()) == ([[0.5, 0], [1, 2]], [[2, 0], [6, 8]])
    assert found.open.tolist() == [[True, False], [True, True]]
    assert (found.cold.tolist(), found.method) == ([False, True], "by hand")


def test_a_forecast_of_nothing_has_no_series():
    found = Forecast.of_frame(ROWS[:0], date(2026, 3, 2), ("R",), ())
    assert found.view_hours.shape == (0, 0) and found.to_frame().empty


def test_rows_of_a_forecast_are_by_day_then_region_then_title():
    found = Forecast.of_frame(ROWS, date(2026, 3, 2), ("R", "S"), ("a", "b", "c")).to_frame()
    told = [(str(row.date.date()), row.region, row.title_id, row.view_hours) for row in found.itertuples()]
    assert told == [("2026-03-02", "R", "a", 1.0), ("2026-03-02", "S", "b", 3.0), ("2026-03-03", "S", "b", 4.0)]
    assert found[["low", "high"]].to_numpy().tolist() == [[0.5, 2.0], [1.0, 6.0], [2.0, 8.0]]
    assert found["cold"].tolist() == [False, True, True]


def test_demand_has_a_row_where_there_is_any():
    rows = AssetDemand(("R", "S"), ("x", "y"), np.array([[0.0, 2.0], [3.0, 0.0]]), "by hand").to_frame()
    assert rows.astype(object).to_numpy().tolist() == [["R", "y", 2.0], ["S", "x", 3.0]]
