"""Prices of serving: bounds that hold, placements within limits, both better than where prices have been moved."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.mesh.bound import Rents
from fillplan_optimizer.mesh.effort import Beginning
from fillplan_optimizer.mesh.network import size_unit
from fillplan_optimizer.mesh.serving import serve_prices
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import meshed, network, tiny


def served(problem, rounds, steps=20, blind=False):
    greedy = DensityGreedy().place(problem)
    unit = size_unit(problem)
    rents = Rents(*(unit * np.nan_to_num(price) for price in (greedy.prices.storage, greedy.prices.fill)))
    first = np.where(np.isfinite(problem.serve_limit_bytes), np.nan_to_num(greedy.prices.serve), 0.0) * (not blind)
    return serve_prices(problem, first, Beginning(greedy.placement.files, rents), rounds, steps)


@pytest.mark.parametrize("seed", range(25))
def test_the_bound_holds_and_the_placement_is_within_all_limits(seed):
    problem = tiny(seed, shape="mesh", files=6, limits=True)
    found = served(problem, 4)
    assert found.bound >= Exact(Limits(gap=0.0)).place(problem).value - 1e-6
    verdict = verify(problem, found.placement)
    assert verdict.violations == () and verdict.value == pytest.approx(found.value, abs=1e-9)
    for price in (found.price, found.good_price):
        assert (price >= 0).all() and (price[np.isinf(problem.serve_limit_bytes)] == 0).all()


def test_from_no_prices_they_find_to_a_lower_bound_and_better_placements():
    problem = meshed(network(60, 8, 2, seed=1, serve_share=0.5), seed=1)
    problem = replace(problem, serve_limit_bytes=0.4 * problem.serve_limit_bytes)
    one, many = served(problem, 1, blind=True), served(problem, 10, blind=True)
    assert one.bound - many.bound > 0.001 * many.bound
    assert many.value > one.value
