"""A mesh as the kernels take it: demand rows by file, worth by (cache, point), limits by cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Floats, Ints
from fillplan_data.errors import SolverFailure
from fillplan_optimizer.feasibility import forced_files
from fillplan_optimizer.problem import PlacementProblem

Index = npt.NDArray[np.int32]
Flags = npt.NDArray[np.uint8]

ALLOWED, FORCED, FRESH = 1, 2, 4
"""Bits of `Mesh.flag`: may be held, must be held, would have to be filled."""


class Mesh(NamedTuple):
    """C caches, F files, P points, N rows (point, file) with demand; a plain tuple of arrays."""

    start: Ints
    """[F + 1] rows of file f are start[f] .. start[f + 1] - 1."""
    point: Index
    """[N]."""
    weight: Floats
    """[N] bytes requested."""
    worth: Floats
    """[C, P] worth of a byte served to the point from the cache, 0 if it does not ask there."""
    link: Ints
    """[P + 1] point p asks linked[link[p]:link[p + 1]]."""
    linked: Index
    """Caches by falling worth."""
    near: Floats
    """Aligned with `linked`: worth of a byte from that cache, the serve price taken off."""
    size: Ints
    """[F] bytes, divided by what all sizes and limits have in common."""
    storage: Ints
    """[C] in the same unit."""
    budget: Ints
    """[C] fill, in the same unit."""
    cost: Floats
    """[C] fill cost per unit."""
    flag: Flags
    """[C, F]."""
    companion: Index
    """[F] -1 for none."""
    unit: Ints
    """[1] bytes per unit of size."""


def network(problem: PlacementProblem, serve_price: Floats | None = None) -> Mesh:
    """The mesh of a problem; `serve_price` [C] is taken off the worth of every byte that a cache serves.

    Raises SolverFailure if some point's order is not by falling value: then the first holder need not be the
    best, which is what the search builds on.
    """
    points = problem.points
    owner = np.repeat(np.arange(len(points.region)), np.diff(points.start))
    rises = (np.diff(points.value_per_byte) > 0) & (np.diff(owner) == 0)
    if rises.any():
        point = int(owner[np.flatnonzero(rises)[0]])
        raise SolverFailure(f"expected service orders by falling value, found a rise in that of demand point {point}")
    price = 0.0 if serve_price is None else serve_price[points.cache]
    near = np.maximum(points.value_per_byte - price, 0.0)
    order = np.lexsort((-near, owner))
    linked, near = points.cache[order].astype(np.int32), near[order]
    worth = np.zeros((problem.cache_count, len(points.region)))
    worth[linked, owner] = near
    start, point_of, weight = _rows(problem)
    unit = size_unit(problem)
    return Mesh(
        start=start,
        point=point_of,
        weight=weight,
        worth=worth,
        link=points.start.astype(np.int64),
        linked=linked,
        near=near,
        size=problem.size_bytes // unit,
        storage=problem.storage_bytes // unit,
        budget=np.minimum(problem.fill_budget_bytes, problem.storage_bytes) // unit,
        cost=problem.fill_cost_per_byte * unit,
        flag=_flags(problem),
        companion=problem.companion.astype(np.int32),
        unit=np.array([unit], dtype=np.int64),
    )


def size_unit(problem: PlacementProblem) -> int:
    """Bytes that all sizes are multiples of."""
    return int(np.gcd.reduce(problem.size_bytes)) or 1


def _rows(problem: PlacementProblem) -> tuple[Ints, Index, Floats]:
    """Rows by file, then by point."""
    files, owners, weights = [], [], []
    for point in range(len(problem.points.region)):
        if problem.points.start[point] == problem.points.start[point + 1]:
            continue
        demand = problem.point_demand(point)
        index = np.flatnonzero(demand > 0)
        files.append(index.astype(np.int32))
        owners.append(np.full(len(index), point, dtype=np.int32))
        weights.append(demand[index])
    if not files:
        return np.zeros(problem.file_count + 1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0)
    file = np.concatenate(files)
    order = np.argsort(file, kind="stable")
    count = np.bincount(file, minlength=problem.file_count)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return start, np.concatenate(owners)[order], np.concatenate(weights)[order]


def _flags(problem: PlacementProblem) -> Flags:
    flag = np.zeros((problem.cache_count, problem.file_count), dtype=np.uint8)
    companion = problem.companion
    for cache in range(problem.cache_count):
        rule, held, forced = problem.allowed(cache), problem.held_mask(cache), forced_files(problem, cache)
        fits = problem.size_bytes <= problem.storage_bytes[cache]
        fits &= held | (problem.size_bytes <= problem.fill_budget_bytes[cache])
        # a file whose companion is asked for but can never come may not be held either
        stranded = (companion >= 0) & rule[companion] & ~fits[companion]
        may = rule & (forced | (fits & ~stranded))
        flag[cache] = ALLOWED * may + FORCED * forced + FRESH * ~held
    return flag
