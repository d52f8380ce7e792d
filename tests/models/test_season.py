"""What returns every year."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.holiday_effects import holiday_effects
from fillplan_models.panel import Panel
from fillplan_models.scoring import predict_hours
from fillplan_models.season import LARGEST, LEAST_DAYS, YearAgo, log_season, season, without_step
from tests.models.worlds import day, panel_of

REGIONS, TITLES, HORIZON, PHI = 3, 40, 7, 0.5
YEAR = 364
"""52 weeks, so that weekdays meet."""
DAYS = YEAR + LEAST_DAYS


def year_ago(lift=1.0, seed=0, region=None, regions=REGIONS, foretold=None) -> YearAgo:
    """Titles that all did `lift` [HORIZON] times what was foretold, in one region or in all."""
    rng = np.random.default_rng(seed)
    if foretold is None:
        foretold = rng.lognormal(2, 1, (regions * TITLES, 1)) * np.ones(HORIZON)
    where = np.repeat(np.arange(regions), TITLES)
    raised = np.where((where == region)[:, None] if region is not None else True, lift, 1.0)
    watched = foretold * raised * rng.lognormal(0, 0.2, foretold.shape)
    return YearAgo(where, np.tile(np.arange(TITLES), regions), watched, foretold, PHI)


def factors(ago: YearAgo, common: float = 0.0, own: float = 0.0, regions: int = REGIONS) -> np.ndarray:
    return np.exp(log_season(ago, regions, common, own))


def test_what_all_titles_did_a_year_ago_is_believed() -> None:
    lift = np.array([1.0, 1.0, 2.0, 2.5, 2.0, 0.5, 1.0])
    found = factors(year_ago(lift))
    assert found == pytest.approx(np.tile(lift, (REGIONS, 1)), rel=0.15)
    assert np.all(found[:, lift == 1] == 1)


def test_a_holiday_of_one_region_is_its_own() -> None:
    found = factors(year_ago(2.5, region=1))
    assert np.all(found[1] > 1.6) and np.all(found[1] < 3.0)
    assert np.all(found[[0, 2]] < 1.2) and np.all(found[[0, 2]] > 0.8)


@pytest.mark.parametrize("seed", range(5))
def test_an_ordinary_week_tells_nothing(seed: int) -> None:
    ago = year_ago(np.exp(np.random.default_rng(seed).normal(0, 0.05, HORIZON)), seed)
    assert np.all(factors(ago) == 1)


def test_where_dates_differ_widely_more_is_needed() -> None:
    ago = year_ago(1.6)
    assert np.all(factors(ago) > 1.3)
    assert np.all(factors(ago, common=0.09) == 1)
    one = year_ago(1.9, region=1)
    assert np.all(factors(one)[1] > 1.1) and np.all(factors(one, own=0.09)[1] == 1)


def test_a_hit_is_no_season() -> None:
    ago = year_ago()
    hit = ago.title == 3
    ago.foretold[hit] *= 100
    ago.watched[hit] = 4 * ago.foretold[hit]
    assert np.all(factors(ago) == 1)


def test_titles_that_disagree_are_believed_less_than_titles_that_agree() -> None:
    agree = year_ago(1.8, regions=1)
    apart = agree._replace(watched=agree.foretold * np.where(agree.title % 4 == 0, 4.2, 1.0)[:, None])
    assert apart.watched.sum() == pytest.approx(1.8 * apart.foretold.sum(), rel=0.2)
    assert np.all(factors(apart, regions=1) < 0.93 * factors(agree, regions=1))


@pytest.mark.parametrize(("views", "titles"), [(0.001, 40), (0.03, 40), (1.0, 1)])
def test_no_views_of_next_to_none_that_were_foretold_are_no_certainty(views: float, titles: int) -> None:
    nobody = YearAgo(np.zeros(titles, int), np.arange(titles), np.zeros((titles, 1)), np.full((titles, 1), views), 1.0)
    assert factors(nobody, regions=1) == pytest.approx(1.0)


def test_a_day_without_hours_or_without_forecast_leaves_numbers() -> None:
    ago = year_ago()
    ago.watched[:, 0] = 0
    ago.foretold[:, 1] = ago.watched[:, 1] = 0
    found = factors(ago)
    assert np.all(found[:, 0] < 0.3) and np.all(found[:, 0] >= np.exp(-LARGEST)) and np.all(found[:, 1] == 1)
    wild = factors(year_ago(100.0))
    assert np.all(wild > 0.9 * np.exp(LARGEST)) and np.all(wild <= np.exp(LARGEST))
    nothing = YearAgo(*(np.zeros(0, dtype=np.int64),) * 2, *(np.zeros((0, HORIZON)),) * 2, PHI)
    assert np.array_equal(factors(nothing), np.ones((REGIONS, HORIZON)))


def test_what_stayed_is_no_season() -> None:
    found = without_step(np.array([[0.7, -0.7, 0.5], [0.7, -0.7, 0.2]]), np.array([[0.0], [0.5]]))
    assert found == pytest.approx(np.array([[0.7, -0.7, 0.5], [0.2, -0.7, 0.0]]))


def history(days: int = DAYS, shape: np.ndarray | None = None, calendar: tuple[int, ...] = ()) -> Panel:
    """Steady titles with weekends; `shape` [REGIONS, days] on top; holidays of all regions."""
    rng = np.random.default_rng(1)
    shape = np.ones((REGIONS, days)) if shape is None else shape
    week = np.array([0.8, 0.8, 0.8, 0.8, 1.0, 1.5, 1.3])[np.arange(days) % 7]
    hours = {}
    for title in range(TITLES):
        for r in range(REGIONS):
            series = 20 * rng.lognormal(0, 1) * week * rng.gamma(50.0, 1 / 50.0, days)
            hours["ABC"[r], f"t{title:02d}"] = np.where(shape[r] > 0, series * shape[r], 0)
    rows = [{"region": "ABC"[r], "date": day(d), "name": "feast"} for d in calendar for r in range(REGIONS)]
    return panel_of(hours, calendar=rows)


def risen(first: int, last: int, by: float, days: int = DAYS, regions: tuple[int, ...] = (0, 1, 2)) -> np.ndarray:
    shape = np.ones((REGIONS, days))
    shape[list(regions), first:last] *= by
    return shape


def season_of(panel: Panel) -> np.ndarray:
    return season(panel, holiday_effects(panel))


def test_forecasts_know_the_holidays_of_last_year() -> None:
    ago = DAYS - YEAR
    total = predict_hours(None, history(shape=risen(ago + 2, ago + 5, 2.0)), threads=1).sum(axis=0)
    ordinary = predict_hours(None, history(), threads=1).sum(axis=0)
    assert total / ordinary == pytest.approx([1, 1, 2, 2, 2, 1, 1], rel=0.12)


def test_a_history_too_short_or_a_horizon_too_long_tells_of_no_year() -> None:
    assert np.all(season_of(history(DAYS - 1, risen(85, 88, 2.0, DAYS - 1))) == 1)
    assert np.all(season_of(history(40)) == 1)
    panel = history()
    assert season(replace(panel, horizon_days=330), np.ones((REGIONS, DAYS + 330))).shape == (REGIONS, 330)


def test_regions_that_began_or_stepped_up_a_year_ago_do_not_do_so_again() -> None:
    ago = DAYS - YEAR
    soft = season_of(history(shape=risen(0, ago + 2, 0.02, regions=(1,))))
    late = season_of(history(shape=risen(0, ago, 0.0, regions=(1,))))
    ramp = risen(ago - 3, ago + 2, 0.05, regions=(1,)) * risen(0, ago - 3, 0.0, regions=(1,))
    ramp = season_of(history(shape=ramp))
    stepped = season_of(history(shape=risen(ago + 3, DAYS, 2.0)))
    for found in (soft, late, ramp, stepped):
        assert found == pytest.approx(np.ones((REGIONS, HORIZON)), abs=0.1)


def test_days_that_were_not_observed_a_year_ago_tell_nothing() -> None:
    ago = DAYS - YEAR
    shape = risen(ago + 1, ago + 3, 0.0)
    assert np.all(season_of(history(shape=shape)) == 1)


def test_rights_that_ended_in_the_week_a_year_ago_are_no_fall() -> None:
    panel = history()
    ago = DAYS - YEAR
    closed = panel.open.copy()
    closed[panel.title % 2 == 0, ago + 2 : ago + 12] = False
    hours = np.where(closed[:, :DAYS], panel.hours, np.float32(0))  # and back soon
    assert np.all(season_of(replace(panel, open=closed, hours=hours)) == 1)


def test_holidays_that_move_are_left_to_the_calendar() -> None:
    ago = DAYS - YEAR
    shape = risen(ago + 3, ago + 4, 2.5)
    assert np.all(season_of(history(shape=shape, calendar=(ago + 3,)))[:, 3] == 1)
    assert np.all(season_of(history(shape=shape))[:, 3] > 1.8)


def test_a_holiday_of_both_years_is_not_counted_twice() -> None:
    """Neither where a holiday since has told what the baseline of a year ago could not know, nor where the calendar
    begins after it."""
    ago = DAYS - YEAR
    shape = risen(ago + 3, ago + 4, 1.8) * risen(300, 301, 1.8)
    for calendar in ((ago + 3, 300, DAYS + 3), (300, DAYS + 3)):
        found = season_of(history(shape=shape, calendar=calendar))
        assert found[:, 3] == pytest.approx(np.ones(REGIONS), abs=0.1)


def test_only_what_was_known_at_a_cut_off_tells_it() -> None:
    long = history(DAYS + 14, risen(DAYS, DAYS + 14, 50.0, DAYS + 14) * risen(87, 90, 2.0, DAYS + 14))
    short = history(DAYS, risen(87, 90, 2.0))
    cut = replace(long.cut(DAYS), hours=short.hours)
    assert np.any(season_of(short) != 1)
    assert season_of(cut) == pytest.approx(season_of(short))


def test_launches_of_the_week_a_year_ago_are_no_season() -> None:
    """What nobody had watched then tells how launches go, not how the week went."""
    panel, ago = history(), DAYS - YEAR
    launched = panel.title % 4 == 0
    hours, is_open = panel.hours.copy(), panel.open.copy()
    hours[launched, :ago], is_open[launched, :ago] = 0, False
    hours[launched, ago : ago + HORIZON] *= 10
    first = np.where(launched, ago, panel.first_view).astype(np.int32)
    start = np.where(launched, ago, panel.window_start).astype(np.int32)
    known = replace(panel, hours=hours, open=is_open, first_view=first, window_start=start)
    assert np.all(season_of(known) == 1)
