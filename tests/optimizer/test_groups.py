import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.groups import split
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import tiny, tree


def test_a_group_is_everything_below_one_top_cache():
    problem = tree([2, 3, -1, -1, 2], [2.0, 2.0, 1.0, 1.0, 1.5], [1], [[1.0], [1.0]])
    assert [group.caches.tolist() for group in split(problem)] == [[0, 2, 4], [1, 3]]


def test_a_parent_without_clients_and_a_cache_without_demand_are_in_a_group():
    problem = tree([-1, 0, -1], [1.0, 2.0, 1.0], [1], [])
    assert [group.caches.tolist() for group in split(problem)] == [[0, 1], [2]]


def test_only_files_that_matter_to_the_group_come_along_and_their_audio():
    problem = tree(
        [-1, -1], [1.0, 1.0], [1] * 5, [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]], companion=[1, -1, -1, -1, -1], held=[[3], []]
    )
    assert [group.files.tolist() for group in split(problem)] == [[0, 1, 3], [4]]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100)
def test_groups_partition_the_caches_and_their_values_add_up(seed):
    problem = tiny(seed)
    groups = split(problem)
    assert sorted(np.concatenate([group.caches for group in groups]).tolist()) == list(range(problem.cache_count))
    rng = np.random.default_rng(seed)
    total, files = 0.0, [np.zeros(0, dtype=np.int64)] * problem.cache_count
    for group in groups:
        part = pickle.loads(pickle.dumps(group.problem(problem)))
        held = Placement(tuple(np.flatnonzero(rng.random(part.file_count) < 0.5) for _ in range(part.cache_count)))
        total += verify(part, held).value
        for cache, local in zip(group.caches, held.files, strict=True):
            files[cache] = group.files[local]
    whole = verify(problem, Placement(tuple(files)))
    assert whole.value == pytest.approx(total, abs=1e-9)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=50)
def test_rules_carry_over_to_the_group(seed):
    problem = tiny(seed)
    for group in split(problem):
        part = group.problem(problem)
        for place, cache in enumerate(group.caches):
            assert part.allowed(place).tolist() == problem.allowed(int(cache))[group.files].tolist()
            assert group.files[part.held[place]].tolist() == problem.held[cache].tolist()
            assert group.files[part.pinned[place]].tolist() == problem.pinned[cache].tolist()
            above = part.parent[place]
            assert (group.caches[above] if above >= 0 else -1) == problem.parent[cache]
