"""`PlacementProblem`: everything a solver needs, as numpy arrays; the solver prepares nothing.

Sizes: C caches, F files, T titles, R regions, P demand points. A demand point is a body of clients that
asks caches in a fixed order. In a tree each cache with a region is one point (`region_share` of its
region's demand) and its order is the cache, its parent, its parent's parent; in a mesh (`routes`) each
region is one point and its order is its caches by falling value. Trees are thus a special case, and one
program, one verifier and one set of tests serve both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints

FilesPerCache = tuple[Ints, ...]
"""For each cache the sorted indices of some files."""


@dataclass(frozen=True, eq=False)
class DemandPoints:
    """Who asks whom, and what serving is worth."""

    region: Ints
    """[P] region of each point."""
    share: Floats
    """[P] part of the region's demand that this point stands for, 0 to 1."""
    start: Ints
    """[P + 1] point p asks `cache[start[p]:start[p + 1]]`, in that order."""
    cache: Ints
    """Caches asked, the nearest first; what none of them holds comes from the origin, worth 0."""
    value_per_byte: Floats
    """Worth of one byte served to this point from that cache instead of from the origin."""


@dataclass(frozen=True, eq=False)
class Ruled:
    """What a policy made of a problem (see `rules`); limits and pins of the problem have it in them."""

    name: str
    notes: tuple[str, ...]
    """What could not be had in full."""
    reserve_bytes: Ints
    """[C] storage set aside."""
    floor: FilesPerCache
    """Pins of the floor."""
    launches: FilesPerCache
    """Pins of launches."""


@dataclass(frozen=True, eq=False)
class PlacementProblem:
    """A complete placement problem; see FORMULATION.md for the program it states."""

    cache_ids: tuple[str, ...]
    file_ids: tuple[str, ...]
    size_bytes: Ints
    """[F] > 0."""
    title: Ints
    """[F] title of each file, 0 .. T - 1."""
    companion: Ints
    """[F] the file that a cache must also hold if it holds this one (a video's main audio), -1 for none."""
    storage_bytes: Ints
    """[C]."""
    fill_budget_bytes: Ints
    """[C] bytes that tonight's window lets in."""
    serve_limit_bytes: Floats
    """[C] bytes that a cache can serve over the horizon, inf without a limit."""
    fill_cost_per_byte: Floats
    """[C]."""
    parent: Ints
    """[C] index of the parent, -1 for the origin. Used for groups and fill sources."""
    points: DemandPoints
    demand_bytes: Floats
    """[R, F] bytes requested over the horizon by each region, >= 0."""
    rights: Bools
    """[C, T] whether the title is open in the horizon in some region served by the cache or one below."""
    held: FilesPerCache
    """What each cache holds now (files unknown to the catalogue left out)."""
    pinned: FilesPerCache
    """Files that must be held, with block and rights already applied (block > rights > pin)."""
    blocked: FilesPerCache
    """Files that must not be held."""
    ruled: Ruled | None = None
    """None without a policy, under the neutral one, and in the problem of a group."""

    @property
    def cache_count(self) -> int:
        """C."""
        return len(self.cache_ids)

    @property
    def file_count(self) -> int:
        """F."""
        return len(self.file_ids)

    @cached_property
    def requested_bytes(self) -> float:
        """All regions' demand over the horizon, whether or not a cache stands there."""
        return float(self.demand_bytes.sum())

    def allowed(self, cache: int) -> Bools:
        """[F] files that `cache` may hold: rights open and not blocked."""
        mask: Bools = self.rights[cache][self.title]
        mask[self.blocked[cache]] = False
        return mask

    def held_mask(self, cache: int) -> Bools:
        """[F] files that `cache` holds now."""
        mask = np.zeros(self.file_count, dtype=np.bool_)
        mask[self.held[cache]] = True
        return mask

    def point_demand(self, point: int) -> Floats:
        """[F] bytes requested over the horizon by one demand point."""
        demand: Floats = self.demand_bytes[self.points.region[point]] * self.points.share[point]
        return demand

    def options(self, point: int) -> tuple[Ints, Floats]:
        """The caches that a point asks, in order, and the worth of one byte from each."""
        cut = slice(int(self.points.start[point]), int(self.points.start[point + 1]))
        return self.points.cache[cut], self.points.value_per_byte[cut]
