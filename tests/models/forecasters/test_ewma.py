"""Smoothing with weekdays and a damped trend, against numbers worked out by hand."""

import numpy as np
import pytest

from fillplan_models.forecasters.ewma import Ewma
from tests.models.forecasters.cases import STALE_DAYS
from tests.models.worlds import panel_of


@STALE_DAYS
@pytest.mark.parametrize("damping", [0.0, 0.9])
def test_ewma_ages_from_the_last_observed_day(missing, damping):
    hours = {("R", "a"): [10.0] * 26 + [18.0] * 2, ("R", "rest"): [1000.0] * 28}  # `rest` keeps the weekdays flat
    method = Ewma(half_life_days=2.0, damping=damping)
    fresh = method.forecast(panel_of(hours)).view_hours
    stale = method.forecast(panel_of(hours | {("S", "a"): [1000.0] * (28 + missing)})).view_hours
    assert stale[:2] == pytest.approx(fresh, rel=0.01)


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
