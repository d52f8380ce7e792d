"""What holidays do, and the days beside them."""

import numpy as np
import pytest

from fillplan_models.holiday_effects import (
    EVE,
    HOLIDAY,
    MORROW,
    ORDINARY,
    UNKNOWN_NOISE,
    _drawn,
    day_kinds,
    feast_days,
    holiday_effects,
    noise_of_dates,
)
from fillplan_models.scoring import predict_hours
from tests.models.worlds import day, panel_of

DAYS = 140
WEEK = np.array([0.8, 0.8, 0.8, 0.9, 1.1, 1.4, 1.2])
DATES = (30, 58, 86, 115)


def world(lifts, dates=DATES, eve=1.0, morrow=1.0, chance=0.0, common=0.0, ahead=DAYS + 2, drop=None):
    """Regions with a lift each on the same dates and one ahead; `common` noise is that of all regions on a date."""
    rng = np.random.default_rng(0)
    together = rng.lognormal(0, common, DAYS)
    hours, calendar = {}, []
    for region, lift in lifts.items():
        factor = WEEK[np.arange(DAYS) % 7] * together * rng.lognormal(0, chance, DAYS)
        for date in dates:
            factor[date] *= lift
            factor[date - 1] *= eve
            factor[date + 1] *= morrow
        if drop is not None:
            factor[drop] /= 100
        hours |= {(region, f"t{i}"): 50.0 * (i + 1) * factor for i in range(3)}
        calendar += [{"region": region, "date": day(date), "name": "feast"} for date in (*dates, ahead)]
    return panel_of(hours, calendar=calendar)


def test_kinds_of_days():
    holiday = np.array([[False, True, True, False, False, True]])
    assert day_kinds(holiday).tolist() == [[EVE, HOLIDAY, HOLIDAY, MORROW, EVE, HOLIDAY]]
    assert not day_kinds(np.zeros((2, 9), dtype=bool)).any() and ORDINARY == 0


def test_lifts_are_learnt_of_the_whole_history_and_put_on_the_days_ahead():
    effect = holiday_effects(world({"AA": 1.3, "BB": 1.3}, eve=1.1, morrow=0.9))
    for date in (*DATES, DAYS + 2):
        assert effect[:, date - 1] == pytest.approx([1.1, 1.1], rel=0.03)
        assert effect[:, date] == pytest.approx([1.3, 1.3], rel=0.03)
        assert effect[:, date + 1] == pytest.approx([0.9, 0.9], rel=0.03)
    assert np.count_nonzero(effect != 1) == 2 * 3 * 5


def test_regions_make_of_holidays_what_they_do():
    effect = holiday_effects(world({"AA": 1.2, "BB": 1.5, "CC": 1.35}))[:, DAYS + 2]
    assert effect == pytest.approx([1.25, 1.45, 1.35], abs=0.05)
    assert effect[0] < effect[2] < effect[1]


def test_one_holiday_among_days_that_differ_widely_tells_little():
    quiet = holiday_effects(world({"AA": 1.4, "BB": 1.4}, dates=(58,)))[:, DAYS + 2]
    wild = holiday_effects(world({"AA": 1.4, "BB": 1.4}, dates=(58,), common=0.4))[:, DAYS + 2]
    assert np.all(quiet > 1.3) and np.all(np.abs(np.log(wild)) < np.log(quiet))


def test_the_regions_of_one_date_are_one_voice_where_dates_move_them_together():
    seen = np.full((12, DAYS), np.nan)
    seen[:, 58] = 0.3
    apart, together = (_drawn(seen, 0.3, common, own) for common, own in ((0.0, 0.09), (0.09, 0.0)))
    assert apart == pytest.approx(np.full(12, 0.25), abs=0.03)
    assert together == pytest.approx(np.full(12, 0.15), abs=0.03)


def test_no_holiday_no_effect_and_none_before_none_ahead():
    assert np.all(holiday_effects(world({"AA": 1.0}, dates=(), ahead=DAYS + 9)) == 1)
    assert np.all(holiday_effects(world({"AA": 1.0}, dates=())) == 1)


def test_an_outage_on_a_holiday_is_no_habit():
    effect = holiday_effects(world({"AA": 1.3, "BB": 1.3}, drop=DATES[1]))[:, DAYS + 2]
    assert np.all(effect > 0.9)


def test_calendars_full_of_holidays_leave_numbers():
    every = holiday_effects(world({"AA": 1.0, "BB": 1.0}, dates=range(1, DAYS - 1)))
    assert np.all(np.isfinite(every)) and np.all(np.abs(np.log(every)) < 0.2)


def test_forecasts_rise_on_a_holiday_ahead():
    total = predict_hours(None, world({"AA": 1.4, "BB": 1.4}), threads=1).sum(axis=0)
    plain = predict_hours(None, world({"AA": 1.0, "BB": 1.0}), threads=1).sum(axis=0)
    assert total / plain == pytest.approx([1, 1, 1.4, 1, 1, 1, 1], rel=0.05)


def test_a_few_odd_weeks_are_no_noise_of_dates():
    plain, odd = (world({"AA": 1.0, "BB": 1.0, "CC": 1.0}, dates=(), chance=0.1, common=0.2) for _ in range(2))
    odd.hours[:, 60:67] *= 3
    common, own = noise_of_dates(plain)
    assert np.sqrt(common) == pytest.approx(0.2, abs=0.07) and np.sqrt(own) == pytest.approx(0.1, abs=0.03)
    assert noise_of_dates(odd) == pytest.approx((common, own), rel=0.25, abs=0.002)


@pytest.mark.parametrize("growth", [0.01, -0.01])
def test_growth_is_no_lift_where_a_holiday_ends_the_history(growth):
    grown = np.exp(growth * np.arange(DAYS)) * WEEK[np.arange(DAYS) % 7]
    calendar = [{"region": r, "date": day(d), "name": "feast"} for r in ("AA", "BB") for d in (DAYS - 1, DAYS + 2)]
    panel = panel_of({(r, f"t{i}"): 50.0 * grown for r in ("AA", "BB") for i in range(3)}, calendar=calendar)
    assert holiday_effects(panel)[:, DAYS + 2] == pytest.approx([1, 1], abs=0.01)


def test_rest_days_of_every_week_are_no_feasts():
    rest = [d for d in range(DAYS + 7) if d % 7 == 5]
    hours = {("AA", f"t{i}"): 50.0 * WEEK[np.arange(DAYS) % 7] for i in range(3)}
    panel = panel_of(hours, calendar=[{"region": "AA", "date": day(d), "name": "rest"} for d in (*rest, 58)])
    assert np.flatnonzero(feast_days(panel)[0]).tolist() == [58]
    total = predict_hours(None, panel, threads=1).sum(axis=0)
    assert total / total.mean() == pytest.approx(WEEK / WEEK.mean(), rel=0.05)


def test_days_that_cannot_be_compared_are_not_believed_as_if_all_were_quiet():
    hours = {(r, "t0"): np.array([10.0, 10, 10, 10, 10, 10, 10, 30, 10]) for r in ("AA", "BB")}
    panel = panel_of(
        hours, calendar=[{"region": r, "date": day(d), "name": "x"} for r in ("AA", "BB") for d in (0, 7, 10)]
    )
    assert noise_of_dates(panel) == (UNKNOWN_NOISE, UNKNOWN_NOISE)
    assert np.all(np.abs(np.log(holiday_effects(panel))) < 0.5)
