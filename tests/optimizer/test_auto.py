from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fillplan_data.errors import Infeasible, SettingsError, SolverFailure
from fillplan_optimizer import auto
from fillplan_optimizer.auto import PLACERS, Auto, better, placer
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import mesh_points, meshed, network, tiny, tree

TWO_WAYS = replace(
    tree([-1, -1], [1.0, 1.0], [1], [[5], [5]]), points=mesh_points([[(0, 2), (1, 1)], [(0, 1), (1, 2)]])
)
"""A mesh: one region asks cache 0 first, the other cache 1."""


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.placement.files, second.placement.files, strict=True))


@given(seed=st.integers(0, 10**6))
@example(seed=1500)
@settings(max_examples=40)
def test_auto_is_at_least_as_good_as_each_part_and_always_sound(seed):
    problem = tiny(seed, monotone=bool(seed % 2))
    result = Auto(good_gap=0.0, exact_gap=4e-5).place(problem)
    verdict = verify(problem, result.placement)
    assert verdict.violations == ()
    assert result.value == pytest.approx(verdict.value, abs=1e-9)
    assert result.value >= DensityGreedy().place(problem).value - 1e-9
    # a decomposition's bound is a sum of prices: it may end a few parts in 10^9 above the same number (seed 1500)
    other = DensityGreedy().place(problem).bound
    assert result.bound <= other + 1e-8 * max(abs(other), 1.0)


def test_small_groups_are_solved_to_optimality_and_the_whole_is_then_optimal():
    problem = network(12, 4, 2, seed=1)
    result = Auto(good_gap=0.0, exact_gap=4e-5).place(problem)
    assert result.status == "optimal"
    assert result.gap <= 4.1e-5
    assert result.details["groups"] == 2
    assert [proof.solver for proof in result.groups] == ["exact", "exact"]


def test_a_small_group_is_searched_on_to_the_gap_that_is_good_enough():
    """Seed 7 has a gap of 0.28 % by decomposition."""
    problem = network(25, 4, 1, seed=7, fill_share=(0.02, 0.03))
    alone, result = Auto(exact_pairs=0).place(problem), Auto().place(problem)
    assert alone.gap > Auto().good_gap
    assert result.gap <= Auto().exact_gap
    assert result.value >= alone.value
    assert [alone.groups[0].solver, result.groups[0].solver] == ["decomposition", "exact"]
    np.testing.assert_array_equal(result.prices.fill, alone.prices.fill, "those of the bound, not of the plan")


@pytest.mark.slow
def test_a_small_mesh_with_serve_limits_is_searched_on_to_that_gap():
    """HiGHS's own share of work for inner searches leaves 0.09 % after 100 nodes, in as much time."""
    assert Auto().place(meshed(network(30, 5, 1, seed=0, serve_share=1.0))).gap <= 1.01 * Auto().exact_gap


def test_large_groups_are_left_to_the_scalable_solver(monkeypatch):
    monkeypatch.setattr(Exact, "place_group", None)
    problem = network(25, 4, 2, seed=1)
    result = Auto(exact_pairs=0).place(problem)
    assert result.status == "feasible"
    assert result.bound - result.value <= 0.05 * result.bound


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_one_and_two_workers_give_the_same_result(pool):
    problem = network(12, 6, 3, seed=5)
    first = Auto(workers=1, good_gap=0.0).place(problem)
    second = Auto(workers=2, good_gap=0.0, pool=partial(pool, **in_new_processes(pool))).place(problem)
    assert same(first, second)
    assert (first.value, first.bound) == (second.value, second.bound)


def in_new_processes(pool):
    """Forking a process that has threads may hang it."""
    return {"mp_context": get_context("spawn")} if pool is ProcessPoolExecutor else {}


def test_a_failing_exact_solver_leaves_the_first_result(monkeypatch):
    def fail(self, problem, start=None):
        raise SolverFailure("no luck")

    monkeypatch.setattr(Exact, "place_group", fail)
    problem = network(20, 3, 1, seed=2)
    assert same(Auto(good_gap=0.0, exact_gap=4e-5).place(problem), Auto(exact_pairs=0).place(problem))


def test_the_better_placement_stands_under_the_smaller_bound():
    problem = tree([-1], [1.0], [1], [[10]])
    good = replace(DensityGreedy().place(problem), status="feasible", value=9.0, bound=12.0, solver="good")
    poor = replace(good, value=8.0, bound=10.0, solver="poor")
    result = better(poor, good)
    assert (result.solver, result.value, result.bound, result.status) == ("good", 9.0, 10.0, "feasible")
    assert better(replace(poor, status="optimal"), good).status == "optimal"


def test_all_impossible_pins_are_named_before_any_group_is_solved():
    problem = tree([-1, -1], [1.0, 1.0], [4], [[1], [1]], storage=[2, 2], pinned=[[0], [0]])
    with pytest.raises(Infeasible, match=r"(?s)c0: .*c1: "):
        Auto().place(problem)


@pytest.mark.parametrize("name", ["auto", *PLACERS])
def test_every_solver_is_found_by_its_name(name):
    problem = network(15, 3, 1, seed=0)
    found = placer(name, threads=1, seed=3)
    assert found.name == name
    assert verify(problem, found.place(problem).placement).violations == ()


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"expected one of auto, exact, .*found 'magic'"):
        placer("magic")


def test_a_mesh_for_the_solver_of_trees_is_a_conflict_of_settings():
    with pytest.raises(
        SettingsError, match=r'plan\.solver: .*"decomposition", found a mesh.*set plan\.solver = "auto"'
    ):
        placer("decomposition").place(TWO_WAYS)


def test_every_kind_of_group_has_a_scalable_solver():
    assert set(auto.SCALABLE) == {"tree", "mesh"}
    assert {name for names in auto.SCALABLE.values() for name in names} <= set(PLACERS)
    assert all(names[-1] == "greedy" for names in auto.SCALABLE.values()), "the greedy refuses no shape"


def test_room_left_over_keeps_what_is_there():
    problem = tree([-1], [1.0], [1, 1, 1], [[5, 0, 0]], held=[[1]])
    assert Auto().place(problem).placement.files[0].tolist() == [0, 1]


def test_a_shape_that_one_solver_refuses_goes_to_the_next():
    problem = tree([1, 2, -1], [3.0, 2.0, 1.0], [1, 1], [[5, 3]], storage=[1, 1, 1])
    result = Auto(exact_pairs=0).place(problem)
    assert [files.tolist() for files in result.placement.files] == [[0], [1], []]
