"""What must go frees the room it should, without the spared, at no less than the bound on its loss."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.draw import generator
from fillplan_optimizer.mesh.evictions import MOST, WINDOW, least_loss, stairs_of, victims
from fillplan_optimizer.mesh.greedy import greedy
from fillplan_optimizer.mesh.network import network
from tests.optimizer.hashcode.contest import make

MESH = network(make(120, 15, 900, 6, 300, 60, (2, 6), seed=2).problem())
STATE = greedy(MESH)


def cheapest(cache, room, spared=-1, most=np.inf):
    out, density = np.zeros(MOST, dtype=np.int64), np.zeros(WINDOW)
    loss, count = victims(MESH, STATE, cache, room, 0, spared, most, generator(1), out, density)
    return loss, out[:count]


def keep_of(cache, file):
    return STATE.keep[cache, STATE.place[cache, file]]


@pytest.mark.parametrize("cache", range(6))
@pytest.mark.parametrize("room", [1, 10, 40, 100])
def test_they_free_the_room_and_their_loss_is_counted(cache, room):
    loss, files = cheapest(cache, room)
    assert MESH.size[files].sum() >= room and len(set(files)) == len(files)
    assert loss == pytest.approx(sum(keep_of(cache, file) for file in files))
    singles = [keep_of(cache, f) for f in STATE.slot[cache, : STATE.amount[cache]] if MESH.size[f] >= room]
    assert loss <= min(singles, default=np.inf)


@pytest.mark.parametrize("cache", range(6))
def test_the_spared_stays_and_no_loss_is_too_large(cache):
    loss, files = cheapest(cache, 1)
    other_loss, others = cheapest(cache, 1, spared=files[0])
    assert files[0] not in others and other_loss >= loss
    assert cheapest(cache, 1, most=0.5 * loss)[0] == np.inf or loss == 0.0


@pytest.mark.parametrize("cache", range(6))
def test_no_choice_loses_less_than_the_stairs_say(cache):
    stairs = np.zeros(2 * WINDOW)
    steps = stairs_of(MESH, STATE, cache, stairs)
    free = MESH.storage[cache] - STATE.used[cache]
    assert least_loss(stairs, steps, float(free)) == 0.0
    for room in (1, 10, 40, 100):
        assert least_loss(stairs, steps, float(free + room)) <= cheapest(cache, room)[0] + 1e-9
