import numpy as np
import pytest

from fillplan_models.forecasters.outside import Outside, is_installed
from tests.models.worlds import panel_of


@pytest.mark.skipif(not is_installed(), reason="the extra `benchmarks` is not installed")
def test_mlforecast_learns_a_weekday_that_every_series_has():
    week = np.array([10.0, 10, 10, 10, 20, 30, 20])
    hours = {(region, f"t{i}"): np.tile(week, 9) * (1 + i) for region in "AB" for i in range(4)}
    panel = panel_of(hours)
    forecast = Outside().forecast(panel)
    expected = np.tile(week, (8, 1)) * (1 + forecast.title[:, None])
    assert np.abs(forecast.view_hours - expected).sum() / expected.sum() < 0.15
    assert np.isnan(forecast.low).all() and forecast.method == "mlforecast"
