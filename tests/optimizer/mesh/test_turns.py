"""A cache's best files given all others: never worse than what is in hand."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.clock import GO_ON
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.state import empty, gains, load, total
from fillplan_optimizer.mesh.turns import listed, settled, take_turns, worth_alone
from tests.optimizer.hashcode.contest import make

ALL = listed(np.ones((8, 80), dtype=bool))


@pytest.mark.parametrize("seed", range(5))
def test_turns_only_add_and_end_where_no_cache_betters_itself(seed):
    mesh = network(make(80, 12, 500, 8, 120, 40, (2, 6), seed=seed).problem())
    state = empty(mesh)
    added = take_turns(mesh, state, ALL, np.arange(8), GO_ON)
    assert total(mesh, state) == pytest.approx(added) and added > 0
    settled(mesh, state, GO_ON)
    assert total(mesh, state) > added
    assert (state.used <= mesh.storage).all()
    again = load(mesh, [state.slot[c, : state.amount[c]] for c in range(8)])
    assert take_turns(mesh, again, ALL, np.arange(8), GO_ON) <= 1e-5 * added


def test_worth_alone_is_what_a_copy_adds_to_the_others():
    mesh = network(make(80, 12, 500, 8, 120, 40, (2, 6), seed=7).problem())
    state = settled(mesh, empty(mesh), GO_ON)
    others = load(mesh, [state.slot[c, : state.amount[c] * (c != 3)] for c in range(8)])
    assert worth_alone(mesh, state, 3, np.arange(80)) == pytest.approx(gains(mesh, others, 3, np.ones(80, dtype=bool)))


def test_a_halt_is_heard():
    mesh = network(make(80, 12, 500, 8, 120, 40, (2, 6), seed=7).problem())
    state = empty(mesh)
    assert take_turns(mesh, state, ALL, np.arange(8), np.ones(1, dtype=np.uint8)) == 0.0
    assert state.amount.sum() == 0
