"""Caches out of service, in a placement problem: they hold, fill and serve nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fillplan.scenarios.world import Outage, Steering
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.problem import DemandPoints, FilesPerCache, PlacementProblem


def without(problem: PlacementProblem, outages: Sequence[Outage]) -> PlacementProblem:
    """The problem with the outages' caches empty and closed, and their clients sent where each outage says.

    `parent`: the clients ask on along their order, which leads past the closed cache. `siblings`: their share goes
    to the region's other caches in proportion to theirs (to the next in order where there are none). `origin`: they
    ask nobody. In a mesh, whose regions ask all their caches in order, `siblings` is what `parent` is.
    """
    for outage in outages:
        out = np.isin(np.array(problem.cache_ids, dtype=object), list(outage.cache_ids))
        problem = _closed(problem, out)
        problem = replace(problem, points=steered(problem, out, outage.demand))
    return problem


def _closed(problem: PlacementProblem, out: Bools) -> PlacementProblem:
    return replace(
        problem,
        storage_bytes=np.where(out, 0, problem.storage_bytes),
        fill_budget_bytes=np.where(out, 0, problem.fill_budget_bytes),
        serve_limit_bytes=np.where(out, 0.0, problem.serve_limit_bytes),
        rights=problem.rights & ~out[:, None],
        held=emptied(problem.held, out),
        pinned=emptied(problem.pinned, out),
        blocked=emptied(problem.blocked, out),
    )


def emptied(files: FilesPerCache, out: Bools) -> FilesPerCache:
    """Files per cache, none at the caches that are out."""
    return tuple(held[:0] if gone else held for held, gone in zip(files, out, strict=True))


def steered(problem: PlacementProblem, out: Bools, demand: Steering) -> DemandPoints:
    """Demand points after the outage."""
    points = problem.points
    if demand == "parent":
        return points
    nearest = _nearest(points)
    gone = (nearest >= 0) & out[nearest]
    if demand == "origin":
        return _asking_nobody(points, gone)
    return replace(points, share=_moved_shares(points, gone, nearest))


def _nearest(points: DemandPoints) -> Ints:
    """[P] the first cache that each point asks, -1 for none."""
    asks = np.diff(points.start) > 0
    nearest = np.full(len(asks), -1, dtype=np.int64)
    nearest[asks] = points.cache[points.start[:-1][asks]]
    return nearest


def _moved_shares(points: DemandPoints, gone: Bools, nearest: Ints) -> Floats:
    share: Floats = points.share.copy()
    for region in np.unique(points.region[gone]):
        here = points.region == region
        takers = here & ~gone & (nearest >= 0)
        total = points.share[takers].sum()
        if total > 0:
            lost = points.share[here & gone].sum()
            share[takers] *= (total + lost) / total
            share[here & gone] = 0.0
    return share


def _asking_nobody(points: DemandPoints, gone: Bools) -> DemandPoints:
    length = np.diff(points.start)
    kept = np.repeat(~gone, length)
    start = np.concatenate(([0], np.cumsum(np.where(gone, 0, length)))).astype(np.int64)
    return replace(points, start=start, cache=points.cache[kept], value_per_byte=points.value_per_byte[kept])
