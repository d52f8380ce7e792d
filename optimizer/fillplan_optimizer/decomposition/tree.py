"""`Tree`: one group of caches as the nodes of a tree, parents before children."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.feasibility import forced_files
from fillplan_optimizer.problem import FilesPerCache, PlacementProblem


@dataclass(frozen=True, eq=False)
class Tree:
    """Node 0 is the root; a cache by itself stands under an empty root, which has no cache and holds nothing."""

    problem: PlacementProblem
    cache: Ints
    """[N] cache of each node, -1 for an empty root."""
    parent: Ints
    """[N] node of the parent, -1 at the root."""
    points: FilesPerCache
    """Per node the demand points whose nearest cache it is."""
    value: Floats
    """[N] most that a byte served from the node is worth to any point."""
    storage: Floats
    """[N] bytes."""
    fill: Floats
    """[N] bytes."""
    serve: Floats
    """[N] bytes, inf without a limit."""
    cost: Floats
    """[N] fill cost per byte."""
    allowed: Bools
    """[N, F] pairs that may be held and can fit."""
    held: Bools
    """[N, F] pairs held now, whether or not they may stay."""
    pinned: Bools
    """[N, F] pairs that must be held, with the companions that they bring."""

    @property
    def node_count(self) -> int:
        """N."""
        return len(self.cache)

    @property
    def file_count(self) -> int:
        """F."""
        return self.problem.file_count

    @cached_property
    def size(self) -> Floats:
        """[F] bytes."""
        return self.problem.size_bytes.astype(np.float64)

    @property
    def companion(self) -> Ints:
        """[F] companion of each file, -1 for none."""
        return self.problem.companion

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Per node its children."""
        below: list[list[int]] = [[] for _ in range(self.node_count)]
        for node in range(1, self.node_count):
            below[self.parent[node]].append(node)
        return tuple(tuple(nodes) for nodes in below)

    @cached_property
    def chains(self) -> tuple[tuple[int, ...], ...]:
        """Per node the way from the root to the node itself."""
        chains: list[tuple[int, ...]] = []
        for node, parent in enumerate(self.parent):
            chains.append((*(chains[parent] if parent >= 0 else ()), node))
        return tuple(chains)

    def demand(self, node: int) -> Floats:
        """[F] bytes that the clients nearest to a node request."""
        total = np.zeros(self.file_count)
        for point in self.points[node]:
            total += self.problem.point_demand(int(point))
        return total

    def reach(self, node: int) -> Floats:
        """[F] bytes that a node serves if it alone holds a file: its own clients' and those below."""
        total = self.demand(node)
        for child in self.children[node]:
            total += self.reach(child)
        return total

    def worth(self, point: int) -> Floats:
        """[N] worth to a point of a byte from each node; 0 where it does not ask."""
        caches, values = self.problem.options(point)
        worth = np.zeros(self.problem.cache_count)
        worth[caches] = values
        return np.where(self.cache >= 0, worth[self.cache], 0.0)

    def asks(self, point: int) -> Bools:
        """[N] nodes whose cache a point asks."""
        return (self.cache >= 0) & np.isin(self.cache, self.problem.options(point)[0])

    @cached_property
    def two_tiers(self) -> bool:
        """Whether the compiled kernels fit: edges under the root, one point each, one worth per cache."""
        if (self.parent[1:] != 0).any() or any(len(points) > 1 for points in self.points):
            return False
        for node, points in enumerate(self.points):
            chain = np.array([above for above in self.chains[node] if self.cache[above] >= 0])
            for point in points:
                caches, values = self.problem.options(int(point))
                expected = self.cache[chain[::-1]].tolist()
                if caches.tolist() != expected or (values != self.value[chain[::-1]]).any():
                    return False
        return True


def read_tree(problem: PlacementProblem) -> Tree | None:
    """The tree of a group; None where a demand point asks a cache that is not above its nearest one."""
    ordered = _parents_first(problem.parent)
    alone = len(ordered) == 1
    caches = np.array([-1, *ordered] if alone else ordered, dtype=np.int64)
    node_of = np.full(problem.cache_count + 1, -1, dtype=np.int64)
    node_of[caches[caches >= 0]] = np.flatnonzero(caches >= 0)
    found = _points(problem)
    if found is None or (problem.parent < 0).sum() != 1:
        return None
    points, value = found
    real = caches >= 0
    tree = Tree(
        problem=problem,
        cache=caches,
        parent=np.array([-1, 0]) if alone else node_of[problem.parent[caches]],
        points=tuple(np.array(points[cache] if cache >= 0 else [], dtype=np.int64) for cache in caches),
        value=np.where(real, value[caches], 0.0),
        storage=np.where(real, problem.storage_bytes[caches], 0).astype(np.float64),
        fill=np.where(real, problem.fill_budget_bytes[caches], 0).astype(np.float64),
        serve=np.where(real, problem.serve_limit_bytes[caches], np.inf),
        cost=np.where(real, problem.fill_cost_per_byte[caches], 0.0),
        **_masks(problem, caches),
    )
    for node in range(tree.node_count):
        tree.allowed[node] &= ~_cannot_fit(tree, node)
    return tree


def _parents_first(parent: Ints) -> list[int]:
    depth = np.zeros(len(parent), dtype=np.int64)
    above = parent.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parent[above], -1)
    return [int(cache) for cache in np.argsort(depth, kind="stable")]


def _points(problem: PlacementProblem) -> tuple[list[list[int]], Floats] | None:
    """Per cache its points, and the most that a byte from it is worth; None if an order leaves the tree."""
    points: list[list[int]] = [[] for _ in range(problem.cache_count)]
    value = np.zeros(problem.cache_count)
    for index in range(len(problem.points.region)):
        caches, values = problem.options(index)
        if not len(caches):
            continue
        above, place = int(caches[0]), 0
        while above >= 0:
            if place < len(caches) and caches[place] == above:
                place += 1
            above = int(problem.parent[above])
        if place < len(caches):
            return None
        points[caches[0]].append(index)
        value[caches] = np.maximum(value[caches], values)
    return points, value


def _masks(problem: PlacementProblem, caches: Ints) -> dict[str, Bools]:
    """[N, F] allowed, held, pinned."""
    allowed, held, pinned = (np.zeros((len(caches), problem.file_count), dtype=np.bool_) for _ in range(3))
    for node, cache in enumerate(caches):
        if cache < 0:
            continue
        allowed[node] = problem.allowed(int(cache))
        held[node] = problem.held_mask(int(cache))
        pinned[node] = forced_files(problem, int(cache))
    return {"allowed": allowed, "held": held, "pinned": pinned}


def _cannot_fit(tree: Tree, node: int) -> Bools:
    """[F] files that do not fit, with the companion they would bring, beside what is pinned.

    Leaving them out costs no plan anything and keeps fractions of them out of the bound.
    """
    size, pinned = tree.size, tree.pinned[node]
    fresh = np.where(tree.held[node], 0.0, size)
    brings = tree.companion >= 0
    brings[brings] = (tree.allowed[node] & ~pinned)[tree.companion[brings]]
    too_big = np.zeros(tree.file_count, dtype=np.bool_)
    for need, limit in ((size, tree.storage[node]), (fresh, tree.fill[node])):
        total = need.copy()
        total[brings] += need[tree.companion[brings]]
        too_big |= total > limit - need[pinned].sum()
    return too_big & ~pinned
