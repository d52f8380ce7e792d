"""Roundings are legal, hold what the relaxation is sure of, and the best of them is filled up."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.bound import Rents
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.greedy import offers, pinned
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.relax import Relaxed, relax
from fillplan_optimizer.mesh.rounding import best_rounding, roundings
from fillplan_optimizer.mesh.state import held_files, total
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import tree
from tests.optimizer.mesh.cases import mesh_case


def relaxed(part, worth, rent=1.0):
    """A relaxation by hand: mean choices, worth of copies at a rent per unit."""
    part = np.array(part, dtype=float)
    rents = Rents(np.full(len(part), rent), np.zeros(len(part)))
    return Relaxed(np.inf, part, rents, np.array(worth, dtype=float), np.zeros(0), 1)


def held(state):
    return [files.tolist() for files in held_files(state)]


@pytest.mark.parametrize("seed", range(25))
def test_they_are_legal_and_the_best_leaves_nothing_that_pays(seed):
    problem, mesh = mesh_case(seed)
    found = relax(mesh, 0.0, 30, Clock())
    some = list(roundings(mesh, found, (0.9, 0.5, 0.1)))
    best = best_rounding(mesh, found)
    for state in (*some, best):
        assert not verify(problem, Placement(held_files(state))).violations
    assert total(mesh, best) >= total(mesh, pinned(mesh)) - 1e-9
    assert len(offers(mesh, best)[0]) == 0


def test_copies_come_by_the_part_that_was_taken_of_them_down_to_the_least():
    """All are worth the same, so that nothing betters what was admitted; there is room for two of three."""
    mesh = network(tree([-1], [1.0], [2, 2, 2], [[5.0, 5.0, 5.0]], storage=[4]))
    found = relaxed([[0.6, 0.95, 0.7]], [[5.0, 5.0, 5.0]])
    (both,) = roundings(mesh, found, (0.5,))
    assert held(both) == [[1, 2]]


def test_what_has_no_appeal_only_fills_the_best_one_up():
    """At a rent of 8 for 2 bytes, worth 5 has appeal and worth 2 has none, though both fit."""
    mesh = network(tree([-1], [1.0], [2, 1], [[10.0, 2.0]], fill_cost=0.5))
    found = relaxed([[0.0, 0.0]], [[10.0, 1.0]], rent=4.0)
    seen = []

    def watched(mesh, state, halt):
        seen.append(held(state))
        return state

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fillplan_optimizer.mesh.rounding.settled", watched)
        best = best_rounding(mesh, found)
    assert seen == [[[0]]] * 6 + [[[0, 1]]] and held(best) == [[0, 1]]


def test_sure_copies_that_break_a_rule_are_left_out():
    """A video without room for its audio, a blocked file, one over the fill; the last one is admitted."""
    problem = tree(
        [-1],
        [1.0],
        [4, 2, 1, 5, 1],
        [[40.0, 0.0, 9.0, 30.0, 1.0]],
        companion=[1, -1, -1, -1, -1],
        storage=[5],
        budget=[4],
        blocked=[[2]],
        fill_cost=0.1,
    )
    found = relaxed([[1.0, 0.0, 1.0, 1.0, 1.0]], [[9.0] * 5])
    (state,) = roundings(network(problem), found, (0.9,))
    assert held(state) == [[4]]


def test_audio_comes_with_its_video():
    mesh = network(tree([-1], [1.0], [4, 2], [[40.0, 0.0]], companion=[1, -1]))
    (state,) = roundings(mesh, relaxed([[1.0, 0.0]], [[40.0, 0.0]]), (0.9,))
    assert held(state) == [[0, 1]]


def test_the_best_is_worth_at_least_as_much_as_each():
    mesh = mesh_case(11)[1]
    found = relax(mesh, 0.0, 40, Clock())
    each = [total(mesh, state) for state in roundings(mesh, found, (0.9, 0.6, 0.95, 0.5, 0.8, 0.7))]
    assert total(mesh, best_rounding(mesh, found)) >= max(each) - 1e-9
