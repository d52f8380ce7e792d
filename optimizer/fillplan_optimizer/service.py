"""What a placement serves: the canonical routing of every demand point's bytes through its caches.

A point's demand for a file goes to the first cache in the point's order that holds it. What is over a
cache's serve limit goes on to the next holder in the order, within that one's own limit, else to the
origin. Which bytes a limited cache passes on is the plan's choice: those that lose the least worth here
and now, and within a class of equal loss every flow by the same proportion.

In trees of two tiers where a parent's byte is worth no more than a child's this is the best routing of the
given placement: an edge passes on a fixed number of bytes, each costs the edge's worth, and the parent's
share is as large as it can be because bytes that the parent holds go first. In deeper trees and in meshes
with limits it is a good routing, and the one that every solver and the verifier agree on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.orders import askers, farthest_position
from fillplan_optimizer.problem import FilesPerCache, PlacementProblem
from fillplan_optimizer.result import Placement

_ROUNDS_PER_CACHE = 50
"""Rounds of relief per cache in a mesh before what is still over a limit goes straight to the origin."""

_ROUNDING = 1e-12
"""Part of an excess by which a class may surpass it and still goes on whole: a limit of 0 leaves no crumbs."""


@dataclass(frozen=True, eq=False)
class Service:
    """Bytes served and their worth, per cache and held file."""

    served_bytes: tuple[Floats, ...]
    """Per cache, aligned with the placement's files: bytes that this cache serves of the file."""
    worth: tuple[Floats, ...]
    """The same bytes in units of worth (fill cost not taken off)."""

    @cached_property
    def cache_bytes(self) -> Floats:
        """[C] bytes served by each cache."""
        return np.array([served.sum() for served in self.served_bytes], dtype=np.float64)

    @cached_property
    def cache_worth(self) -> Floats:
        """[C] worth of the bytes served by each cache."""
        return np.array([worth.sum() for worth in self.worth], dtype=np.float64)

    @property
    def total_bytes(self) -> float:
        """Bytes that come from any cache."""
        return float(self.cache_bytes.sum())

    @property
    def total_worth(self) -> float:
        """Worth of all bytes that come from caches."""
        return float(self.cache_worth.sum())


def serve(problem: PlacementProblem, placement: Placement) -> Service:
    """Route all demand through a placement; files per cache must be sorted, unique and in range.

    Memory: one vector [F] at a time while no limit binds; else the flows of the caches over their limit.
    """
    routing = _Routing(problem, placement.files)
    for point in range(len(problem.points.region)):
        routing.send(point)
    routing.relieve()
    return Service(tuple(routing.served), tuple(routing.worth))


def net_value(problem: PlacementProblem, placement: Placement) -> float:
    """Worth of the served bytes minus the cost of filling what is not held yet."""
    fill = [
        int(problem.size_bytes[files[~problem.held_mask(cache)[files]]].sum())
        for cache, files in enumerate(placement.files)
    ]
    return serve(problem, placement).total_worth - float((problem.fill_cost_per_byte * fill).sum())


@dataclass(frozen=True, eq=False)
class _Flow:
    """Bytes of one demand point that stand at one cache."""

    point: int
    position: int
    """Of the cache in the point's order."""
    file: Ints
    load_bytes: Floats


class _Routing:
    """Where every byte stands: first without limits, then relieved cache by cache."""

    def __init__(self, problem: PlacementProblem, files: FilesPerCache) -> None:
        self.problem = problem
        self.files = files
        self.served: list[Floats] = [np.zeros(len(held)) for held in files]
        self.worth: list[Floats] = [np.zeros(len(held)) for held in files]
        self._masks: dict[int, Bools] = {}
        self._flows: dict[int, list[_Flow]] = {}
        self._inbox: dict[int, list[_Flow]] = defaultdict(list)

    def send(self, point: int) -> None:
        """Give a point's demand to the first holders, limits aside."""
        left = self.problem.point_demand(point)
        for cache, value in zip(*self.problem.options(point), strict=True):
            held = self.files[cache]
            load = left[held]
            self.served[cache] += load
            self.worth[cache] += value * load
            left[held] = 0.0

    def relieve(self) -> None:
        """Pass on what is over the limits; in trees each cache is met once, after all that ask through it."""
        limit = self.problem.serve_limit_bytes
        load = np.array([served.sum() for served in self.served])
        tolerance = _ROUNDING * np.where(np.isfinite(limit), limit, 0.0) + 1e-6
        if not (load > limit + tolerance).any():
            return
        rank = farthest_position(self.problem)
        asked_by = askers(self.problem)
        rounds = 0
        while (over := np.flatnonzero(load > limit + tolerance)).size:
            cache = int(over[np.lexsort((over, rank[over]))[0]])
            if cache not in self._flows:
                self._flows[cache] = [self._direct(*asker) for asker in asked_by[cache]]
            rounds += 1
            onward = rounds <= _ROUNDS_PER_CACHE * self.problem.cache_count
            for touched in {cache, *self._pass_on(cache, float(load[cache] - limit[cache]), onward)}:
                load[touched] = self.served[touched].sum()

    def _direct(self, point: int, position: int) -> _Flow:
        """The flow that reaches a cache because no nearer cache holds the file."""
        caches, _ = self.problem.options(point)
        files = self.files[caches[position]]
        demand = self.problem.point_demand(point)[files]
        keep = demand > 0
        for nearer in caches[:position]:
            keep &= ~self._mask(nearer)[files]
        return _Flow(point, position, files[keep], demand[keep])

    def _pass_on(self, cache: int, excess: float, onward: bool) -> set[int]:
        """Move `excess` bytes from a cache to the next holders; returns the caches that received any."""
        flows = [flow for flow in self._flows[cache] + self._inbox.pop(cache, []) if flow.file.size]
        targets = [self._next_holder(flow, onward) for flow in flows]
        losses = [self._values(flow)[flow.position] - value for flow, (_, value) in zip(flows, targets, strict=True)]
        passed = _pass_least_loss(losses, [flow.load_bytes for flow in flows], excess)
        touched: set[int] = set()
        stay = []
        for flow, (target, _), moved in zip(flows, targets, passed, strict=True):
            for position in np.unique(target[(target >= 0) & (moved > 0)]):
                part = (target == position) & (moved > 0)
                touched.add(self._arrive(_Flow(flow.point, int(position), flow.file[part], moved[part])))
            rest = flow.load_bytes - moved
            stay.append(_Flow(flow.point, flow.position, flow.file[rest > 0], rest[rest > 0]))
        self._flows[cache] = stay
        # booked anew, for taking away what was added in another order leaves crumbs below zero
        self.served[cache][:] = self.worth[cache][:] = 0.0
        for flow in stay:
            self._book(flow)
        return touched

    def _arrive(self, flow: _Flow) -> int:
        self._book(flow)
        cache = int(self.problem.options(flow.point)[0][flow.position])
        self._inbox[cache].append(flow)
        return cache

    def _book(self, flow: _Flow) -> None:
        caches, values = self.problem.options(flow.point)
        cache = caches[flow.position]
        place = np.searchsorted(self.files[cache], flow.file)
        self.served[cache][place] += flow.load_bytes  # the files of a flow are unique
        self.worth[cache][place] += values[flow.position] * flow.load_bytes

    def _next_holder(self, flow: _Flow, onward: bool) -> tuple[Ints, Floats]:
        """Position in the point's order of the next holder (-1: origin) of each file, and its value."""
        caches, values = self.problem.options(flow.point)
        target = np.full(flow.file.size, -1, dtype=np.int64)
        value = np.zeros(flow.file.size)
        for position in range(len(caches) - 1, flow.position, -1) if onward else ():
            holds = self._mask(caches[position])[flow.file]
            target[holds] = position
            value[holds] = values[position]
        return target, value

    def _values(self, flow: _Flow) -> Floats:
        return self.problem.options(flow.point)[1]

    def _mask(self, cache: int) -> Bools:
        if cache not in self._masks:
            mask = np.zeros(self.problem.file_count, dtype=np.bool_)
            mask[self.files[cache]] = True
            self._masks[cache] = mask
        return self._masks[cache]


def _pass_least_loss(losses: Sequence[Floats], loads: Sequence[Floats], excess: float) -> list[Floats]:
    """Bytes to pass on per flow entry: whole classes by rising loss, the last class in proportion."""
    if not loads:
        return []
    load = np.concatenate(loads)
    classes, member = np.unique(np.concatenate(losses), return_inverse=True)
    in_class = np.bincount(member, weights=load, minlength=len(classes))
    before = np.cumsum(in_class) - in_class
    part = np.clip((excess - before) / np.where(in_class > 0, in_class, 1.0), 0.0, 1.0)
    part[before + in_class <= excess * (1 + _ROUNDING)] = 1.0
    return np.split(load * part[member], np.cumsum([len(entry) for entry in loads])[:-1])
