import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.errors import ModelError
from fillplan_models.bytes import bytes_per_hour
from fillplan_models.demand import asset_demand, title_hours
from fillplan_models.forecast import Forecast
from fillplan_models.shares.estimate import variant_shares
from tests.models.shares.test_estimate import ASSETS, REGIONS, TITLES, WEEKS
from tests.models.worlds import day, tables_of

TABLES = tables_of(titles=TITLES, assets=ASSETS, variant_views=WEEKS)


def forecast_of(hours):
    """[R, T, H] hours as a forecast of all series."""
    hours = np.asarray(hours, dtype=np.float64)
    regions, titles, days = hours.shape
    flat = hours.reshape(-1, days)
    pair = np.arange(regions * titles)
    return Forecast(
        plan_date=day(70),
        regions=REGIONS,
        titles=tuple(TABLES.titles["title_id"]),
        region=pair // titles,
        title=pair % titles,
        open=np.ones(flat.shape, dtype=bool),
        view_hours=flat,
        low=flat,
        high=flat,
        cold=np.zeros(len(flat), dtype=bool),
        method="test",
    )


@given(hours=st.lists(st.floats(0, 1e6), min_size=42, max_size=42))
@settings(max_examples=30)
def test_hours_are_conserved_over_the_files_of_a_title(hours):
    forecast = forecast_of(np.reshape(hours, (2, 3, 7)))
    demand = asset_demand(TABLES, forecast)
    watched = demand.expected_bytes / bytes_per_hour(TABLES)
    kind, title = TABLES.assets["kind"].to_numpy(), TABLES.assets["title_id"].to_numpy()
    expected = title_hours(forecast)
    for t, name in enumerate(forecast.titles):
        for group in (("video", "muxed"), ("audio", "muxed")):
            files = (title == name) & np.isin(kind, group)
            assert watched[:, files].sum(axis=1) == pytest.approx(expected[:, t], rel=1e-9)
        assert np.all(watched[:, (title == name) & (kind == "subtitle")].sum(axis=1) <= expected[:, t] * (1 + 1e-9))


def test_bytes_are_hours_times_share_times_rate():
    hours = np.zeros((2, 3, 7))
    hours[1, 0] = 2.0
    shares = variant_shares(TABLES, REGIONS, day(70))
    demand = asset_demand(TABLES, forecast_of(hours), shares)
    assert demand.expected_bytes[0].sum() == 0
    assert demand.expected_bytes[1, 0] == pytest.approx(14.0 * shares.share[1, 0] * 1000.0)
    frame = demand.to_frame()
    assert set(frame["region"]) == {"R2"} and (frame["expected_bytes"] > 0).all()


def test_forecast_and_shares_of_other_regions_do_not_mix():
    shares = variant_shares(TABLES, ("R2", "R1"), day(70))
    with pytest.raises(ModelError, match="same regions"):
        asset_demand(TABLES, forecast_of(np.ones((2, 3, 7))), shares)
    other = dataclasses.replace(forecast_of(np.ones((2, 3, 7))), titles=("x", "y", "z"))
    with pytest.raises(ModelError, match="titles"):
        asset_demand(TABLES, other)
