"""Regions: disjoint, sorted, of caches that share clients where there are any."""

import numpy as np

from fillplan_optimizer.mesh.neighbourhood import Neighbourhoods, bonds
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.program import Improved
from tests.optimizer.hashcode.contest import make

MESH = network(make(50, 10, 200, 12, 60, 30, (2, 5), seed=0).problem())


def test_bonds_count_the_bytes_of_common_clients():
    bond = bonds(MESH)
    asked = np.bincount(MESH.point, weights=MESH.weight, minlength=len(MESH.link) - 1)
    for one, two in ((0, 1), (3, 7), (5, 5)):
        common = (MESH.worth[one] > 0) & (MESH.worth[two] > 0)
        assert bond[one, two] == asked[common].sum()


def test_two_regions_share_no_cache_and_learn_their_size():
    near = Neighbourhoods(MESH, np.random.default_rng(0), 2)
    for _ in range(20):
        first, second = near.draw()
        assert not set(first) & set(second)
        assert (np.diff(first) > 0).all() and (np.diff(second) > 0).all()
    size = near.size[0]
    near.learn(0, Improved(None, 0.0, np.inf, True))
    assert near.size == [size + 0.25, size]
    for _ in range(100):
        near.learn(1, Improved(None, 0.0, np.inf, False))
    assert near.size == [size + 0.25, 2]
