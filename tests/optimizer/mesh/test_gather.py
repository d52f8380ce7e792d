"""Scattered room is brought together by exchanges that lose nothing, or all is put back."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.clock import GO_ON
from fillplan_optimizer.mesh.gather import gather
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.offers import table
from fillplan_optimizer.mesh.state import held_files, load, total
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.hashcode.contest import make
from tests.optimizer.instances import mesh_points, tree
from tests.optimizer.mesh.cases import mesh_case

NOTHING = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))


def alike(**more):
    """Two caches of room 5, worth the same to all clients: files of 3, 1, 2, 2 bytes, and one of 2 to come."""
    options = {"storage": [5, 5], "held": [[0, 1], [2, 3]]} | more
    problem = tree([-1, -1], [0.0, 0.0], [3, 1, 2, 2, 2], [[9.0, 8.0, 7.0, 6.0, 5.0]], **options)
    return network(type(problem)(**{**vars(problem), "points": mesh_points([[(0, 1.0), (1, 1.0)]])}))


def gathered(mesh, files, work=10**6, halt=GO_ON):
    """What was added, files after."""
    state = load(mesh, tuple(np.array(held, dtype=np.int64) for held in files))
    before = total(mesh, state)
    added = gather(mesh, state, table(mesh, state, *NOTHING), work, halt)
    assert total(mesh, state) == pytest.approx(before + added, abs=1e-9)
    return added, [held.tolist() for held in held_files(state)]


def test_a_byte_here_and_a_byte_there_make_room_for_two():
    """Three bytes and two change places; then the file fits where the three were."""
    mesh = alike()
    added, held = gathered(mesh, [[0, 1], [2, 3]])
    assert added == 5.0
    assert sorted([*held[0], *held[1]]) == [0, 1, 2, 3, 4]
    assert all(mesh.size[files].sum() <= 5 for files in held)


@pytest.mark.parametrize(
    "more",
    [{"pinned": [[0], [2, 3]]}, {"budget": [4, 2]}, {"blocked": [[4], [4]]}, {"budget": [1, 1]}, {"storage": [4, 5]}],
    ids=["fixed", "no fill to exchange", "not allowed", "no fill", "no room"],
)
def test_where_exchanges_are_not_allowed_all_stays_as_it_was(more):
    assert gathered(alike(**more), [[0, 1], [2, 3]]) == (0.0, [[0, 1], [2, 3]])


def test_a_file_whose_cost_eats_its_worth_is_not_worth_the_work():
    assert gathered(alike(fill_cost=2.5), [[0, 1], [2, 3]]) == (0.0, [[0, 1], [2, 3]])


def test_work_and_halts_are_heard():
    assert gathered(alike(), [[0, 1], [2, 3]], work=-1)[0] == 0.0
    assert gathered(alike(), [[0, 1], [2, 3]], halt=np.ones(1, dtype=np.uint8))[0] == 0.0


@pytest.mark.parametrize("seed", range(40))
def test_rules_are_kept_and_nothing_is_lost(seed):
    """From what fits of any files: whatever is exchanged keeps pins, companions, room and fill."""
    problem, mesh = mesh_case(seed)
    rng = np.random.default_rng(seed)
    legal = [held.tolist() for held in problem.held]
    files = [sorted({*rng.permutation(held)[:3].tolist()}) for held in legal]
    if verify(problem, Placement(tuple(np.array(held, dtype=np.int64) for held in files))).violations:
        files = [np.flatnonzero(row & 2).tolist() for row in mesh.flag]
    added, held = gathered(mesh, files)
    assert added >= 0.0
    assert not verify(problem, Placement(tuple(np.array(each, dtype=np.int64) for each in held))).violations


def test_offers_are_kept_up_to_date():
    mesh = network(make(60, 8, 300, 5, 60, 30, (2, 5), seed=4).problem())
    rng = np.random.default_rng(0)
    files = []
    for room in mesh.storage:
        order = rng.permutation(60)
        files.append(np.sort(order[np.cumsum(mesh.size[order]) <= room]))
    state = load(mesh, tuple(files))
    cache, file = (index.ravel().astype(np.int32) for index in np.indices(mesh.flag.shape))
    offers = table(mesh, state, cache, file)
    assert gather(mesh, state, offers, 10**6, GO_ON) > 0.0
    assert (state.used <= mesh.storage).all()
    assert offers.gain == pytest.approx(table(mesh, state, cache, file).gain, rel=1e-9, abs=1e-6)
