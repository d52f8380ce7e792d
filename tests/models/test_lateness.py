from datetime import date

import numpy as np
import pandas as pd
import pytest

from fillplan_models.lateness import late_days, late_in_views

DAYS = 60


def totals(level=100.0, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    week = np.array([1, 1, 1, 1, 1.2, 1.6, 1.5])[np.arange(DAYS) % 7]
    return level * week * (1 + noise * rng.standard_normal(DAYS))


def check(hours, rows=None):
    rows = np.full(DAYS, 50.0) if rows is None else rows
    return late_days(hours[None], rows[None], (hours > 0)[None])


def test_nothing_is_late_in_a_steady_region():
    assert check(totals()) == []


@pytest.mark.parametrize("day", [DAYS - 1, DAYS - 2])
def test_a_deep_sudden_fall_is_late(day):
    hours = totals()
    hours[day] *= 0.5
    assert check(hours) == [(0, day)]


@pytest.mark.parametrize("dead", [1, 2])
def test_days_of_nothing_but_zeros_are_late_where_there_were_none_before(dead):
    hours, rows, observed = totals(), np.full(DAYS, 50.0), np.ones(DAYS, dtype=bool)
    hours[-dead:] = 0.0
    assert late_days(hours[None], rows[None], observed[None]) == [(0, day) for day in range(DAYS - dead, DAYS)]
    hours[10::9] = 0.0  # a region so small that nobody watches on some days
    assert late_days(hours[None], rows[None], observed[None]) == []


def test_a_mild_fall_is_late_only_if_rows_are_missing_too():
    hours, rows = totals(), np.full(DAYS, 50.0)
    hours[-1] *= 0.75
    assert check(hours, rows) == []
    rows[-1] = 36
    assert check(hours, rows) == [(0, DAYS - 1)]


def test_a_lasting_fall_of_the_level_is_not_late():
    hours = totals()
    hours[-14:] *= 0.5
    assert check(hours) == []


@pytest.mark.parametrize(("days", "late"), [(3, 3), (4, 3), (5, 0), (7, 0)])
def test_a_fall_that_began_days_too_old_to_be_late_is_a_change_of_level(days, late):
    hours = totals()
    hours[-days:] *= 0.5
    assert check(hours) == [(0, day) for day in range(DAYS - late, DAYS)]


def test_a_day_far_below_a_level_that_has_just_fallen_is_late():
    hours = totals()
    hours[-6:] *= 0.5
    hours[-1] *= 0.5
    assert check(hours) == [(0, DAYS - 1)]


def test_a_day_is_late_after_a_dip_that_was_over():
    hours = totals()
    hours[[-5, -4]] *= 0.4
    hours[-1] *= 0.5
    assert check(hours) == [(0, DAYS - 1)]


def test_falls_long_ago_are_not_looked_at():
    hours = totals()
    hours[20] *= 0.3
    assert check(hours) == []


def test_noisy_regions_need_a_deeper_fall():
    hours = totals(noise=0.3, seed=3)
    hours[-1] = 0.7 * totals(noise=0.0)[-1]
    assert check(hours) == []


def test_short_histories_tell_nothing():
    hours = np.array([[10.0, 10, 10, 1]])
    assert late_days(hours, hours, hours > 0) == []


@pytest.mark.parametrize("ahead", [1, 5, 30])
def test_views_that_end_early_are_judged_by_their_own_last_days(ahead):
    hours = np.pad(totals(), (0, ahead))
    hours[DAYS - 1] *= 0.5
    observed = hours > 0
    assert late_days(hours[None], 50.0 * observed[None], observed[None]) == [(0, DAYS - 1)]


def test_no_views_at_all_tell_nothing():
    nothing = np.zeros((2, DAYS))
    assert late_days(nothing, nothing, nothing > 0) == []


def test_rows_of_views_tell_the_same_as_the_panel():
    days = pd.date_range("2026-01-01", periods=DAYS)
    halved = totals()
    halved[-2] *= 0.5
    views = pd.DataFrame(
        {
            "date": np.repeat(days, 2),
            "region": pd.Categorical(["DE", "XX"] * DAYS),
            "title_id": "m1",
            "view_hours": np.repeat(halved, 2),
        }
    )
    assert late_in_views(views, ("AT", "DE")) == [(1, date(2026, 2, 28))]
    assert late_in_views(views[:0], ("AT", "DE")) == []
