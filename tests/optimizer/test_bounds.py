from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer import bounds
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.result import Prices
from tests.optimizer.instances import mesh_points, network, tiny, tree
from tests.optimizer.oracle import best_value


def prices(storage, fill=None, serve=None):
    none = np.zeros(len(storage))
    as_array = lambda values: none if values is None else np.array(values, dtype=float)  # noqa: E731
    return Prices(np.array(storage, dtype=float), as_array(fill), as_array(serve))


@given(seed=st.integers(0, 10**6), shape=st.sampled_from(["one-tier", "two-tier", "three-tier", "mesh"]))
@settings(max_examples=60)
def test_no_placement_is_worth_more_than_a_bound_at_any_prices(seed, shape):
    problem = tiny(seed, shape=shape, files=3, monotone=bool(seed % 2))
    best = best_value(problem)
    rng = np.random.default_rng(seed)
    anything = Prices(*(rng.random(problem.cache_count) * rng.integers(0, 3) for _ in range(3)))
    assert bounds.trivial(problem) >= best - 1e-9
    assert bounds.lagrangian(problem, anything) >= best - 1e-9
    assert bounds.lagrangian(problem, Prices.unknown(problem.cache_count)) >= best - 1e-9
    assert bounds.best(problem, anything) == min(bounds.trivial(problem), bounds.lagrangian(problem, anything))


def test_the_trivial_bound_serves_everything_at_its_best_allowed_cache():
    problem = tree([1, -1], [2.0, 1.0], [1, 1], [[10, 20]], blocked=[[1], []])
    assert bounds.trivial(problem) == 2 * 10 + 1 * 20


def test_pins_pay_their_fill_in_the_bound_and_may_make_it_negative():
    problem = tree([-1], [1.0], [5], [[2]], fill_cost=1.0, pinned=[[0]])
    assert bounds.trivial(problem) == 2 - 5
    assert bounds.lagrangian(problem, prices([0.0])) == 2 - 5


def test_pins_pay_their_rent_in_a_mesh_too():
    """Two clients, each nearest to another cache: the pin at the first serves both, and has to be filled."""
    orders = mesh_points([[(0, 2.0), (1, 1.0)], [(1, 2.0), (0, 1.0)]])
    problem = replace(tree([-1, -1], [1.0, 1.0], [5], [[4], [4]], fill_cost=1.0, pinned=[[0], []]), points=orders)
    assert bounds.lagrangian(problem, prices([0.0, 0.0])) == 4 * 2 + 4 * 1 - 5


def test_a_mesh_pays_every_rent_once_and_none_for_what_nobody_asks():
    """Rents of 5 and 4. The first client pays 0.75 per byte and gives 5 and 1 of them; the next two find the first
    cache's spent and pay all, which gives the second cache nothing back; the fourth has the 3 left of its 8. The fifth
    asks no cache, and nobody asks for file 1."""
    orders = mesh_points([[(0, 2.0), (1, 1.0)], [(0, 3.0)], [(0, 3.0), (1, 1.0)], [(1, 2.0)], []])
    demand = [[4, 0], [2, 0], [1, 0], [4, 0], [7, 0]]
    problem = replace(tree([-1, -1], [1.0, 1.0], [1, 1], demand, home=[0, 0, 0, 1, 1]), points=orders)
    rent = bounds._Rent(problem, np.array([5.0, 4.0]), np.zeros(2))
    assert bounds._by_ascent(problem, np.zeros(2), rent) == 4 * 0.75 + 2 * 3 + 1 * 3 + (4 * 2 - 3)


def test_right_prices_close_a_fractional_knapsack():
    """Density 3, 2, 1 and room for two: at the price of the second the bound is the optimum."""
    problem = tree([-1], [1.0], [1, 1, 1], [[3, 2, 1]], storage=[2])
    assert bounds.lagrangian(problem, prices([2.0])) == 5.0


def test_each_kind_of_price_relaxes_its_limit():
    window = tree([-1], [1.0], [1, 1, 1], [[3, 2, 1]], budget=[2])
    assert bounds.lagrangian(window, prices([0.0], fill=[2.0])) == 5.0
    serving = tree([-1], [1.0], [1, 1, 1], [[3, 2, 1]], limit=[4.0])
    assert bounds.lagrangian(serving, prices([0.0], serve=[1.0])) == 4.0


def test_a_price_on_a_limit_that_is_not_there_changes_nothing():
    problem = tree([-1], [1.0], [1], [[3]])
    assert bounds.lagrangian(problem, prices([0.0], serve=[5.0])) == 3.0


def test_three_tiers_are_priced_exactly_per_file():
    """One file: best is the middle cache alone, serving both edges, at rent 3."""
    problem = tree([2, 2, 3, -1], [5.0, 5.0, 4.0, 1.0], [1], [[2], [2]])
    assert bounds.lagrangian(problem, prices([9.0, 9.0, 3.0, 9.0])) == pytest.approx(30.0 + 4 * 4 - 3)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_the_ascent_of_meshes_is_never_below_the_exact_pricing_of_trees(seed):
    problem = tiny(seed, shape="two-tier")
    rng = np.random.default_rng(seed)
    storage, fill = rng.random(problem.cache_count), rng.random(problem.cache_count)
    serve = np.zeros(problem.cache_count)
    rent = bounds._Rent(problem, storage, fill)
    exact = bounds._by_tree(problem, bounds._tree(problem), serve, rent)
    assert bounds._by_ascent(problem, serve, rent) >= exact - 1e-9


def test_what_is_a_tree():
    three_tiers = tiny(0, shape="three-tier")
    assert bounds.follows_tree(three_tiers)
    for orders in (
        [[(0, 2.0), (1, 1.0)], [(1, 3.0)]],
        [[(0, 2.0), (1, 1.0)], [(1, 2.0), (0, 1.0)]],
        [[(0, 2.0), (1, 1.0)], [(0, 2.0), (2, 1.0)]],
    ):
        mesh = replace(three_tiers, points=mesh_points(orders))
        assert not bounds.follows_tree(mesh), "worth by client, a cycle, two ways on"


def test_the_bound_of_a_real_network_is_within_a_few_percent():
    problem = network(100, 8, 2, seed=0)
    result = DensityGreedy().place(problem)
    assert result.value <= result.bound <= 1.05 * result.value
