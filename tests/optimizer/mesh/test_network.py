"""What the kernels get of a problem."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_data.errors import SolverFailure
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, network
from tests.optimizer.instances import tree
from tests.optimizer.mesh.cases import mesh_case


def test_sizes_and_limits_in_their_common_unit():
    problem = tree([-1], [1.0], [6, 9, 15], [[1.0, 0.0, 2.0]], storage=[20], budget=[30], fill_cost=0.5)
    mesh = network(problem)
    assert mesh.unit[0] == 3 and mesh.size.tolist() == [2, 3, 5]
    assert mesh.storage[0] == 6 and mesh.budget[0] == 6 and mesh.cost[0] == 1.5
    assert mesh.start.tolist() == [0, 1, 1, 2] and mesh.weight.tolist() == [1.0, 2.0]


def test_flags_say_what_may_what_must_and_what_is_new():
    problem = tree([-1], [1.0], [2, 2, 9, 2], [[1.0] * 4], storage=[8], held=[[0]], pinned=[[1]], blocked=[[3]])
    flags = network(problem).flag[0]
    assert [int(flag & ALLOWED > 0) for flag in flags] == [1, 1, 0, 0]
    assert [int(flag & FORCED > 0) for flag in flags] == [0, 1, 0, 0]
    assert [int(flag & FRESH > 0) for flag in flags] == [0, 1, 1, 1]


def test_a_file_whose_companion_never_fits_is_not_allowed():
    problem = tree([-1], [1.0], [50, 2], [[1.0, 1.0]], storage=[20], companion=[-1, 0])
    assert network(problem).flag[0, 1] & ALLOWED == 0


@pytest.mark.parametrize("seed", range(20))
def test_orders_fall_in_worth_with_serve_prices_too(seed):
    problem, _ = mesh_case(seed)
    price = np.random.default_rng(seed).random(problem.cache_count) * 3
    mesh = network(problem, price)
    for point in range(len(mesh.link) - 1):
        order = slice(mesh.link[point], mesh.link[point + 1])
        assert (np.diff(mesh.near[order]) <= 0).all()
        assert mesh.near[order] == pytest.approx(mesh.worth[mesh.linked[order], point])


def test_a_rising_order_is_refused():
    problem = tree([-1, 0], [2.0, 1.0], [1], [[1.0]], home=[1])
    with pytest.raises(SolverFailure, match="falling"):
        network(replace(problem))
