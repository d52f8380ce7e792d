"""Overrides of demand on the shipped sample, with an answer that is known by construction."""

from datetime import timedelta

import numpy as np
import pytest

from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing

from .conftest import Suppose


def test_demand(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    titles = base.inputs.tables.titles
    dramas = set(titles["title_id"][titles["genres"].str.contains("drama")])
    after = supposing.demand(suppose('kind = "demand"\nwhere = { genres = "*drama*", region = "BR" }\nscale = 3'))
    is_drama = base.inputs.tables.assets["title_id"].isin(dramas).to_numpy()
    factor = np.where((np.array(after.regions) == "BR")[:, None] & is_drama, 3.0, 1.0)
    np.testing.assert_array_equal(after.expected_bytes, base.demand.expected_bytes * factor)


def test_demand_of_a_language_or_a_rung(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    assets = base.inputs.tables.assets
    language = assets["language"].replace("", None).mode()[0]
    for where, mask in (
        (f'files = {{ language = "{language}" }}', (assets["language"] == language).to_numpy()),
        ('files = { bitrate_kbps = ">=1900" }', (assets["bitrate_kbps"] >= 1900).to_numpy()),
    ):
        after = supposing.demand(suppose(f'kind = "demand"\n{where}\nscale = 3'))
        assert 0 < mask.sum() < len(mask)
        np.testing.assert_array_equal(after.expected_bytes, base.demand.expected_bytes * np.where(mask, 3.0, 1.0))


def test_demand_of_some_days(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    second = base.inputs.plan_date + timedelta(days=1)
    world = suppose(f'kind = "demand"\nwhere = {{ title_id = "t003" }}\nfrom = {second}\nto = {second}\nscale = 0')
    forecast, title = base.forecast, list(base.inputs.tables.titles["title_id"]).index("t003")
    series = (forecast.title == title) & (forecast.regions[0] == np.array(forecast.regions)[forecast.region])
    left = 1 - forecast.view_hours[series, 1].sum() / forecast.view_hours[series].sum()
    files = (base.inputs.tables.assets["title_id"] == "t003").to_numpy()
    part = supposing.demand(world).expected_bytes[0, files].sum() / base.demand.expected_bytes[0, files].sum()
    assert 0 < left < 1
    assert part == pytest.approx(left)


@pytest.mark.parametrize("end", ["low", "high"])
def test_forecast_end(suppose: Suppose, supposing: Supposing, base: Base, end: str) -> None:
    world = suppose(f'kind = "forecast_end"\nwhere = {{ title_id = "t003" }}\nend = "{end}"')
    forecast, title = base.forecast, list(base.inputs.tables.titles["title_id"]).index("t003")
    for region in range(len(forecast.regions)):
        series = (forecast.title == title) & (forecast.region == region)
        files = (base.inputs.tables.assets["title_id"] == "t003").to_numpy()
        before = base.demand.expected_bytes[region, files].sum()
        expected = before * getattr(forecast, end)[series].sum() / forecast.view_hours[series].sum()
        assert supposing.demand(world).expected_bytes[region, files].sum() == pytest.approx(expected)
