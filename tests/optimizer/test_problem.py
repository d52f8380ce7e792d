"""What a problem says of its caches and its demand points, on two caches by hand."""

import numpy as np
import pytest

from fillplan_optimizer.problem import DemandPoints, PlacementProblem


@pytest.fixture
def problem() -> PlacementProblem:
    """Files 0 and 1 are of title 0, file 2 of title 1; the second cache stands below the first."""
    nothing = np.zeros(0, dtype=np.int64)
    points = DemandPoints(
        region=np.array([1, 0]),
        share=np.array([0.5, 1.0]),
        start=np.array([0, 2, 3]),
        cache=np.array([1, 0, 0]),
        value_per_byte=np.array([3.0, 2.0, 1.0]),
    )
    return PlacementProblem(
        cache_ids=("mid", "edge"),
        file_ids=("x", "y", "z"),
        size_bytes=np.array([1, 2, 3]),
        title=np.array([0, 0, 1]),
        companion=np.array([1, -1, -1]),
        storage_bytes=np.array([9, 9]),
        fill_budget_bytes=np.array([9, 9]),
        serve_limit_bytes=np.array([np.inf, np.inf]),
        fill_cost_per_byte=np.zeros(2),
        parent=np.array([-1, 0]),
        points=points,
        demand_bytes=np.array([[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]]),
        rights=np.array([[True, False], [True, True]]),
        held=(np.array([2]), nothing),
        pinned=(nothing, nothing),
        blocked=(np.array([1]), np.array([0, 2])),
    )


def test_files_are_allowed_where_rights_are_open_and_nothing_blocks_them(problem: PlacementProblem) -> None:
    assert problem.allowed(0).tolist() == [True, False, False]
    assert problem.allowed(1).tolist() == [False, True, False]
    assert problem.rights.tolist() == [[True, False], [True, True]], "asking changes nothing"


def test_what_is_held_as_a_mask(problem: PlacementProblem) -> None:
    assert [problem.held_mask(cache).tolist() for cache in range(2)] == [[False, False, True], [False] * 3]


def test_a_point_asks_its_part_of_its_regions_demand_of_its_caches_in_order(problem: PlacementProblem) -> None:
    assert [problem.point_demand(point).tolist() for point in range(2)] == [[5, 10, 20], [1, 2, 4]]
    told = [tuple(part.tolist() for part in problem.options(point)) for point in range(2)]
    assert told == [([1, 0], [3.0, 2.0]), ([0], [1.0])]


def test_sizes_and_all_that_is_requested(problem: PlacementProblem) -> None:
    assert (problem.cache_count, problem.file_count, problem.requested_bytes) == (2, 3, 77.0)
