"""Outages on a plan as it stands, in a network reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan.problem import build_problem
from fillplan.scenarios.failing import Failure, effect, failures, nearest_caches, values_in
from fillplan.settings import PlanSettings
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.robust import hardened
from fillplan_optimizer.service import net_value

from ..conftest import PLAN_DATE

MID, FR, DE = range(3)


@pytest.fixture
def problem(small_tables: Tables, small_demand: AssetDemand) -> PlacementProblem:
    made = build_problem(small_tables, small_demand, PLAN_DATE, PlanSettings())
    # nothing is limited or forbidden, so that every figure can be told by hand
    return replace(
        made,
        serve_limit_bytes=np.full(3, np.inf),
        rights=np.ones_like(made.rights),
        blocked=tuple(files[:0] for files in made.blocked),
    )


def holding(problem: PlacementProblem, **files: list[str]) -> Placement:
    return Placement(
        tuple(
            np.sort(np.array([problem.file_ids.index(f) for f in files.get(name, [])], dtype=np.int64))
            for name in problem.cache_ids
        )
    )


def test_an_outage_loses_exactly_what_was_served_less_what_the_parent_takes_over(problem: PlacementProblem) -> None:
    # DE asks 0.5 x (600 + 40) bytes of de1; the parent holds the audio alone
    plan = holding(problem, de1=["m2v", "m2de"], mid=["m2de"])
    found = effect(problem, plan, frozenset({"de1"}))
    assert found.served_before.tolist() == [0, 0, 320]
    assert found.served_after.tolist() == [20, 0, 0]
    assert found.lost_bytes == 300
    assert found.lost_value == pytest.approx(320 * 1.0e-9 - 20 * 0.5e-9)


def test_who_would_be_over_the_limit(problem: PlacementProblem) -> None:
    plan = holding(problem, de1=["m2v", "m2de"], mid=["m2v", "m2de"])
    tight = replace(problem, serve_limit_bytes=np.array([200.0, np.inf, np.inf]))
    found = effect(tight, plan, frozenset({"de1"}))
    assert found.served_after[MID] == 200
    assert found.over_bytes.tolist() == [120, 0, 0]
    assert found.lost_bytes == 120
    assert effect(tight, plan, frozenset({"fr1"})).over_bytes.tolist() == [0, 0, 0]


def test_every_cache_parent_and_region_in_turn(small_tables: Tables) -> None:
    assert failures(small_tables, "caches") == [
        Failure("fr1", "cache", frozenset({"fr1"})),
        Failure("de1", "cache", frozenset({"de1"})),
    ]
    assert [failure.name for failure in failures(small_tables, "parents")] == ["mid"]
    assert [failure.name for failure in failures(small_tables, "regions")] == ["DE", "FR"]
    assert len(failures(small_tables, "all")) == 5


@pytest.mark.parametrize("probability", [0.0, 0.05, 0.5])
def test_the_hardened_problem_values_a_plan_at_its_expectation_over_outages(
    problem: PlacementProblem, probability: float
) -> None:
    rng = np.random.default_rng(7)
    for _ in range(5):
        plan = Placement(tuple(np.flatnonzero(rng.random(problem.file_count) < 0.6) for _ in range(3)))
        single = nearest_caches(problem)
        assert single == [frozenset({"fr1"}), frozenset({"de1"})]
        value = values_in(problem, plan, [frozenset()])[0]
        left = values_in(problem, plan, single)
        assert value == pytest.approx(net_value(problem, plan))
        expected = value - probability * (value - left).sum()
        assert net_value(hardened(problem, probability), plan) == pytest.approx(expected, rel=1e-12)
