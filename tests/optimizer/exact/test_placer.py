from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.errors import Infeasible, SolverFailure
from fillplan_optimizer import bounds
from fillplan_optimizer.exact import placer
from fillplan_optimizer.exact.placer import Exact, state
from fillplan_optimizer.exact.pulp_highs import Limits, Solved, lp_text
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import network, tiny, tree
from tests.optimizer.oracle import best_value

SHAPES = st.sampled_from(["one-tier", "two-tier", "three-tier", "mesh"])


def small(seed, shape, **options):
    return tiny(seed, shape=shape, files=3 if shape in ("three-tier", "mesh") else 4, **options)


def checked_against_all_placements(problem):
    """(the exact solver's result, the best value of all placements); bounds are above it, the greedy below."""
    best = best_value(problem)
    result = Exact(Limits(gap=0.0)).place(problem)
    verdict = verify(problem, result.placement)
    assert verdict.violations == ()
    assert verdict.value == pytest.approx(result.value, abs=1e-9)
    assert result.value <= best + 1e-6
    assert result.bound >= best - 1e-6
    assert bounds.trivial(problem) >= best - 1e-9
    greedy = DensityGreedy().place(problem)
    assert greedy.value <= result.value + 1e-9
    assert greedy.bound >= best - 1e-9
    return result, best


@given(seed=st.integers(0, 10**6), shape=SHAPES, monotone=st.booleans())
@settings(max_examples=60)
def test_the_best_of_all_placements_without_serve_limits(seed, shape, monotone):
    result, best = checked_against_all_placements(small(seed, shape, limits=False, monotone=monotone))
    assert (result.status, result.value) == ("optimal", pytest.approx(best, abs=1e-5))


@given(seed=st.integers(0, 10**6), shape=SHAPES)
@settings(max_examples=40)
def test_the_best_of_all_placements_with_serve_limits(seed, shape):
    """With limits the routing is exact in one and two tiers only."""
    result, best = checked_against_all_placements(small(seed, shape, limits=True))
    assert result.value <= best + 1e-6
    if shape in ("one-tier", "two-tier"):
        assert (result.status, result.value) == ("optimal", pytest.approx(best, abs=1e-5))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_more_storage_never_lowers_the_optimum(seed):
    problem = tiny(seed, limits=False)
    more = replace(problem, storage_bytes=problem.storage_bytes + 2, fill_budget_bytes=problem.fill_budget_bytes + 2)
    exact = Exact(Limits(gap=0.0))
    assert exact.place(more).value >= exact.place(problem).value - 1e-6


def test_a_parent_worth_more_than_its_child_is_not_reached_through_a_child_that_holds_the_file():
    problem = tree([1, -1], [1.0, 3.0], [2], [[10]], pinned=[[0], []])
    result = Exact().place(problem)
    assert result.value == 10.0
    assert result.status == "optimal"


def test_real_sizes_are_solved_to_the_gap():
    problem = network(25, 3, 1, seed=5)
    result = Exact().place(problem)
    assert verify(problem, result.placement).violations == ()
    assert result.status == "optimal"
    assert result.gap <= 4.1e-5
    assert result.value >= DensityGreedy().place(problem).value


def test_the_same_problem_gives_the_same_placement():
    problem = network(25, 3, 1, seed=6)
    first, second = Exact().place(problem), Exact().place(problem)
    assert all(np.array_equal(a, b) for a, b in zip(first.placement.files, second.placement.files, strict=True))
    assert (first.value, first.bound) == (second.value, second.bound)


def test_pins_that_cannot_fit_are_refused_before_solving():
    with pytest.raises(Infeasible, match="c0: storage has 2 bytes"):
        Exact().place(tree([-1], [1.0], [4], [[1]], storage=[2], pinned=[[0]]))


def test_no_incumbent_is_a_failure_with_numbers(monkeypatch):
    monkeypatch.setattr(placer, "solve", lambda *_: Solved("Time limit reached", None, 12.0, 7))
    with pytest.raises(SolverFailure, match=r"'Time limit reached' and no solution of 1 pairs after 7 nodes"):
        Exact().place(tree([-1], [1.0], [1], [[1]]))


def test_a_limit_with_an_incumbent_is_feasible_and_honest(monkeypatch):
    problem = tree([-1], [1.0], [3, 3], [[9, 5]], storage=[5])
    stopped = Solved("Solution limit reached", {"hold_0_0": 0.0, "hold_0_1": 1.0}, 11.0, 100)
    monkeypatch.setattr(placer, "solve", lambda *_: stopped)
    result = Exact().place(problem)
    assert (result.status, result.value) == ("feasible", 9.0), "the greedy start is better than the incumbent"
    assert result.bound == pytest.approx(11.0)
    assert result.details == {"highs_status": "Solution limit reached", "nodes": 100, "groups": 1}


def test_a_bound_that_is_known_to_be_smaller_stands(monkeypatch):
    """HiGHS stopped early; the result it went on from had proven more."""
    problem = tree([-1], [1.0], [3, 3], [[9, 5]], storage=[5])
    known = replace(DensityGreedy().place(problem), bound=9.5)
    monkeypatch.setattr(placer, "solve", lambda *_: Solved("Node limit reached", {"hold_0_0": 1, "hold_0_1": 0}, 11, 9))
    assert Exact().place_group(problem, known).bound == 9.5


def test_what_runs_over_by_the_solvers_tolerance_is_repaired(monkeypatch):
    problem = tree([-1], [1.0], [3, 3], [[9, 5]], storage=[5])
    monkeypatch.setattr(placer, "solve", lambda *_: Solved("Optimal", {"hold_0_0": 1.0, "hold_0_1": 1.0}, 14.0, 1))
    result = Exact().place(problem)
    assert verify(problem, result.placement).violations == ()
    assert result.value == 9.0
    assert result.status == "feasible", "the bound of a wrong solve is not met"


def test_nothing_worth_holding_is_an_empty_placement():
    result = Exact().place(tree([-1], [1.0], [1], [[0]]))
    assert (result.value, result.bound, result.gap) == (0.0, 0.0, 0.0)


def test_the_program_of_a_tiny_tree_reads_as_the_formulation(golden):
    """Two edges under a parent that is worth more than one of them, a limit, a pin, a block, a companion."""
    problem = tree(
        [2, 2, -1],
        [3.0, 1.0, 2.0],
        [4, 1, 3],
        [[8, 2, 3], [5, 0, 6]],
        companion=[1, -1, -1],
        storage=[5, 4, 8],
        budget=[4, 4, 8],
        limit=[9.0, 6.0, np.inf],
        held=[[2], [], []],
        pinned=[[1], [], []],
        blocked=[[], [0], []],
        fill_cost=0.5,
    )
    text = in_one_order(lp_text(state(problem)[0]))
    assert text.count("hold_") > 0 and "Binaries" in text
    golden("tiny_tree.lp", text)


def in_one_order(text):
    """PuLP 3.3 and 4.x list bounds and integers in different orders."""
    head, rest = text.split("Bounds\n")
    bound_lines, binaries = rest.split("Binaries\n")
    *names, end = binaries.splitlines()
    return head + "\n".join(["Bounds", *sorted(bound_lines.splitlines()), "Binaries", *sorted(names), end, ""])


def test_only_a_small_gap_is_called_optimal_whatever_was_asked_for():
    results = [Exact(Limits(gap=0.05)).place(network(12, 3, 1, seed=seed)) for seed in range(4)]
    assert {result.status for result in results} >= {"feasible"}
    assert all((result.status == "optimal") == (result.gap <= 4.1e-5) for result in results)
