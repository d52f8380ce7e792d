"""Bounds at any prices hold, against the best of all placements, and are the same on any number of threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh.bound import Rents, evaluated, most_worth
from tests.optimizer.mesh.cases import mesh_case


def any_rents(mesh, rng):
    return Rents(rng.random(len(mesh.storage)), rng.random(len(mesh.storage)))


@pytest.mark.parametrize("seed", range(60))
def test_any_prices_give_a_valid_bound(seed):
    problem, mesh = mesh_case(seed)
    best = Exact(Limits(gap=0.0)).place(problem).value
    rng, most = np.random.default_rng(seed), most_worth(mesh)
    for share in (0.0, 0.5, 1.0, rng.random(len(most))):
        assert evaluated(mesh, share * most, any_rents(mesh, rng))[0] >= best - 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_threads_do_not_change_a_bit_of_the_bound(seed):
    _, mesh = mesh_case(seed)
    rng, most = np.random.default_rng(seed), most_worth(mesh)
    prices, rents = rng.random(len(most)) * most, any_rents(mesh, rng)
    with ThreadPoolExecutor(2) as pool:
        bound, after, worth = evaluated(mesh, prices, rents, pool.map)
    alone, alone_after, alone_worth = evaluated(mesh, prices, rents)
    assert bound == alone and np.array_equal(worth, alone_worth)
    assert all(map(np.array_equal, after, alone_after))
