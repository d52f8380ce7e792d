"""The last week repeated, against numbers worked out by hand."""

from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from tests.models.worlds import panel_of


def test_seasonal_naive_repeats_the_last_week():
    week = [1, 2, 3, 4, 5, 6, 7]
    forecast = SeasonalNaive().forecast(panel_of({("R", "a"): [9] * 7 + week}))
    assert forecast.view_hours.tolist() == [week]


def test_seasonal_naive_goes_back_another_week_where_a_day_is_missing():
    forecast = SeasonalNaive().forecast(panel_of({("R", "a"): [9] * 7 + [1, 0, 3, 4, 5, 6, 7]}))
    assert forecast.view_hours.tolist() == [[1, 9, 3, 4, 5, 6, 7]]
