"""The mean of recent days, against numbers worked out by hand."""

import pytest

from fillplan_models.forecasters.recent_mean import RecentMean
from tests.models.worlds import day, panel_of


def test_recent_mean_takes_open_observed_days_only():
    hours = {("R", "a"): [9] * 7 + [0, 2, 2, 2, 2, 2, 2], ("R", "b"): [0] * 12 + [4, 6]}
    windows = [{"title_id": "b", "start_date": day(12)}]
    forecast = RecentMean().forecast(panel_of(hours, availability=windows))
    # day 7 has no row in R at all: missing, so the seventh day of `a` is day 6
    assert forecast.view_hours[:, 0] == pytest.approx([(9 + 6 * 2) / 7, 5.0])
