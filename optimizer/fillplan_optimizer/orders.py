"""Service orders seen from the caches: who asks a cache, and at which place of its order."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_optimizer.problem import PlacementProblem


def positions(problem: PlacementProblem) -> Ints:
    """Position within its point's order of every entry of `points.cache`."""
    points = problem.points
    place: Ints = np.arange(len(points.cache)) - np.repeat(points.start[:-1], np.diff(points.start))
    return place


def farthest_position(problem: PlacementProblem) -> Ints:
    """[C] largest position at which any point asks a cache; in a tree it grows from child to parent."""
    farthest = np.zeros(problem.cache_count, dtype=np.int64)
    np.maximum.at(farthest, problem.points.cache, positions(problem))
    return farthest


def askers(problem: PlacementProblem) -> list[list[tuple[int, int]]]:
    """Per cache the (point, position) pairs that ask it."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(problem.cache_count)]
    owner = np.repeat(np.arange(len(problem.points.region)), np.diff(problem.points.start))
    for point, position, cache in zip(owner, positions(problem), problem.points.cache, strict=True):
        found[cache].append((int(point), int(position)))
    return found
