"""History cleared of what is common: here, the trend of the market."""

import numpy as np
import pytest

from fillplan_models.history import STEEPEST_TREND, TREND_PRIOR_DAYS, dispersion, make_recent
from fillplan_models.panel import Panel
from fillplan_models.scoring import predict_hours
from tests.models.worlds import panel_of


def fading(rate: float, days: int = 84, last: float = 1.0) -> Panel:
    """Thirty old titles in two regions that all lose `rate` a day, the last day times `last`."""
    rng = np.random.default_rng(1)
    hours = {}
    for title in range(30):
        for region in ("A", "B"):
            series = 80 * np.exp(-rate * np.arange(days)) * rng.gamma(200.0, 1 / 200.0, days)
            series[-1] *= last
            hours[region, f"t{title:02d}"] = series
    return panel_of(hours)


def test_what_old_titles_lose_from_day_to_day_goes_on_ahead() -> None:
    panel = fading(0.005)
    recent = make_recent(panel)
    believed = 84 / (84 + TREND_PRIOR_DAYS)
    assert recent.trend == pytest.approx(-0.005 * believed, rel=0.1)
    week = predict_hours(None, panel, 1).sum()
    true = 60 * 80 * np.exp(-0.005 * (84 + np.arange(7))).sum()
    assert week == pytest.approx(true, rel=0.025)


def test_one_odd_day_at_the_end_is_no_trend() -> None:
    assert abs(make_recent(fading(0.0, last=0.6)).trend) < 0.0008


def test_short_histories_and_wild_markets_are_not_followed_far() -> None:
    assert abs(make_recent(fading(0.005, days=14)).trend) < 0.5 * 0.005
    assert make_recent(fading(0.05)).trend == -STEEPEST_TREND


def test_chance_is_told_by_neighbouring_days_that_are_both_known() -> None:
    """Against plain loops; days that are not counted hold nothing, which is no step from the day before."""
    rng = np.random.default_rng(4)
    counted = rng.random((6, 30)) < 0.6
    usual = np.where(counted, 1.0, 0.0).astype(np.float32)
    hours = (rng.poisson(9.0, counted.shape) * counted).astype(np.float32)
    levels = hours.sum(axis=1) / usual.sum(axis=1)
    steps = expected = 0.0
    for row in np.flatnonzero(levels <= np.median(levels)):
        for day in range(1, 30):
            if counted[row, day] and counted[row, day - 1]:
                steps += float(hours[row, day] - hours[row, day - 1]) ** 2 / 2
                expected += levels[row]
    assert dispersion(hours, usual, counted) == pytest.approx(steps / expected, rel=1e-5)
