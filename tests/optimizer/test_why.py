"""Why a file is held or not: cases whose answer is known by construction, and the plans of whole networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, Prices
from fillplan_optimizer.why import MEANING, Reason, Why, why
from tests.optimizer.instances import network, placement, tree

SOLVER = Decomposition(workers=1)


def of(problem: PlacementProblem, cache: int, file: int) -> Why:
    """The answer at the best plan."""
    result = Exact().place(problem)
    return why(problem, result.placement, result.prices, cache, file)


ALONE = {"parent": [-1], "value": [1.0]}
CASES: dict[Reason, tuple[PlacementProblem, int, int]] = {
    "pinned": (tree(**ALONE, size=[1, 1], demand=[[9, 1]], storage=[1], pinned=[[1]]), 0, 1),
    "worth": (tree(**ALONE, size=[1, 1], demand=[[9, 1]], storage=[1]), 0, 0),
    "main_audio": (tree(**ALONE, size=[2, 1, 1], demand=[[9, 0, 2]], storage=[3], companion=[1, -1, -1]), 0, 1),
    "room": (tree(**ALONE, size=[1, 1], demand=[[9, 0]], held=[[1]]), 0, 1),
    "blocked": (tree(**ALONE, size=[1, 1], demand=[[9, 1]], blocked=[[0]]), 0, 0),
    "rights": (tree(**ALONE, size=[1, 1], demand=[[9, 1]], closed=[(0, 0)]), 0, 0),
    "too_large": (tree(**ALONE, size=[5, 1], demand=[[9, 1]], storage=[3]), 0, 0),
    "no_demand": (tree(**ALONE, size=[1, 1], demand=[[9, 0]]), 0, 1),
    "served_nearer": (tree([-1, 0], [1.0, 2.0], size=[1], demand=[[9]], home=[1], fill_cost=0.1), 0, 0),
    "served_farther": (
        tree([-1, 0, 0], [1.0, 1.2, 1.2], size=[1] * 3, demand=[[9, 8, 0], [9, 0, 8]], home=[1, 2], storage=[1] * 3),
        1,
        0,
    ),
    "fill_cost": (tree(**ALONE, size=[1, 1], demand=[[9, 1]], fill_cost=2.0), 0, 1),
    "fill_window": (tree(**ALONE, size=[1, 1, 1], demand=[[9, 5, 4]], budget=[1]), 0, 1),
    "serve_limit": (tree(**ALONE, size=[1, 1], demand=[[9, 5]], limit=[6], fill_cost=3.0), 0, 1),
    "needs_main_audio": (
        tree(**ALONE, size=[1, 4, 4], demand=[[3, 0, 16]], storage=[5], companion=[1, -1, -1]),
        0,
        0,
    ),
    "storage": (tree(**ALONE, size=[1, 1, 1, 1], demand=[[9, 5, 4, 2]], storage=[2]), 0, 3),
    "whole_files": (tree(**ALONE, size=[3, 4, 2], demand=[[30, 39, 18]], storage=[5]), 0, 2),
}


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_is_given_where_it_holds_by_construction(reason: Reason) -> None:
    assert of(*CASES[reason]).reason == reason


def test_every_reason_has_a_meaning_and_a_case() -> None:
    """Those of policies have theirs in test_rules.py."""
    assert set(CASES) | {"floor", "launch"} == set(MEANING)


@pytest.mark.parametrize("seed", range(2))
def test_reasons_fit_the_plans_of_whole_networks(seed: int) -> None:
    """What is held for its worth has a surplus, what is not has none; only the margin and rules are exceptions."""
    problem = network(60, 5, 1, seed)
    result = SOLVER.place(problem)
    rng = np.random.default_rng(seed)
    marginal = 0
    for cache, file in zip(rng.integers(0, 6, 250), rng.integers(0, problem.file_count, 250), strict=True):
        found = why(problem, result.placement, result.prices, int(cache), int(file))
        assert found.held == (file in result.placement.files[cache])
        assert found.binding[0] == found.reason
        marginal += found.reason == "whole_files"
        if found.reason == "worth":
            assert found.surplus >= 0
        if not found.held and found.reason not in ("blocked", "rights", "too_large", "whole_files"):
            assert found.surplus <= 1e-6 or found.needs is not None
            assert found.turning_factor is None or found.turning_factor >= 1 - 1e-9
    assert marginal < 25


@pytest.mark.parametrize("budget", [100, 7])
def test_demand_beyond_the_turning_factor_turns_the_decision(budget: int) -> None:
    """Forty files of one size: with more of the demand than stated each comes in, with less it stays out."""
    worth = 100.0 * 0.9 ** np.arange(40)
    problem = tree([-1], [1.0], size=[1] * 40, demand=[worth.tolist()], storage=[12], budget=[budget], fill_cost=0.1)
    plan = Exact().place(problem)
    for file in (0, 5, 13, 20, 39):
        found = why(problem, plan.placement, plan.prices, 0, file)
        assert found.turning_factor is not None
        assert (found.turning_factor <= 1) == found.held
        for times, held in ((1.25, True), (0.8, False)):
            demand = problem.demand_bytes * np.where(np.arange(40) == file, times * found.turning_factor, 1.0)
            again = Exact().place(replace(problem, demand_bytes=demand)).placement.files[0]
            assert (file in again) == held


def test_lifting_what_bound_brings_the_file_in() -> None:
    problem, cache, file = CASES["fill_window"]
    assert file in SOLVER.place(replace(problem, fill_budget_bytes=np.array([9]))).placement.files[cache]
    problem, cache, file = CASES["serve_limit"]
    assert file in SOLVER.place(replace(problem, serve_limit_bytes=np.array([np.inf]))).placement.files[cache]
    problem, cache, file = CASES["storage"]
    assert file in SOLVER.place(replace(problem, storage_bytes=np.array([9]))).placement.files[cache]


@pytest.mark.parametrize("serve_price", [0.3, 0.3 * (1 - 1e-6)])
def test_no_demand_turns_what_pays_all_its_worth_for_serving(serve_price: float) -> None:
    """What is left of a byte's worth after the price of serving it is rounding, or how exact a search for prices is."""
    problem, cache, file = CASES["serve_limit"]
    value = 0.1 + 0.2
    problem = replace(problem, points=replace(problem.points, value_per_byte=np.array([value])))
    prices = Prices(np.zeros(1), np.full(1, 0.5), np.full(1, serve_price))
    assert why(problem, Placement((np.array([0]),)), prices, cache, file).turning_factor is None


@pytest.mark.parametrize("left", [1e-9, -1e-9, 0.0])
def test_what_leaves_only_rounding_of_the_worth_is_not_enough_alone(left: float) -> None:
    """Serving takes all that the file is worth: storage, window and cost lifted alone leave it nothing."""
    problem = tree([-1], [1.0], size=[1, 1], demand=[[9, 5]], storage=[1], fill_cost=0.5)
    prices = Prices(np.full(1, 0.5), np.full(1, 0.5), np.full(1, 1.0 - left))
    found = why(problem, Placement((np.array([0]),)), prices, 0, 1)
    assert (found.binding, found.alone) == (("serve_limit",), True)
    cheap = replace(problem, fill_cost_per_byte=np.zeros(1))
    found = why(cheap, Placement((np.array([0]),)), Prices(np.full(1, 0.5), np.zeros(1), prices.serve), 0, 1)
    assert (found.binding, found.alone) == (("serve_limit",), True)


def test_a_copy_elsewhere_is_no_reason_where_only_rounding_would_be_won() -> None:
    problem = tree([-1, 0], [1.0, 1.2], size=[1, 1], demand=[[9, 1]], home=[1], storage=[1, 1])
    prices = Prices(np.array([0.0, 9 * 1.2 * (1 - 1e-9)]), np.zeros(2), np.zeros(2))
    found = why(problem, Placement((np.array([0]), np.array([1]))), prices, 1, 0)
    assert found.farther == ("c0",) and "served_farther" not in found.binding


def test_what_no_single_limit_would_bring_in_says_so() -> None:
    """Storage and window are both worth more than the file: neither alone is to blame, nor would it stay if it came."""
    problem = tree(**ALONE, size=[1] * 5, demand=[[20, 7, 6, 19, 1]], storage=[2], budget=[1], held=[[1, 2]])
    found = of(problem, 0, 4)
    assert {"storage", "fill_window"} <= set(found.binding) and not found.alone
    assert "largest part" in found.meaning and MEANING[found.reason] not in found.meaning
    for lifted in (
        replace(problem, storage_bytes=np.array([9])),
        replace(problem, fill_budget_bytes=np.array([9])),
        replace(problem, held=(np.array([1, 2, 4]),)),
    ):
        assert 4 not in SOLVER.place(lifted).placement.files[0]
    alone = of(*CASES["fill_window"])
    assert alone.alone and alone.meaning == MEANING["fill_window"]


def test_a_file_larger_than_the_window_is_too_large_too() -> None:
    assert of(tree(**ALONE, size=[5, 1], demand=[[9, 1]], budget=[3]), 0, 0).reason == "too_large"


def test_the_largest_part_of_the_price_comes_first_by_the_whole_file() -> None:
    """Ten bytes at a storage price of 0.6 and a fill cost of 0.5 each."""
    problem = tree(**ALONE, size=[10], demand=[[1]], fill_cost=0.5)
    found = why(problem, placement([]), Prices(np.full(1, 0.6), np.zeros(1), np.zeros(1)), 0, 0)
    assert found.binding == ("storage", "fill_cost") and not found.alone


def test_what_would_not_come_in_without_its_block_says_why() -> None:
    worthless = of(tree(**ALONE, size=[1, 1], demand=[[0, 1]], blocked=[[0]]), 0, 0)
    assert worthless.binding == ("blocked", "no_demand") and not worthless.alone
    assert of(*CASES["blocked"]).alone
    twice = of(tree(**ALONE, size=[1, 1], demand=[[9, 1]], blocked=[[0]], closed=[(0, 0)]), 0, 0)
    assert twice.binding == ("blocked", "rights") and not twice.alone


def test_a_pin_on_what_would_be_held_anyway_is_not_alone() -> None:
    idle = of(tree(**ALONE, size=[1, 1], demand=[[9, 1]], storage=[1], pinned=[[0]]), 0, 0)
    assert idle.binding == ("pinned", "worth") and not idle.alone and idle.meaning == MEANING["pinned"]
    assert of(*CASES["pinned"]).alone


def test_copies_nearer_are_to_blame_only_where_the_file_would_pay() -> None:
    assert of(*CASES["served_nearer"]).alone
    dear = tree([-1, 0], [1.0, 2.0], size=[1], demand=[[9]], home=[1], fill_cost=10.0)
    found = why(dear, Placement((np.zeros(0, np.int64), np.array([0]))), Prices.unknown(2), 0, 0)
    assert found.reason == "served_nearer" and not found.alone


def test_numbers_and_neighbours_are_stated() -> None:
    found = of(*CASES["served_farther"])
    assert (found.requested_bytes, found.reaching_bytes, found.farther, found.nearer) == (9.0, 9.0, ("c0",), ())
    assert found.worth == pytest.approx(9 * 0.2)
    nearer = of(*CASES["served_nearer"])
    assert (nearer.requested_bytes, nearer.reaching_bytes, nearer.nearer) == (9.0, 0.0, ("c1",))
    assert of(*CASES["main_audio"]).needed_by == ("f0",)
    assert of(*CASES["needs_main_audio"]).needs == "f1"


def test_unknown_prices_are_the_caches_own() -> None:
    problem = CASES["storage"][0]
    plan = SOLVER.place(problem).placement
    found = why(problem, plan, Prices.unknown(1), 0, 3)
    assert (found.reason, found.storage_price) == ("storage", 4.0)
