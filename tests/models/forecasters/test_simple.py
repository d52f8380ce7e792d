"""The simple methods against numbers worked out by hand, and what all of them must keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_models.forecasters.choice import SIMPLE_METHODS, best_simple, simple_accuracy
from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.forecasters.launch_profile import launch_profile
from fillplan_models.forecasters.recent_mean import RecentMean
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.panel import build_panel
from tests.models.worlds import day, panel_of, simulate, tables_of, views_of

METHODS = pytest.mark.parametrize("method", SIMPLE_METHODS, ids=lambda method: method.name)


def test_seasonal_naive_repeats_the_last_week():
    week = [1, 2, 3, 4, 5, 6, 7]
    forecast = SeasonalNaive().forecast(panel_of({("R", "a"): [9] * 7 + week}))
    assert forecast.view_hours.tolist() == [week]


def test_seasonal_naive_goes_back_another_week_where_a_day_is_missing():
    forecast = SeasonalNaive().forecast(panel_of({("R", "a"): [9] * 7 + [1, 0, 3, 4, 5, 6, 7]}))
    assert forecast.view_hours.tolist() == [[1, 9, 3, 4, 5, 6, 7]]


def test_recent_mean_takes_open_observed_days_only():
    hours = {("R", "a"): [9] * 7 + [0, 2, 2, 2, 2, 2, 2], ("R", "b"): [0] * 12 + [4, 6]}
    windows = [{"title_id": "b", "start_date": day(12)}]
    forecast = RecentMean().forecast(panel_of(hours, availability=windows))
    # day 7 has no row in R at all: missing, so the seventh day of `a` is day 6
    assert forecast.view_hours[:, 0] == pytest.approx([(9 + 6 * 2) / 7, 5.0])


STALE_DAYS = pytest.mark.parametrize("missing", [3, 7, 8, 30, 45, 100])


@STALE_DAYS
def test_views_that_end_early_keep_their_level(missing):
    """R ends `missing` days before S does: what came last still counts in full."""
    last_week = [1.0, 2, 3, 4, 5, 6, 7]
    hours = {("R", "a"): [50.0] * 21 + last_week, ("S", "a"): [10.0] * (28 + missing)}
    panel = panel_of(hours)
    assert RecentMean().forecast(panel).view_hours[:, 0] == pytest.approx([4.0, 10.0])
    whole_week = np.roll(last_week, -(missing % 7))  # by weekday
    assert SeasonalNaive().forecast(panel).view_hours[0].tolist() == whole_week.tolist()


@STALE_DAYS
@pytest.mark.parametrize("damping", [0.0, 0.9])
def test_ewma_ages_from_the_last_observed_day(missing, damping):
    hours = {("R", "a"): [10.0] * 26 + [18.0] * 2, ("R", "rest"): [1000.0] * 28}  # `rest` keeps the weekdays flat
    method = Ewma(half_life_days=2.0, damping=damping)
    fresh = method.forecast(panel_of(hours)).view_hours
    stale = method.forecast(panel_of(hours | {("S", "a"): [1000.0] * (28 + missing)})).view_hours
    assert stale[:2] == pytest.approx(fresh, rel=0.01)


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


def test_ewma_of_a_constant_series_is_that_constant():
    forecast = Ewma().forecast(panel_of({("R", "a"): [4.0] * 30}))
    assert forecast.view_hours == pytest.approx(np.full((1, 7), 4.0))


def test_ewma_weighs_days_by_their_half_life():
    hours = {("R", "a"): [10.0] * 26 + [18.0] * 2, ("R", "rest"): [1000.0] * 28}  # `rest` keeps the weekdays flat
    forecast = Ewma(half_life_days=2.0).forecast(panel_of(hours))
    weight = 0.5 ** (np.arange(20) / 2.0)
    expected = (18 * weight[:2].sum() + 10 * weight[2:].sum()) / weight.sum()
    assert forecast.view_hours[0] == pytest.approx(expected, rel=0.005)


def test_ewma_learns_the_weekday_of_the_region():
    week = np.array([1, 1, 1, 1, 1, 3, 2.0])
    forecast = Ewma().forecast(panel_of({("R", "a"): np.tile(100 * week, 10)}))
    assert forecast.view_hours[0] == pytest.approx(100 * week, rel=0.12)  # drawn a little towards flat


def test_the_damped_trend_moves_a_falling_series_further_than_its_level():
    hours = {("R", "a"): list(1000 * 0.97 ** np.arange(60)), ("R", "rest"): [1e6] * 60}
    panel = panel_of(hours)
    level, trend = (Ewma(damping=damping).forecast(panel).view_hours[0] for damping in (0.0, 0.9))
    actual = 1000 * 0.97 ** np.arange(60, 67)
    assert np.all(trend < level)
    assert np.abs(trend - actual).sum() < 0.5 * np.abs(level - actual).sum()


def test_launches_start_at_what_earlier_launches_did():
    hours = {("R", f"t{i:02d}"): [0] * i + [8.0] * (40 - i) for i in range(2, 38, 3)}
    windows = [{"title_id": f"t{i:02d}", "start_date": day(i)} for i in range(2, 38, 3)]
    windows.append({"title_id": "new", "start_date": day(42)})
    forecast = Ewma().forecast(panel_of(hours, availability=windows))
    row = forecast.view_hours[forecast.titles.index("new")]
    assert row[:2].tolist() == [0, 0]
    assert row[2:] == pytest.approx(8.0, rel=0.35)  # drawn towards all cold series, silent ones too
    assert np.all(row[2:] > 0)


def test_the_launch_profile_scales_with_the_region():
    hours = {}
    for i in range(2, 40, 2):
        hours["big", f"t{i:02d}"] = [0] * i + [100.0] * (45 - i)
        hours["small", f"t{i:02d}"] = [0] * i + [1.0] * (45 - i)
    windows = [{"title_id": f"t{i:02d}", "start_date": day(i)} for i in range(2, 40, 2)]
    profile = launch_profile(panel_of(hours, availability=windows))
    assert profile[0, 1, 0] > 20 * profile[1, 1, 0]


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


def test_the_best_simple_method_is_the_one_with_the_least_error():
    rng = np.random.default_rng(1)
    week = np.array([1, 1, 1, 1, 1, 6, 9.0])
    hours = {("R", f"t{i}"): np.tile(np.roll(week, i), 12) * (1 + 0.01 * rng.random(84)) for i in range(7)}
    panel = panel_of(hours)  # every title has a weekday of its own: only seasonal naive sees it
    errors = simple_accuracy(panel)
    assert best_simple(panel).name == "seasonal_naive" == min(errors, key=errors.get)
    assert errors["seasonal_naive"] < 0.05 < errors["ewma"]


def test_with_too_little_history_to_choose_it_is_ewma():
    assert best_simple(panel_of({("R", "a"): [1.0] * 5})).name == "ewma"


def test_intervals_cover_what_they_should():
    panel = build_panel(tables_of(**simulate(days=84, launches=False, titles=60)), day(77), 7)
    whole = build_panel(tables_of(**simulate(days=84, launches=False, titles=60)), day(84), 7)
    forecast = Ewma().forecast(panel)
    actual = whole.hours[:, 77:84]
    inside = (actual >= forecast.low) & (actual <= forecast.high)
    assert 0.72 < inside.mean() < 0.88
