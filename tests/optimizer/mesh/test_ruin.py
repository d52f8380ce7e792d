"""Ruin and recreate: legal, never worse, the same for a seed on busy machines too."""

import numpy as np
import pytest

from fillplan_optimizer.mesh import ruin as module
from fillplan_optimizer.mesh.choice import choice, chosen_files, reach, worth_of
from fillplan_optimizer.mesh.clock import GO_ON, Clock
from fillplan_optimizer.mesh.copies import copies
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.ruin import Heat, recreate, ruin
from fillplan_optimizer.mesh.state import empty, held_files, load, total
from fillplan_optimizer.mesh.turns import settled
from tests.optimizer.hashcode.contest import make

MESH = network(make(200, 20, 1_500, 12, 300, 60, (2, 6), seed=3).problem())
EVERY = np.ones((12, 200), dtype=bool)


def start():
    return settled(MESH, empty(MESH), GO_ON)


def warm():
    return Heat(1e-3 * total(MESH, start()), 1e-9)


@pytest.mark.parametrize("warmth", [1e-9, 1e6])
def test_room_is_kept_and_only_what_changed_is_said_to(warmth):
    open_ = copies(MESH, EVERY, np.zeros(len(MESH.weight)), 1)
    far, held = reach(open_), start().place[open_.cache, open_.file] >= 0
    made, mine = choice(open_, far, held), np.arange(12) % 2 == 0
    changed = ruin(MESH, open_, far, made, mine, warmth, 300, np.array([77], dtype=np.int64), GO_ON)
    after = load(MESH, chosen_files(open_, made))
    assert total(MESH, after) == pytest.approx(worth_of(open_, made))
    assert (after.used <= MESH.storage).all()
    differs = np.array([(held != (made.held != 0))[open_.cache == cache].any() for cache in range(12)])
    assert differs.any() and not (differs & ~changed).any() and not (changed & ~mine).any()
    assert warmth > 1 or total(MESH, after) > total(MESH, start())


def bettered(seed, tries=3_000):
    found = []
    recreate(MESH, held_files(start()), EVERY, warm(), tries, seed, Clock(), lambda *better: found.append(better))
    worths = [worth for worth, _ in found]
    assert worths == sorted(worths)
    return found[-1]


def test_it_betters_what_turns_leave():
    worth, files = bettered(1)
    assert worth > 1.002 * total(MESH, start())
    assert total(MESH, load(MESH, files)) == pytest.approx(worth)
    assert (load(MESH, files).used <= MESH.storage).all()


def test_the_seed_decides():
    first, second = bettered(4, 600), bettered(4, 600)
    assert first[0] == second[0] and all(map(np.array_equal, first[1], second[1]))


def test_searches_in_each_others_way_keep_what_the_better_one_found(monkeypatch):
    worths = []
    slice_ = module._Team.go

    def watched(team, pool, warmth, tries, halt):
        worth, made = slice_(team, pool, 1e-9, 400, halt)  # much at once, so that they often meet
        assert worth == pytest.approx(worth_of(team.open, team.made[1]))
        worths.append(worth)
        return worth, made

    monkeypatch.setattr(module._Team, "go", watched)
    bettered(2, 2_000)
    assert len(worths) == 10 and (np.diff(worths) >= -1e-6).all()


def test_a_clock_that_is_over_does_nothing():
    recreate(MESH, held_files(start()), EVERY, warm(), 100, 0, Clock.of(0.0), lambda *_: pytest.fail("worked on"))
