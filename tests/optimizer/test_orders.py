import numpy as np

from fillplan_optimizer.orders import askers, farthest_position, positions
from tests.optimizer.instances import tree

THREE_TIERS = {"parent": [1, 2, -1, 2], "value": [3.0, 2.0, 1.0, 3.0], "size": [1], "demand": [[1], [1], [1]]}


def test_who_asks_a_cache_and_at_which_place():
    problem = tree(**THREE_TIERS, home=[0, 3, 1])
    assert positions(problem).tolist() == [0, 1, 2, 0, 1, 0, 1]
    assert askers(problem) == [[(0, 0)], [(0, 1), (2, 0)], [(0, 2), (1, 1), (2, 1)], [(1, 0)]]


def test_parents_stand_farther_than_all_their_children():
    problem = tree(**THREE_TIERS, home=[0, 3, 1])
    farthest = farthest_position(problem)
    children = np.flatnonzero(problem.parent >= 0)
    assert (farthest[problem.parent[children]] > farthest[children]).all()
