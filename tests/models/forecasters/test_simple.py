"""What all simple methods share: levels that keep, windows, intervals, and any length of history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_models.forecasters.choice import simple_accuracy
from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.forecasters.recent_mean import RecentMean
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.panel import build_panel
from tests.models.forecasters.cases import METHODS, STALE_DAYS
from tests.models.worlds import day, panel_of, simulate, tables_of, views_of


@METHODS
def test_a_plan_date_long_after_all_views_keeps_the_level(method):
    views = views_of({("R", "a"): [4.0] * 30})
    panel = build_panel(tables_of(views=views, titles=[{"title_id": "a", "runtime_minutes": 60}]), day(51), 7)
    forecast = method.forecast(panel)
    assert forecast.view_hours == pytest.approx(np.full((1, 7), 4.0))
    assert forecast.low == pytest.approx(np.full((1, 7), 4.0))  # from weeks that have views
    assert simple_accuracy(panel)[method.name] == pytest.approx(0.0)


@METHODS
def test_a_title_that_opens_again_starts_from_its_earlier_window(method):
    windows = [{"title_id": "a", "start_date": day(0), "end_date": day(13)}, {"title_id": "a", "start_date": day(63)}]
    panel = panel_of({("R", "a"): [4.0] * 14 + [0] * 49, ("R", "b"): [9.0] * 63}, availability=windows)
    assert method.forecast(panel).view_hours == pytest.approx(np.array([[4.0] * 7, [9.0] * 7]), rel=0.15)


@METHODS
def test_what_every_simple_method_keeps(method, small_world):
    panel = build_panel(tables_of(**small_world), day(70), 7)
    forecast = method.forecast(panel)
    assert np.all(forecast.view_hours >= 0) and np.isfinite(forecast.view_hours).all()
    assert np.all(forecast.view_hours[~forecast.open] == 0)
    assert np.all((forecast.low <= forecast.view_hours) & (forecast.view_hours <= forecast.high))
    assert forecast.method == method.name
    frame = forecast.to_frame()
    assert len(frame) == forecast.open.sum() and not frame.duplicated(["date", "region", "title_id"]).any()
    assert forecast.cold.any() and np.all(forecast.view_hours[forecast.cold][forecast.open[forecast.cold]] > 0)


@METHODS
@given(days=st.integers(1, 9), factor=st.floats(0.5, 1e4))
@settings(max_examples=10)
def test_a_history_of_any_length_gives_a_forecast(method, days, factor):
    forecast = method.forecast(panel_of({("R", "a"): [factor] * days, ("R", "b"): [0] * (days - 1) + [factor]}))
    assert forecast.view_hours.shape == (2, 7) and np.isfinite(forecast.high).all()


@STALE_DAYS
def test_views_that_end_early_keep_their_level(missing):
    """R ends `missing` days before S does: what came last still counts in full."""
    last_week = [1.0, 2, 3, 4, 5, 6, 7]
    hours = {("R", "a"): [50.0] * 21 + last_week, ("S", "a"): [10.0] * (28 + missing)}
    panel = panel_of(hours)
    assert RecentMean().forecast(panel).view_hours[:, 0] == pytest.approx([4.0, 10.0])
    whole_week = np.roll(last_week, -(missing % 7))  # by weekday
    assert SeasonalNaive().forecast(panel).view_hours[0].tolist() == whole_week.tolist()


def test_intervals_cover_what_they_should():
    panel = build_panel(tables_of(**simulate(days=84, launches=False, titles=60)), day(77), 7)
    whole = build_panel(tables_of(**simulate(days=84, launches=False, titles=60)), day(84), 7)
    forecast = Ewma().forecast(panel)
    actual = whole.hours[:, 77:84]
    inside = (actual >= forecast.low) & (actual <= forecast.high)
    assert 0.72 < inside.mean() < 0.88
