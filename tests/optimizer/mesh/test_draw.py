"""The kernels' random numbers."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.draw import draw, generator


def test_the_generator_draws_evenly_and_the_same_everywhere():
    state = np.array([12345], dtype=np.int64)
    numbers = np.array([draw(state) for _ in range(20_000)])
    assert numbers.min() >= 0 and numbers.max() < 1
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx(np.full(10, 2_000), rel=0.1)
    again = np.array([12345], dtype=np.int64)
    assert [draw(again) for _ in range(3)] == numbers[:3].tolist()


def test_seeds_and_chains_give_different_numbers():
    states = [generator(0), generator(1), generator(0, 0), generator(0, 1)]
    assert len({float(draw(state)) for state in states}) >= 3
    assert all(state[0] != 0 for state in states)
    assert draw(generator(7, 1)) == draw(generator(7, 1))
