"""Steps lower the bound, which holds whatever was left out on the way."""

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh.bound import evaluated
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.relax import prices_of_room, relax
from tests.optimizer.mesh.cases import mesh_case
from tests.optimizer.mesh.test_bound import any_rents


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_holds(seed):
    problem, mesh = mesh_case(seed)
    best = Exact(Limits(gap=0.0)).place(problem).value
    relaxed = relax(mesh, best, 80, Clock())
    assert relaxed.bound >= best - 1e-6
    assert ((relaxed.part >= 0) & (relaxed.part <= 1 + 1e-9)).all()


@pytest.mark.parametrize("seed", range(60))
def test_leaving_copies_out_costs_bound_but_never_truth(seed):
    problem, mesh = mesh_case(seed)
    best = Exact(Limits(gap=0.0)).place(problem).value
    rng = np.random.default_rng(seed)
    rents = any_rents(mesh, rng)
    narrow = relax(mesh, best, 40, Clock(), [prices_of_room(mesh, *rents)], rents)
    assert narrow.bound >= best - 1e-6
    assert narrow.bound == pytest.approx(evaluated(mesh, narrow.row_price, narrow.rents)[0], rel=0.2, abs=1e-6)


def test_steps_lower_the_bound():
    bounds = [relax(mesh_case(seed)[1], 0.0, steps, Clock()).bound for seed in range(20) for steps in (1, 200)]
    assert np.mean(bounds[1::2]) < 0.97 * np.mean(bounds[::2])
