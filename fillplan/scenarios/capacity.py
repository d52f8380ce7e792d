"""Overrides of caches: out of service, other sizes and rates, one more cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from fillplan.scenarios.faults import Misfit, nearest, refuse_misfits
from fillplan.scenarios.kinds import Capacity, NewCache, Offline
from fillplan.scenarios.select import rows_where
from fillplan.scenarios.world import Outage, World, at_rows, below

_WHOLE = frozenset({"storage_bytes"})
_OF_TREES = ("region", "region_share", "value_per_gb")
"""Columns in whose place a mesh has its routes."""
_OF_NEW_CACHE = (
    *("parent_id", "region", "region_share", "storage_bytes", "fill_rate_bps"),
    *("fill_hours", "serve_rate_bps", "value_per_gb", "fill_cost_per_gb"),
)


def take_offline(world: World, override: Offline) -> World:
    """Note the outage; the problem is changed when it is built."""
    caches = world.tables.caches
    out = frozenset(caches["cache_id"][rows_where(caches, override.where)])
    return replace(world, outages=(*world.outages, Outage(out, override.demand)))


def change_capacity(world: World, override: Capacity) -> World:
    """Scale or set a column of caches. A blank (no limit, no cost) scaled stays blank."""
    caches = world.tables.caches
    mask = rows_where(caches, override.where)
    column = str(override.column)
    if len(world.tables.routes) and column in _OF_TREES:
        raise _without_effect("column", column)
    if override.scale is not None:
        values = caches[column].to_numpy(np.float64)[mask] * override.scale
    else:
        values = np.full(int(mask.sum()), override.set, dtype=np.float64)
    if column in _WHOLE:
        values = np.floor(values + 0.5).astype(np.int64)
    return world.with_tables(caches=at_rows(caches, mask, {column: values}))


def add_cache(world: World, override: NewCache) -> World:
    """One more cache, empty, like another; in a mesh on the other's routes."""
    tables, ids = world.tables, list(world.tables.caches["cache_id"])
    refuse_misfits(list(_strangers(world, override, ids)))
    row = tables.caches[tables.caches["cache_id"] == override.like].assign(cache_id=override.cache_id)
    given = {name: getattr(override, name) for name in _OF_NEW_CACHE}
    row = row.assign(**{name: value for name, value in given.items() if value is not None})
    caches = tables.caches
    if override.share_from == "siblings" and not len(tables.routes):
        caches = _with_room(caches, str(row["region"].iloc[0]), float(row["region_share"].fillna(0.0).iloc[0]))
    routes = tables.routes[tables.routes["cache_id"] == override.like].assign(cache_id=override.cache_id)
    return world.with_tables(caches=below(caches, row), routes=below(tables.routes, routes))


def _without_effect(key: str, found: str) -> Misfit:
    remedy = "leave it: in a mesh `routes` say who asks whom, and what a byte is worth"
    return Misfit((key,), "what counts in a mesh", found, remedy)


def _strangers(world: World, override: NewCache, ids: list[str]) -> Iterator[Misfit]:
    """Ids of the override that are taken already, or that nobody knows; in a mesh also what would change nothing."""
    given = [name for name in _OF_TREES if getattr(override, name) is not None]
    yield from (_without_effect(name, str(getattr(override, name))) for name in given if len(world.tables.routes))
    if override.cache_id in ids:
        yield Misfit(("cache_id",), "an id not yet taken", override.cache_id, "choose another")
    if override.like not in ids:
        yield Misfit(("like",), "a cache_id", override.like, nearest(override.like, ids, "caches"))
    if override.parent_id and override.parent_id not in ids:
        yield Misfit(("parent_id",), "a cache_id or blank", override.parent_id, nearest(override.parent_id, ids))
    if override.region and override.region not in world.regions:
        yield Misfit(("region",), "a region", override.region, nearest(override.region, list(world.regions)))


def _with_room(caches: pd.DataFrame, region: str, share: float) -> pd.DataFrame:
    """The region's caches with shares lowered in proportion, so that `share` comes from them alone."""
    members = (caches["region"] == region).to_numpy()
    total = float(caches.loc[members, "region_share"].sum())
    if not region or total <= 0:
        return caches
    left = max(total - share, 0.0) / total
    return at_rows(caches, members, {"region_share": caches.loc[members, "region_share"].to_numpy() * left})
