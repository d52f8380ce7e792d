"""One outage after the other on a plan as it stands: what is lost, who takes over, who would be over its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from fillplan.scenarios.outages import emptied, without
from fillplan.scenarios.world import Outage
from fillplan_data.arrays import Bools, Floats
from fillplan_data.tables import Tables
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value, serve

What = Literal["caches", "parents", "regions", "all"]
KINDS: tuple[What, ...] = ("caches", "parents", "regions", "all")


@dataclass(frozen=True)
class Failure:
    """What fails together."""

    name: str
    kind: Literal["cache", "parent", "region"]
    cache_ids: frozenset[str]


@dataclass(frozen=True, eq=False)
class Effect:
    """A failure's effect on the plan of one group as it stands; bytes and worth over the horizon, [C] each."""

    served_before: Floats
    served_after: Floats
    over_bytes: Floats
    """What would be asked of a cache beyond its serve limit, and more than without the failure."""
    lost_value: float
    """Worth of served bytes lost; tonight's fill was paid before the outage."""
    left_value: float
    """Value of the plan without the failed caches and without their fill: what planning anew is set against."""

    @property
    def lost_bytes(self) -> float:
        """Bytes that the origin must serve in addition."""
        return float(self.served_before.sum() - self.served_after.sum())


def failures(tables: Tables, what: What) -> list[Failure]:
    """Each cache that is no parent, each parent, the caches of each region; in that order of the caches table."""
    caches, parents = tables.caches, set(tables.caches["parent_id"]) - {""}
    found = [
        Failure(cache_id, "parent" if cache_id in parents else "cache", frozenset([cache_id]))
        for cache_id in caches["cache_id"]
    ]
    served = tables.routes if len(tables.routes) else caches[caches["region"] != ""]
    found += [Failure(str(region), "region", frozenset(rows["cache_id"])) for region, rows in served.groupby("region")]
    return [failure for failure in found if what in ("all", f"{failure.kind}s")]


def effect(problem: PlacementProblem, placement: Placement, cache_ids: frozenset[str]) -> Effect:
    """Serve a group's demand with some caches emptied; nothing is planned anew."""
    out = _mask(problem, cache_ids)
    failed = without(problem, [Outage(cache_ids, "parent")])
    left = Placement(emptied(placement.files, out))
    before, after = wanted_bytes(problem, placement), wanted_bytes(failed, left)
    limit = problem.serve_limit_bytes
    more = after > before * (1 + 1e-9)
    return Effect(
        served_before=serve(problem, placement).cache_bytes,
        served_after=serve(failed, left).cache_bytes,
        over_bytes=np.where(more & ~out & np.isfinite(limit), np.maximum(after - limit, 0.0), 0.0),
        lost_value=serve(problem, placement).total_worth - serve(failed, left).total_worth,
        left_value=net_value(failed, left),
    )


def wanted_bytes(problem: PlacementProblem, placement: Placement) -> Floats:
    """[C] bytes that would be asked of each cache if it had no serve limit."""
    free = replace(problem, serve_limit_bytes=np.full(problem.cache_count, np.inf))
    return serve(free, placement).cache_bytes


def nearest_caches(problem: PlacementProblem) -> list[frozenset[str]]:
    """Each cache that some clients ask first, alone."""
    points = problem.points
    asks = np.diff(points.start) > 0
    return [frozenset([problem.cache_ids[cache]]) for cache in np.unique(points.cache[points.start[:-1][asks]])]


def values_in(problem: PlacementProblem, placement: Placement, outages: Sequence[frozenset[str]]) -> Floats:
    """[outages] value of a placement in each outage, the whole fill paid."""
    fill_cost = serve(problem, placement).total_worth - net_value(problem, placement)
    worth = []
    for cache_ids in outages:
        failed = without(problem, [Outage(cache_ids, "parent")])
        worth.append(serve(failed, Placement(emptied(placement.files, _mask(problem, cache_ids)))).total_worth)
    return np.array(worth) - fill_cost


def _mask(problem: PlacementProblem, cache_ids: frozenset[str]) -> Bools:
    mask: Bools = np.isin(np.array(problem.cache_ids, dtype=object), list(cache_ids))
    return mask
