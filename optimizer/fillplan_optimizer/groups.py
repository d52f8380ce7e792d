"""Groups: caches that no service order links to others are problems of their own.

In a tree a group is everything below one top parent (only the origin is shared), in a mesh usually the
whole network. Splitting is exact: values and bounds add up. A group holds only indices, so that the
sub-problem, which copies demand rows, exists only while it is being solved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Ints
from fillplan_optimizer.problem import DemandPoints, FilesPerCache, PlacementProblem


@dataclass(frozen=True, eq=False)
class Group:
    """Index maps of one group into the whole problem; all sorted."""

    caches: Ints
    points: Ints
    regions: Ints
    files: Ints
    """Files with demand in the group's regions, or held or pinned in its caches, and their companions."""

    @property
    def pair_count(self) -> int:
        """(cache, file) pairs, the size of the group's program."""
        return len(self.caches) * len(self.files)

    def problem(self, whole: PlacementProblem) -> PlacementProblem:
        """The group as a complete, picklable problem of its own."""
        local = np.full(whole.file_count, -1, dtype=np.int64)
        local[self.files] = np.arange(len(self.files))
        companion = whole.companion[self.files]
        companion = np.where(companion >= 0, local[companion], -1)
        return PlacementProblem(
            cache_ids=tuple(whole.cache_ids[cache] for cache in self.caches),
            file_ids=tuple(map(whole.file_ids.__getitem__, self.files.tolist())),
            size_bytes=whole.size_bytes[self.files],
            title=whole.title[self.files],
            companion=companion,
            storage_bytes=whole.storage_bytes[self.caches],
            fill_budget_bytes=whole.fill_budget_bytes[self.caches],
            serve_limit_bytes=whole.serve_limit_bytes[self.caches],
            fill_cost_per_byte=whole.fill_cost_per_byte[self.caches],
            parent=_local_parent(whole, self.caches),
            points=self._points(whole),
            demand_bytes=whole.demand_bytes[np.ix_(self.regions, self.files)],
            rights=whole.rights[self.caches],
            held=self._local_files(whole.held, local),
            pinned=self._local_files(whole.pinned, local),
            blocked=self._local_files(whole.blocked, local),
        )

    def _points(self, whole: PlacementProblem) -> DemandPoints:
        points = whole.points
        length = np.diff(points.start)[self.points]
        start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        entry = np.repeat(points.start[self.points] - start[:-1], length) + np.arange(start[-1])
        return DemandPoints(
            region=np.searchsorted(self.regions, points.region[self.points]),
            share=points.share[self.points],
            start=start,
            cache=np.searchsorted(self.caches, points.cache[entry]),
            value_per_byte=points.value_per_byte[entry],
        )

    def _local_files(self, files: FilesPerCache, local: Ints) -> FilesPerCache:
        mapped = (local[files[cache]] for cache in self.caches)
        return tuple(index[index >= 0] for index in mapped)


def split(problem: PlacementProblem) -> tuple[Group, ...]:
    """The groups, by their smallest cache; points that ask no cache are in none and are worth 0."""
    label = _labels(problem)
    points = problem.points
    asks = np.diff(points.start) > 0
    first = np.full(len(asks), -1, dtype=np.int64)
    first[asks] = label[points.cache[points.start[:-1][asks]]]
    groups = []
    for name in np.unique(label):
        members, caches = np.flatnonzero(first == name), np.flatnonzero(label == name)
        regions = np.unique(points.region[members])
        groups.append(Group(caches, members, regions, _relevant_files(problem, caches, regions)))
    return tuple(groups)


def _labels(problem: PlacementProblem) -> Ints:
    """[C] the smallest cache that each cache is linked to, through service orders or as child and parent."""
    points = problem.points
    label = np.arange(problem.cache_count)
    owner = np.repeat(np.arange(len(points.region)), np.diff(points.start))
    left = np.concatenate([points.cache[1:][owner[1:] == owner[:-1]], np.flatnonzero(problem.parent >= 0)])
    right = np.concatenate([points.cache[:-1][owner[1:] == owner[:-1]], problem.parent[problem.parent >= 0]])
    while True:
        least = label.copy()
        np.minimum.at(least, left, label[right])
        np.minimum.at(least, right, label[left])
        least = least[least]
        if np.array_equal(least, label):
            return label
        label = least


def _relevant_files(problem: PlacementProblem, caches: Ints, regions: Ints) -> Ints:
    keep: Bools = np.zeros(problem.file_count, dtype=np.bool_)
    for region in regions:
        keep |= problem.demand_bytes[region] > 0
    for cache in caches:
        keep[problem.held[cache]] = True
        keep[problem.pinned[cache]] = True
    companion = problem.companion[keep]
    keep[companion[companion >= 0]] = True
    return np.flatnonzero(keep)


def _local_parent(whole: PlacementProblem, caches: Ints) -> Ints:
    parent = whole.parent[caches]
    place = np.minimum(np.searchsorted(caches, parent), len(caches) - 1)
    inside = (parent >= 0) & (caches[place] == parent)
    return np.where(inside, place, -1)
