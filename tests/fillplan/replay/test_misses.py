"""Every missed byte is in one class, and the classes are what the case was built to show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fillplan.problem import build_problem
from fillplan.replay.actual import Actual
from fillplan.replay.misses import CLASSES, classify
from fillplan.settings import PlanSettings
from fillplan_models.forecast import Forecast
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import serve
from tests.fillplan.conftest import PLAN_DATE
from tests.fillplan.replay.cases import night_of

TITLES = ("m1", "m2", "m3")


def actual_of(demand, hours):
    days = np.ones((2, 7), dtype=bool)
    return Actual(PLAN_DATE, days[0], 0, (), days, hours, 0.0, demand, np.zeros((2, 3), dtype=bool))


def forecast_of(regions, open_days, hours, high, cold):
    """One series per region and title."""
    region, title = np.divmod(np.arange(6), 3)
    return Forecast(
        *(PLAN_DATE, regions, TITLES, region, title, open_days, hours, hours * 0, high, cold, "by hand"),
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_classes_add_up_to_all_misses(small_tables, small_demand, seed):
    hoped, placement, real = night_of(small_tables, small_demand, seed)
    rng = np.random.default_rng(seed)
    told = forecast_of(
        small_demand.regions, rng.random((6, 7)) < 0.7, rng.random((6, 7)), rng.random((6, 7)), rng.random(6) < 0.5
    )
    demand = replace(small_demand, expected_bytes=hoped.demand_bytes)
    service = serve(real, placement)
    misses = classify(real, placement, service, actual_of(demand, rng.random((2, 3, 7))), demand, told)
    missed = sum(misses.total(name) for name in CLASSES)
    assert missed == pytest.approx(real.requested_bytes - service.total_bytes, rel=1e-9, abs=1e-6)
    assert all(misses.total(name) >= 0 for name in CLASSES)


def classes(tables, demand, real, told=None, held=(), limit=np.inf, hours=None):
    """Bytes per class where every cache holds `held`."""
    problem = build_problem(tables, replace(demand, expected_bytes=real), PLAN_DATE, PlanSettings())
    problem = replace(problem, serve_limit_bytes=np.full(3, limit))
    files = np.array(sorted(problem.file_ids.index(name) for name in held), dtype=np.int64)
    placement = Placement((files,) * 3)
    hours = np.ones((2, 3, 7)) if hours is None else hours
    misses = classify(problem, placement, serve(problem, placement), actual_of(demand, hours), demand, told)
    return {name: misses.total(name) for name in CLASSES}, problem


def everything_open(demand, cold=False, high=1.0):
    days = np.ones((6, 7), dtype=bool)
    return forecast_of(demand.regions, days, np.ones((6, 7)), np.full((6, 7), high), np.full(6, cold))


def test_what_was_foreseen_and_not_held(small_tables, small_demand):
    real = small_demand.expected_bytes
    found, _ = classes(small_tables, small_demand, real, everything_open(small_demand))
    # FR has a share of 0.8 and DE of 0.5; the rest asks no cache
    assert found["not_held"] == pytest.approx(0.8 * 1100 + 0.5 * 640)
    assert found["no_cache"] == pytest.approx(0.2 * 1100 + 0.5 * 640)
    assert found["variant"] == found["rights_or_launch"] == found["serve_limit"] == 0


def test_a_serve_limit_of_nothing_turns_all_away(small_tables, small_demand):
    real = small_demand.expected_bytes
    held = ("m1v", "m1fr", "m2v", "m2de")
    found, _ = classes(small_tables, small_demand, real, everything_open(small_demand), held, limit=0.0)
    assert found["serve_limit"] == pytest.approx(0.8 * 1100 + 0.5 * 640)
    assert found["not_held"] == 0


def test_hours_outside_the_rights_known_then(small_tables, small_demand):
    told = everything_open(small_demand)
    told.open[:, 3:] = False
    found, _ = classes(small_tables, small_demand, small_demand.expected_bytes, told)
    assert found["rights_or_launch"] == pytest.approx(4 / 7 * (0.8 * 1100 + 0.5 * 640))


def test_a_launch_above_its_interval(small_tables, small_demand):
    told = everything_open(small_demand, cold=True, high=0.25)
    found, _ = classes(small_tables, small_demand, small_demand.expected_bytes, told)
    assert found["rights_or_launch"] == pytest.approx(0.75 * (0.8 * 1100 + 0.5 * 640))


def test_a_language_that_nobody_foresaw(small_tables, small_demand):
    ids = small_demand.asset_ids
    real = small_demand.expected_bytes.copy()
    real[1, ids.index("m1en")], real[1, ids.index("m1fr")] = 100.0, 0.0
    found, _ = classes(small_tables, small_demand, real, everything_open(small_demand), held=("m1v", "m2v", "m2de"))
    assert found["variant"] == pytest.approx(0.8 * 100)
    assert found["not_held"] == 0


def test_given_demand_that_knew_nothing_of_a_title(small_tables, small_demand):
    real = np.zeros_like(small_demand.expected_bytes)
    real[0, small_demand.asset_ids.index("m1v")] = 10.0  # DE was given none of m1
    found, _ = classes(small_tables, small_demand, real)
    assert found["rights_or_launch"] == pytest.approx(5.0)
