"""The lazy greedy holds what the plain one would, which works out every density anew at each step."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.greedy import fill_up, greedy, offers, pinned
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, network
from fillplan_optimizer.mesh.state import empty, held_files, load, total
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import tree
from tests.optimizer.mesh.cases import mesh_case

HALT = np.ones(1, dtype=np.uint8)


def uneven(mesh, seed):
    """The same with weights that make no two densities equal."""
    return mesh._replace(weight=mesh.weight * np.random.default_rng(seed).uniform(0.9, 1.1, len(mesh.weight)))


def forced(mesh):
    return [set(np.flatnonzero(row & FORCED).tolist()) for row in mesh.flag]


def bundle(mesh, held, cache, file):
    """A file and its absent companion, if the cache may hold that."""
    companion = int(mesh.companion[file])
    brings = companion >= 0 and companion not in held[cache] and mesh.flag[cache, companion] & ALLOWED
    return [file, companion] if brings else [file]


def slow_greedy(mesh):
    held = forced(mesh)
    loaded = lambda: load(mesh, tuple(np.array(sorted(files), dtype=np.int64) for files in held))  # noqa: E731
    while True:
        state = loaded()
        before, best = total(mesh, state), (0.0, None)
        for cache in range(len(held)):
            for file in np.flatnonzero(mesh.flag[cache] & ALLOWED).tolist():
                if file in held[cache]:
                    continue
                files = bundle(mesh, held, cache, file)
                fresh = [f for f in files if mesh.flag[cache, f] & FRESH]
                if state.used[cache] + mesh.size[files].sum() > mesh.storage[cache]:
                    continue
                if state.filled[cache] + mesh.size[fresh].sum() > mesh.budget[cache]:
                    continue
                held[cache] |= set(files)
                density = (total(mesh, loaded()) - before) / mesh.size[files].sum()
                held[cache] -= set(files)
                best = max(best, (density, (cache, files)), key=lambda pair: pair[0])
        if best[1] is None or best[0] <= 1e-12:
            return held
        held[best[1][0]] |= set(best[1][1])


@pytest.mark.parametrize("seed", range(25))
def test_lazy_is_the_same_as_eager_without_companions(seed):
    """With them the density of a video rises once its audio is there for another, and may rise unseen."""
    mesh = uneven(mesh_case(seed, files=6)[1], seed)
    mesh = mesh._replace(companion=np.full_like(mesh.companion, -1))
    assert [set(files.tolist()) for files in held_files(greedy(mesh))] == slow_greedy(mesh)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_legal_and_nothing_more_fits_that_pays(seed):
    problem, mesh = mesh_case(seed)
    state = greedy(mesh)
    assert not verify(problem, Placement(held_files(state))).violations
    density, *_ = offers(mesh, state)
    assert len(density) == 0
    assert total(mesh, state) >= total(mesh, pinned(mesh)) - 1e-9


def test_videos_bring_their_audio_and_are_judged_with_it():
    """The video earns 10 by 4 bytes and 1 of audio: 2 per byte; the lone file earns 5 by 2 bytes: 2.5."""
    made = lambda storage: network(  # noqa: E731
        tree([-1], [1.0], [4, 1, 2], [[10.0, 0.0, 5.0]], companion=[1, -1, -1], storage=[storage])
    )
    density, cache, file = offers(made(8), empty(made(8)))
    assert density.tolist() == [2.0, 2.5] and cache.tolist() == [0, 0] and file.tolist() == [0, 2]
    for storage, held in ((7, [0, 1, 2]), (6, [2]), (2, [2]), (1, [])):
        assert held_files(greedy(made(storage)))[0].tolist() == held


def test_a_second_copy_is_worth_what_it_betters():
    """Alone the second cache's copy were denser than the other file, after the first one's it is not."""
    problem = tree([1, -1], [3.0, 2.0], [1, 1], [[10.0, 4.0]], home=[0], storage=[1, 1])
    assert [files.tolist() for files in held_files(greedy(network(problem)))] == [[0], [1]]


def test_what_must_be_held_is_held_though_it_pays_nothing():
    problem = tree([-1], [1.0], [2, 1], [[0.0, 9.0]], storage=[2], pinned=[[0]])
    mesh = network(problem)
    assert held_files(pinned(mesh))[0].tolist() == held_files(greedy(mesh))[0].tolist() == [0]


def test_only_chosen_copies_and_their_companions_are_added():
    problem = tree([-1], [1.0], [4, 2, 2], [[12.0, 0.0, 5.0]], companion=[1, -1, -1])
    mesh = network(problem)
    for chosen, held in (([0], [0, 1]), ([2], [2]), ([1], []), ([], [])):
        state = empty(mesh)
        fill_up(mesh, state, chosen=np.isin(np.arange(3), chosen)[None])
        assert held_files(state)[0].tolist() == held


def test_a_halt_is_heard():
    mesh = mesh_case(4)[1]
    assert all(map(np.array_equal, held_files(greedy(mesh, HALT)), held_files(pinned(mesh))))
