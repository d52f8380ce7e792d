"""Random numbers inside kernels."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_optimizer.decomposition.jit import kernel


@kernel
def draw(rng: Ints) -> float:
    """A number in [0, 1) by xorshift64*; the same on every machine and thread (Vigna 2016)."""
    x = np.uint64(rng[0])
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = np.int64(x)
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


def generator(*seed: int) -> Ints:
    """[1] the state of a generator; never zero."""
    drawn = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    return np.array([drawn >> 1 | 1], dtype=np.int64)
