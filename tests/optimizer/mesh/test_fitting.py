"""The most valuable files that fit: against every choice, by the search and by the table."""

from itertools import product

import numpy as np
import pytest

from fillplan_optimizer.mesh.fitting import _by_room, _by_search, best_files
from fillplan_optimizer.mesh.network import FORCED


@pytest.mark.parametrize("seed", range(60))
def test_the_best_of_all_choices(seed):
    rng = np.random.default_rng(seed)
    worth, size = np.round(rng.uniform(-1, 9, 9), 2), rng.integers(1, 12, 9)
    flag = rng.choice(np.array([0, 1, 1, 1, 1], dtype=np.uint8), 9)
    flag[rng.integers(9)] |= FORCED * (seed % 2)
    forced, allowed = flag & FORCED > 0, flag > 0
    storage = int(size[forced].sum()) + int(rng.integers(0, 30))
    best = max(
        worth[choice].sum()
        for choice in (np.array(bits, dtype=bool) for bits in product((False, True), repeat=9))
        if size[choice].sum() <= storage and choice[forced].all() and allowed[choice].all()
    )
    chosen = best_files(worth, size, flag, storage, forced)
    assert size[chosen].sum() <= storage and chosen[forced].all() and allowed[chosen].all()
    assert worth[chosen].sum() == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_the_search_and_the_table_agree(seed):
    rng = np.random.default_rng(seed)
    worth, size = rng.uniform(1, 9, 12), rng.integers(1, 12, 12)
    order = np.argsort(-worth / size)
    worth, size = worth[order], size[order]
    chosen, finished = _by_search(worth, size, 30, 0.0)
    assert finished and size[chosen].sum() <= 30
    by_room = _by_room(worth, size, 30)
    assert size[by_room].sum() <= 30
    assert worth[chosen].sum() == pytest.approx(worth[by_room].sum())


def test_the_search_finds_nothing_where_nothing_is_better():
    chosen, finished = _by_search(np.array([4.0, 3.0]), np.array([2, 2]), 3, 4.0)
    assert finished and not chosen.any()


def test_where_many_files_are_alike_the_table_settles_it():
    rng = np.random.default_rng(3)
    size = rng.integers(50, 99, 60) * 2  # even sizes and odd room: the linear knapsack promises what nothing reaches
    worth = size.astype(float)
    assert not _by_search(worth, size, 2_001, 0.0)[1]
    flag = np.ones(60, dtype=np.uint8)
    assert worth[best_files(worth, size, flag, 2_001, np.zeros(60, dtype=bool))].sum() == 2_000
