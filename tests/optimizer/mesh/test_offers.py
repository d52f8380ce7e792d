"""What every copy would add is always what it adds, however it was kept up to date."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.offers import enter, leave, renew, table
from fillplan_optimizer.mesh.state import empty, held_files, load, total
from fillplan_optimizer.problem import DemandPoints
from tests.optimizer.instances import mesh_points, tree
from tests.optimizer.mesh.cases import mesh_case, random_state, roomy


def pairs(mesh, seed):
    """Some pairs in any order: [M] cache, [M] file."""
    rng = np.random.default_rng(seed)
    cache, file = np.nonzero(rng.random(mesh.flag.shape) < 0.8)
    order = rng.permutation(len(cache))
    return cache[order].astype(np.int32), file[order].astype(np.int32)


def added(mesh, files, cache, file):
    """Worth of a standing with one more copy, less that without."""
    more = [np.union1d(held, [file]) if c == cache else held for c, held in enumerate(files)]
    return total(mesh, load(mesh, tuple(more))) - total(mesh, load(mesh, tuple(files)))


@pytest.mark.parametrize("seed", range(10))
def test_all_pairs_are_listed_by_file_and_by_cache(seed):
    mesh = roomy(mesh_case(seed)[1])
    state, (cache, file) = random_state(mesh, seed), pairs(mesh, seed)
    offers = table(mesh, state, cache, file)
    asked = sorted(zip(file.tolist(), cache.tolist(), strict=True))
    owner = np.repeat(np.arange(len(mesh.size)), np.diff(offers.first))
    assert list(zip(owner.tolist(), offers.cache.tolist(), strict=True)) == asked
    where = np.repeat(np.arange(len(mesh.storage)), np.diff(offers.start))
    assert np.array_equal(offers.cache[offers.pair], where) and np.array_equal(owner[offers.pair], offers.file)
    held, nothing = held_files(state), [np.zeros(0, dtype=np.int64)] * len(mesh.storage)
    for number, (f, c) in enumerate(asked):
        expected = -np.inf if f in held[c] else added(mesh, held, c, f)
        assert offers.gain[number] == pytest.approx(expected, abs=1e-9)
    for alone, f, c in zip(offers.alone, offers.file, where, strict=True):
        assert alone == pytest.approx(added(mesh, nothing, c, f), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_a_walk_keeps_gains_and_standing_as_made_anew(seed):
    mesh = roomy(mesh_case(seed)[1])
    rng, state = np.random.default_rng(seed), random_state(mesh, seed)
    listed = pairs(mesh, seed)
    offers = table(mesh, state, *listed)
    for _ in range(30):
        cache, file = int(rng.integers(len(mesh.storage))), int(rng.integers(len(mesh.size)))
        (enter if state.place[cache, file] < 0 else leave)(mesh, state, offers, file, cache)
    fresh = load(mesh, held_files(state))
    assert state.best == pytest.approx(fresh.best) and np.array_equal(state.used, fresh.used)
    assert offers.gain == pytest.approx(table(mesh, fresh, *listed).gain, abs=1e-9)


def test_further_copies_add_what_the_nearer_one_leaves():
    """One point asks three caches for 10 bytes, worth 4, 3 and 1 each."""
    points: DemandPoints = mesh_points([[(0, 4.0), (1, 3.0), (2, 1.0)]])
    problem = tree([-1, -1, -1], [0.0, 0.0, 0.0], [2], [[10.0]], fill_cost=0.5)
    mesh = network(type(problem)(**{**vars(problem), "points": points}))
    state = empty(mesh)
    offers = table(mesh, state, np.arange(3, dtype=np.int32), np.zeros(3, dtype=np.int32))
    assert offers.gain.tolist() == offers.alone.tolist() == [39.0, 29.0, 9.0]
    enter(mesh, state, offers, 0, 1)
    assert offers.gain.tolist() == [9.0, -np.inf, -1.0]
    enter(mesh, state, offers, 0, 0)
    leave(mesh, state, offers, 0, 1)
    assert offers.gain.tolist() == [-np.inf, -1.0, -1.0]
    assert offers.alone.tolist() == [39.0, 29.0, 9.0]


def test_sums_that_drifted_are_mended():
    mesh = roomy(mesh_case(5)[1])
    state = random_state(mesh, 5)
    offers = table(mesh, state, *pairs(mesh, 5))
    right = offers.gain.copy()
    offers.gain[:] = 7.0
    renew(mesh, state, offers)
    assert np.array_equal(offers.gain, right)


def test_no_pairs_are_a_table_too():
    mesh = roomy(mesh_case(2)[1])
    state, none = empty(mesh), np.zeros(0, dtype=np.int32)
    offers = table(mesh, state, none, none)
    enter(mesh, state, offers, 0, 0)
    assert len(offers.gain) == 0 and held_files(state)[0].tolist() == [0]
