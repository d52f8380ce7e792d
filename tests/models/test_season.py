"""What returns every year."""

import numpy as np
import pytest

from fillplan_models.scoring import predict_hours
from fillplan_models.season import LEAST_DAYS, YEAR_DAYS, YearAgo, factors, season
from tests.models.worlds import panel_of

REGIONS, TITLES, HORIZON, PHI = 3, 40, 7, 0.5


def year_ago(lift=1.0, seed=0, region=None):
    """Titles of which all did `lift` [HORIZON] times what was foretold, in one region or in all."""
    rng = np.random.default_rng(seed)
    foretold = rng.lognormal(2, 1, (REGIONS * TITLES, 1)) * np.ones(HORIZON)
    where = np.repeat(np.arange(REGIONS), TITLES)
    raised = np.where((where == region)[:, None] if region is not None else True, lift, 1.0)
    watched = foretold * raised * rng.lognormal(0, 0.2, foretold.shape)
    return YearAgo(where, np.tile(np.arange(TITLES), REGIONS), watched, foretold, PHI)


def test_what_all_titles_did_a_year_ago_is_believed():
    lift = np.array([1.0, 1.0, 2.0, 2.5, 2.0, 0.5, 1.0])
    found = factors(year_ago(lift), REGIONS)
    assert found == pytest.approx(np.tile(lift, (REGIONS, 1)), rel=0.15)
    assert np.all(found[:, lift == 1] == 1)


def test_a_holiday_of_one_region_is_its_own():
    found = factors(year_ago(2.5, region=1), REGIONS)
    assert np.all(found[1] > 1.6) and np.all(found[1] < 3.0)
    assert np.all(found[[0, 2]] < 1.2) and np.all(found[[0, 2]] > 0.8)


@pytest.mark.parametrize("seed", range(5))
def test_an_ordinary_week_tells_nothing(seed):
    ago = year_ago(np.exp(np.random.default_rng(seed).normal(0, 0.05, HORIZON)), seed)
    assert np.all(factors(ago, REGIONS) == 1)


def test_a_hit_is_no_season():
    ago = year_ago()
    hit = ago.title == 3
    ago.foretold[hit] *= 100
    ago.watched[hit] = 4 * ago.foretold[hit]
    assert np.all(factors(ago, REGIONS) == 1)
    few = YearAgo(*(x[:1] for x in ago[:4]), phi=PHI)
    assert np.all(factors(few._replace(watched=4 * few.foretold), REGIONS) < 4)


def test_a_day_without_hours_or_without_forecast_leaves_numbers():
    ago = year_ago()
    ago.watched[:, 0] = 0
    ago.foretold[:, 1] = ago.watched[:, 1] = 0
    found = factors(ago, REGIONS)
    assert np.all(found[:, 0] < 0.3) and np.all(found[:, 0] > 0) and np.all(found[:, 1] == 1)
    nothing = YearAgo(*(np.zeros(0, dtype=np.int64),) * 2, *(np.zeros((0, HORIZON)),) * 2, PHI)
    assert np.array_equal(factors(nothing, REGIONS), np.ones((REGIONS, HORIZON)))


def holidays(days=YEAR_DAYS + LEAST_DAYS, lift=2.0):
    """A history that ends on the eve of a week whose third to fifth day stood out a year ago."""
    rng = np.random.default_rng(1)
    hours = {}
    for title in range(TITLES):
        for region in "ABC"[:REGIONS]:
            series = rng.lognormal(3, 1) * rng.gamma(50.0, 1 / 50.0, days)
            series[days - YEAR_DAYS + 2 : days - YEAR_DAYS + 5] *= lift
            hours[region, f"t{title:02d}"] = series
    return panel_of(hours)


def test_forecasts_know_the_holidays_of_last_year():
    total = predict_hours(None, holidays(), threads=1).sum(axis=0)
    ordinary = predict_hours(None, holidays(lift=1.0), threads=1).sum(axis=0)
    assert total / ordinary == pytest.approx([1, 1, 2, 2, 2, 1, 1], rel=0.1)


def test_a_history_too_short_tells_of_no_year():
    assert np.all(season(holidays(YEAR_DAYS + LEAST_DAYS - 1)) == 1)
    assert np.all(season(holidays(40, lift=1.0)) == 1)


def test_only_what_was_known_at_a_cut_off_tells_it():
    panel = holidays(YEAR_DAYS + LEAST_DAYS + 14)
    cut = panel.cut(panel.history_days - 14, HORIZON)
    before = season(cut)
    panel.hours[:, panel.history_days - 14 :] *= 50
    assert np.array_equal(season(cut), before)
