"""Annealing moves within all rules, knows what its moves are worth, and only loses while it is hot."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.anneal import anneal
from fillplan_optimizer.mesh.clock import GO_ON
from fillplan_optimizer.mesh.draw import generator
from fillplan_optimizer.mesh.greedy import greedy, pinned
from fillplan_optimizer.mesh.network import ALLOWED, network
from fillplan_optimizer.mesh.offers import table
from fillplan_optimizer.mesh.state import held_files, load, total
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.hashcode.contest import make
from tests.optimizer.instances import mesh_points, tree
from tests.optimizer.mesh.cases import mesh_case

COLD = 1e-9


def offered(mesh, state):
    """Offers of all allowed pairs."""
    cache, file = np.nonzero(mesh.flag & ALLOWED)
    return table(mesh, state, cache.astype(np.int32), file.astype(np.int32))


def annealed(mesh, state, hot=COLD, cold=COLD, visits=40, seed=0, halt=GO_ON):
    """The change and the tally; checks that standing and offers are what they are said to be."""
    offers, tally, before = offered(mesh, state), np.zeros(8, dtype=np.int64), total(mesh, state)
    change = anneal(mesh, state, offers, hot, cold, visits, generator(seed), tally, halt)
    assert total(mesh, state) == pytest.approx(before + change, rel=1e-9, abs=1e-9)
    fresh = load(mesh, held_files(state))
    assert state.best == pytest.approx(fresh.best) and np.array_equal(state.filled, fresh.filled)
    assert offers.gain == pytest.approx(offered(mesh, fresh).gain, rel=1e-9, abs=1e-6)
    return change, tally


@pytest.mark.parametrize("hot", [COLD, 3.0])
@pytest.mark.parametrize("seed", range(25))
def test_all_rules_are_kept_and_the_change_is_known(seed, hot):
    problem, mesh = mesh_case(seed)
    state = pinned(mesh)
    change, _ = annealed(mesh, state, hot=hot, seed=seed)
    assert not verify(problem, Placement(held_files(state))).violations
    if hot == COLD:
        assert change >= -1e-6


def test_moves_of_all_kinds_better_what_the_greedy_leaves():
    mesh = network(make(100, 12, 700, 6, 150, 50, (2, 5), seed=1).problem())
    state = greedy(mesh)
    before, unit = total(mesh, state), float(np.median(state.keep[0, : state.amount[0]]))
    change, tally = annealed(mesh, state, hot=0.05 * unit, cold=1e-3 * unit, visits=2_000)
    assert change > 0.003 * before
    assert (tally[:3] > 0).all() and (state.used <= mesh.storage).all()


def test_a_hot_walk_loses_and_a_cold_one_never_does():
    mesh = network(make(100, 12, 700, 6, 150, 50, (2, 5), seed=2).problem())
    state = greedy(mesh)
    unit = float(np.median(state.keep[0, : state.amount[0]]))
    assert annealed(mesh, state, hot=100 * unit, cold=100 * unit, visits=10)[0] < 0
    assert annealed(mesh, state, hot=COLD, cold=COLD, visits=60)[0] > 0


def test_the_seed_decides():
    mesh = network(make(100, 12, 700, 6, 150, 50, (2, 5), seed=3).problem())
    held = []
    for seed in (5, 5, 6):
        state = greedy(mesh)
        annealed(mesh, state, hot=1e3, visits=50, seed=seed)
        held.append([files.tolist() for files in held_files(state)])
    assert held[0] == held[1] != held[2]


def two_caches(orders, size, demand, **options):
    problem = tree([-1, -1], [0.0, 0.0], size, demand, **options)
    return network(type(problem)(**{**vars(problem), "points": mesh_points(orders)}))


def test_a_copy_moves_to_where_it_is_worth_more():
    """To insert it there first would pay as well, but that cache may not be filled by a byte more than moves in."""
    mesh = two_caches([[(0, 1.0), (1, 3.0)]], [2], [[10.0]])
    state = load(mesh, (np.array([0]), np.zeros(0, dtype=np.int64)))
    annealed(mesh, state)
    assert 0 in held_files(state)[1] and total(mesh, state) == 30.0


def test_copies_change_places_where_no_cache_has_room_for_both():
    """Each is worth 3 a byte where the other is, and 1 where it is; both caches are full and nothing is free."""
    mesh = two_caches([[(1, 3.0), (0, 1.0)], [(0, 3.0), (1, 1.0)]], [2, 2], [[10.0, 0.0], [0.0, 9.0]], storage=[2, 2])
    state = load(mesh, (np.array([0]), np.array([1])))
    change, _ = annealed(mesh, state)
    assert change == pytest.approx(38.0)
    assert [files.tolist() for files in held_files(state)] == [[1], [0]]


def test_nothing_is_done_without_visits_or_after_a_halt():
    mesh = mesh_case(7)[1]
    assert annealed(mesh, pinned(mesh), visits=0)[0] == 0.0
    change, tally = annealed(mesh, pinned(mesh), halt=np.ones(1, dtype=np.uint8))
    assert change == 0.0 and not tally.any()


def test_a_network_that_nobody_asks_is_left_alone():
    mesh = two_caches([[(0, 1.0), (1, 3.0)]], [2, 1], [[0.0, 0.0]], fill_cost=0.5)
    state = pinned(mesh)
    assert annealed(mesh, state, hot=0.0, cold=0.0)[0] == 0.0 and state.used.sum() == 0
