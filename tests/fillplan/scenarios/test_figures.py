"""Figures of a plan, whole and per cache, and how far two plans are apart, in a network by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan.problem import build_problem
from fillplan.scenarios.figures import Figures, Measured, cache_differences, measure, moved_bytes
from fillplan.scenarios.solving import Solution, solve_groups
from fillplan.settings import PlanSettings
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.auto import placer
from fillplan_optimizer.problem import PlacementProblem

from ..conftest import PLAN_DATE


def solved(problem: PlacementProblem) -> Solution:
    return solve_groups(problem, {}, (), lambda part, start: placer("exact").place(part), 1)


@pytest.fixture
def solution(problem: PlacementProblem) -> Solution:
    """mid holds what is asked for, fr1 nothing, as it blocks m1, and de1 its pins and what fits beside them."""
    found = solved(problem)
    assert held(found) == [{"m1fr", "m1v", "m2de", "m2v"}, set(), {"m1fr", "m1v", "m2de"}]
    return found


def held(solution: Solution) -> list[set[str]]:
    return [{solution.problem.file_ids[file] for file in files} for files in solution.placement.files]


def test_figures_by_hand(solution: Solution) -> None:
    total = measure(solution).total
    # of DE half asks de1 and of FR four fifths ask fr1; mid serves the rest of 880 B of m1 and 320 B of m2
    assert (total.requested_bytes, total.served_bytes, total.origin_bytes) == (1740, 20 + 1180, 540)
    assert total.offload == pytest.approx(1200 / 1740)
    assert (total.used_bytes, total.fill_bytes, total.churn) == (1800 + 1000, 2800, 1.0)
    assert total.value == pytest.approx(1180 * 0.5e-9 + 20 * 1.0e-9 - 1000 * 0.1e-9)


def test_figures_of_a_cache_by_hand(solution: Solution) -> None:
    caches = measure(solution).caches
    assert list(caches) == ["mid", "fr1", "de1"]
    de1 = caches["de1"]
    assert (de1.served_bytes, de1.fill_bytes, de1.used_bytes, de1.storage_bytes) == (20, 1000, 1000, 1000)
    assert de1.offload == pytest.approx(20 / 320)
    assert de1.worth == pytest.approx(20 * 1.0e-9 - 1000 * 0.1e-9)
    assert caches["mid"].offload == pytest.approx(1180 / (880 + 320))
    assert [cache.serve_use for cache in caches.values()] == [None, 0.0, None], "fr1 alone has a limit"


@pytest.mark.parametrize(("bound", "gap"), [(6.8e-7, 0.25), (5.0e-7, 0.0), (0.0, 0.0)])
def test_the_gap_is_part_of_the_bound_and_never_negative(solution: Solution, bound: float, gap: float) -> None:
    (plan,) = solution.plans
    total = measure(replace(solution, plans=(replace(plan, bound=bound),))).total
    assert (total.bound, total.gap) == (bound, pytest.approx(gap))


def test_where_nothing_is_asked_for_and_nothing_held_there_are_no_shares(problem: PlacementProblem) -> None:
    nothing = tuple(np.zeros(0, dtype=np.int64) for _ in problem.cache_ids)
    idle = replace(problem, demand_bytes=np.zeros_like(problem.demand_bytes), pinned=nothing, held=nothing)
    measured = measure(solved(idle))
    assert (measured.total.offload, measured.total.churn, measured.total.gap) == (0.0, 0.0, 0.0)
    assert {cache.offload for cache in measured.caches.values()} == {0.0}


def test_the_plain_value_is_that_of_the_caches_own_worth(solution: Solution, problem: PlacementProblem) -> None:
    assert measure(solution).plain_value == solution.value
    free = replace(problem, fill_cost_per_byte=np.zeros(3))
    measured = measure(solution, free)
    assert measured.plain_value == pytest.approx(1180 * 0.5e-9 + 20 * 1.0e-9)
    assert measured.total.value == solution.value


def test_differences_are_field_by_field() -> None:
    one, two = Figures(*map(float, range(10))), Figures(*map(float, range(10, 30, 2)))
    assert two.minus(one) == Figures(*map(float, range(10, 20)))
    assert one.minus(one) == Figures(*[0.0] * 10)


def test_caches_that_differ_come_by_what_they_serve_and_new_or_gone_ones_lack_a_side(solution: Solution) -> None:
    base = measure(solution)
    caches = dict(base.caches)
    gone = caches.pop("mid")
    changed = {
        "fr1": replace(caches["fr1"], served_bytes=5.0),
        "new": replace(gone, cache_id="new", served_bytes=5.0),
    }
    rows = cache_differences(Measured(base.total, 0.0, {**caches, **changed}), base)
    told = [(row["cache_id"], row["served_bytes_difference"]) for row in rows]
    assert told == [("mid", -1180.0), ("fr1", 5.0), ("new", 5.0)], "de1 is as it was"
    assert [(row["scenario"] is None, row["base"] is None) for row in rows] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert cache_differences(base, base) == []


def test_moved_bytes_are_those_held_here_and_not_there(solution: Solution, problem: PlacementProblem) -> None:
    unpinned = solved(replace(problem, pinned=tuple(files[:0] for files in problem.pinned)))
    mid, fr1, de1 = held(unpinned)
    assert (fr1, de1) == (set(), {"m2de", "m2v"}) and mid <= {"m1fr", "m1v", "m2de", "m2v"}
    assert moved_bytes(unpinned, solution) == 800, "m2v at de1"
    assert moved_bytes(solution, unpinned) == 960 + sum(
        int(problem.size_bytes[problem.file_ids.index(name)]) for name in held(solution)[0] - mid
    )
    assert moved_bytes(solution, solution) == 0


def test_files_and_caches_are_matched_by_name(
    solution: Solution, small_tables: Tables, small_demand: AssetDemand
) -> None:
    """The first file of the catalogue is gone, so that every other one has another place."""
    assets = small_tables.assets[small_tables.assets["asset_id"] != "m1en"].reset_index(drop=True)
    demand = AssetDemand(
        small_demand.regions, small_demand.asset_ids[1:], small_demand.expected_bytes[:, 1:], small_demand.method
    )
    fewer = solved(build_problem(replace(small_tables, assets=assets), demand, PLAN_DATE, PlanSettings()))
    assert held(fewer) == held(solution)
    assert moved_bytes(fewer, solution) == moved_bytes(solution, fewer) == 0
    other = replace(solution, problem=replace(solution.problem, cache_ids=("mid", "fr1", "de2")))
    assert moved_bytes(other, solution) == 1000, "a new cache held nothing before"
