"""Ruin and recreate: legal, never worse, the same for a seed on busy machines too."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.clock import GO_ON, Clock
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.ruin import recreate, ruin
from fillplan_optimizer.mesh.state import empty, held_files, total
from fillplan_optimizer.mesh.turns import listed, settled
from tests.optimizer.hashcode.contest import make

MESH = network(make(200, 20, 1_500, 12, 300, 60, (2, 6), seed=3).problem())
LISTS = listed(np.ones((12, 200), dtype=bool))


def start():
    return settled(MESH, empty(MESH), GO_ON, LISTS)


@pytest.mark.parametrize("warmth", [1e-9, 1e6])
def test_the_change_is_counted_and_room_is_kept(warmth):
    state = start()
    before, rng = total(MESH, state), np.array([77], dtype=np.int64)
    change = ruin(MESH, state, LISTS, warmth, 300, rng, GO_ON)
    assert total(MESH, state) - before == pytest.approx(change)
    assert (state.used <= MESH.storage).all()
    assert change > 0 if warmth < 1 else change != 0


def bettered(seed, tries=3_000):
    found = []
    heat = 1e-3 * total(MESH, start()), 1e-9
    recreate(
        MESH,
        held_files(start()),
        LISTS,
        heat,
        tries,
        seed,
        Clock(),
        lambda s: found.append((total(MESH, s), held_files(s))),
    )
    return max(found, key=lambda pair: pair[0])


def test_it_betters_what_turns_leave():
    assert bettered(1)[0] > 1.002 * total(MESH, start())


def test_the_seed_decides():
    first, second = bettered(4, 600), bettered(4, 600)
    assert first[0] == second[0] and all(map(np.array_equal, first[1], second[1]))


def test_a_clock_that_is_over_does_nothing():
    recreate(
        MESH, held_files(start()), LISTS, (1.0, 0.1), 100, 0, Clock.of(0.0), lambda state: pytest.fail("worked on")
    )
