"""Errors of a forecast: on the days known in each region, on both sides, as the backtest judges them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fillplan.replay.accuracy import accuracy
from fillplan.replay.actual import Actual
from fillplan_models.forecast import AssetDemand, Forecast

FIRST = date(2026, 3, 6)


def forecast(hours):
    """Of one title in two regions."""
    told = np.array(hours, dtype=np.float64)
    ones = np.ones(told.shape, dtype=np.bool_)
    regions = np.arange(2)
    return Forecast(
        FIRST, ("DE", "FR"), ("m1",), regions, 0 * regions, ones, told, 0.5 * told, 2 * told, ones[:, 0], "by hand"
    )


def watched(hours, counted):
    real, known = np.array(hours, dtype=np.float64)[:, None], np.array(counted, dtype=np.bool_)
    nothing = AssetDemand(("DE", "FR"), (), np.zeros((2, 0)), "real")
    scored = np.ones(known.shape[1], dtype=np.bool_)
    return Actual(FIRST, scored, int((~known).sum()), (), known, real, 0.0, nothing, np.zeros((2, 1), dtype=np.bool_))


def test_a_day_that_is_not_known_counts_on_neither_side():
    told = accuracy(forecast([[4, 4], [10, 10]]), watched([[4, 4], [8, 1]], [[True, True], [True, False]]))
    assert (told["real_view_hours"], told["expected_view_hours"]) == (16.0, 18.0)
    assert told["wape"] == told["wape_horizon"] == told["bias"] == pytest.approx(2 / 16)
    assert told["coverage"] == 1.0
    assert [(day["expected_view_hours"], day["real_view_hours"]) for day in told["days"]] == [(14.0, 12.0), (4.0, 4.0)]


def test_a_day_known_nowhere_is_not_listed():
    told = accuracy(forecast([[4, 4], [8, 8]]), watched([[4, 1], [8, 1]], [[True, False], [True, False]]))
    assert [day["date"] for day in told["days"]] == ["2026-03-06"]
    assert told["wape"] == 0.0


def test_hours_within_the_rights_leave_none_outside_in_whatever_order_they_are_summed():
    hours = np.random.default_rng(1).random((2, 7))
    made = replace(forecast(hours[::-1]), region=np.array([1, 0]))
    told = accuracy(made, watched(hours, np.ones((2, 7))))
    assert (told["view_hours_outside_rights"], told["wape"]) == (0.0, 0.0)


@pytest.mark.parametrize("hours", [0.0, 5e-324])
def test_there_is_no_error_per_hour_where_next_to_nothing_was_watched(hours):
    told = accuracy(forecast([[4], [8]]), watched([[hours], [0]], [[True], [True]]))
    assert (told["wape"], told["wape_horizon"], told["bias"]) == (None, None, None)
