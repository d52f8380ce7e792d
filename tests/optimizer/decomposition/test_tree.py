"""Reading a group as a tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fillplan_optimizer.decomposition.tree import read_tree
from fillplan_optimizer.groups import split
from tests.optimizer.decomposition.cases import trees
from tests.optimizer.instances import mesh_points, network, tiny, tree_points


def test_a_single_cache_stands_under_an_empty_root() -> None:
    problem = tiny(6, shape="one-tier")
    for tree in trees(problem):
        assert tree.cache[0] == -1
        assert tree.two_tiers
        assert not tree.allowed[0].any()
        assert tree.storage[0] == 0


def test_parents_come_before_their_children() -> None:
    for seed in range(8):
        for tree in trees(tiny(seed, shape="three-tier")):
            assert (tree.parent[1:] < np.arange(1, tree.node_count)).all()
            for node, chain in enumerate(tree.chains):
                assert chain[0] == 0
                assert chain[-1] == node
            if tree.node_count == 4:
                assert not tree.two_tiers


def test_reach_counts_all_clients_below() -> None:
    for tree in trees(network(20, 5, 2, seed=1)):
        below = sum(tree.demand(node) for node in range(tree.node_count))
        assert np.allclose(tree.reach(0), below)


def test_demand_across_the_tree_is_no_tree() -> None:
    problem = tiny(4, shape="two-tier")
    across = mesh_points([[(0, 3.0), (1, 2.0)], [(1, 3.0), (0, 2.0)]])
    assert read_tree(replace(problem, points=across, demand_bytes=np.ones((2, problem.file_count)))) is None


def test_a_worth_that_differs_by_client_needs_the_general_sweeps() -> None:
    problem = network(20, 3, 1, seed=2)
    values = problem.points.value_per_byte.copy()
    values[1] *= 1.1  # the parent's byte, for the first edge's clients only
    (group,) = split(problem)
    changed = replace(problem, points=replace(problem.points, value_per_byte=values))
    tree, other = read_tree(group.problem(problem)), read_tree(group.problem(changed))
    assert tree is not None and tree.two_tiers
    assert other is not None and not other.two_tiers


def test_files_that_cannot_fit_beside_the_pins_are_left_out() -> None:
    problem = network(20, 2, 1, seed=3, pins=0)
    video = int(np.flatnonzero(problem.companion >= 0)[0])
    audio = int(problem.companion[video])
    size = problem.size_bytes
    blank = np.zeros(0, dtype=np.int64)
    window = int(size[video] + size[audio])
    points = tree_points(np.array([0]), np.array([1.0]), np.array([0]), np.array([-1]), np.array([1.0]))
    for fill, held, fits in (
        (window, blank, True),
        (window - 1, blank, False),
        (window - 1, np.array([audio]), True),
        (int(size[audio]), np.array([video]), True),
        (int(size[audio]) - 1, np.array([video]), False),
    ):
        alone = replace(
            problem,
            cache_ids=("a",),
            storage_bytes=np.array([size.sum()]),
            fill_budget_bytes=np.array([fill]),
            serve_limit_bytes=np.array([np.inf]),
            fill_cost_per_byte=np.array([0.0]),
            parent=np.array([-1]),
            points=points,
            rights=np.ones((1, problem.title.max() + 1), dtype=np.bool_),
            held=(held,),
            pinned=(blank,),
            blocked=(blank,),
        )
        tree = read_tree(alone)
        assert tree is not None
        assert tree.allowed[1, video] == fits
