"""Bounds at any prices hold, against the best of all placements and a linear program's knapsack."""

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH
from fillplan_optimizer.mesh.relax import blank, fill_knapsack, most_worth, priced, relax
from tests.optimizer.mesh.cases import mesh_case


@pytest.mark.parametrize("seed", range(60))
def test_any_prices_give_a_valid_bound(seed):
    problem, mesh = mesh_case(seed)
    best = Exact(Limits(gap=0.0)).place(problem).value
    rng, most = np.random.default_rng(seed), most_worth(mesh)
    for share in (0.0, 0.5, 1.0, rng.random(len(most))):
        assert priced(mesh, share * most, blank(mesh), np.zeros(len(most))) >= best - 1e-6
    relaxed = relax(mesh, best, 80, Clock())
    assert relaxed.bound >= best - 1e-6
    assert relaxed.bound <= priced(mesh, 0.5 * most, blank(mesh), np.zeros(len(most))) + 1e-9
    assert ((relaxed.part >= 0) & (relaxed.part <= 1 + 1e-9)).all()


@pytest.mark.parametrize("seed", range(40))
def test_the_knapsack_keeps_its_limits_and_beats_random_choices(seed):
    _, mesh = mesh_case(seed)
    sacks, rng = blank(mesh), np.random.default_rng(seed)
    gross = rng.integers(0, 20, sacks.worth.shape).astype(float)
    for cache in range(len(mesh.storage)):
        sacks.worth[:] = gross
        worth = fill_knapsack(mesh, cache, sacks)
        fresh, forced = mesh.flag[cache] & FRESH != 0, mesh.flag[cache] & FORCED != 0
        net = gross[cache] - np.where(fresh, mesh.cost[cache] * mesh.size, 0.0)
        part = sacks.part[cache]
        assert worth == pytest.approx(float((part * net).sum()))
        assert (part * mesh.size).sum() <= mesh.storage[cache] + 1e-9
        assert (part * mesh.size)[fresh].sum() <= mesh.budget[cache] + 1e-9
        assert (part[forced] == 1).all() and (part[(mesh.flag[cache] & ALLOWED) == 0] == 0).all()
        for _ in range(30):
            other = np.where(forced, 1.0, rng.random(len(net)) * (mesh.flag[cache] & ALLOWED != 0))
            free = ~forced
            room = mesh.storage[cache] - mesh.size[forced].sum()
            fill = mesh.budget[cache] - mesh.size[forced & fresh].sum()
            asked, asked_fresh = (other * mesh.size)[free].sum(), (other * mesh.size)[free & fresh].sum()
            scale = min(1.0, room / max(asked, 1e-9), fill / max(asked_fresh, 1e-9))
            other[free] *= max(0.0, scale)
            assert (other * net).sum() <= worth + 1e-9
