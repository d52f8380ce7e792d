"""Choices among open copies: the same worth as the state that holds the same, after any changes."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.choice import become, choice, chosen_files, reach, worth_alone, worth_of
from fillplan_optimizer.mesh.copies import copies
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.state import load, total
from fillplan_optimizer.mesh.turns import worth_alone as by_state
from tests.optimizer.hashcode.contest import make


@pytest.mark.parametrize("seed", range(8))
def test_worth_is_that_of_the_state(seed):
    rng = np.random.default_rng(seed)
    mesh = network(make(80, 12, 500, 8, 10_000, 40, (2, 6), seed=seed).problem())
    open_ = copies(mesh, rng.random((8, 80)) < 0.7, np.zeros(len(mesh.weight)), 1)
    far = reach(open_)
    made = choice(open_, far, rng.random(len(open_.file)) < 0.5)
    for _ in range(20):
        cache = int(rng.integers(8))
        first, last = open_.start[cache : cache + 2]
        become(open_, far, made, first, rng.random(last - first) < 0.4)
    state = load(mesh, chosen_files(open_, made))
    assert worth_of(open_, made) == pytest.approx(total(mesh, state))
    for cache in range(8):
        files = open_.file[open_.start[cache] : open_.start[cache + 1]].astype(np.int64)
        assert worth_alone(open_, far, made, cache) == pytest.approx(by_state(mesh, state, cache, files))
