"""From tables and demand to the optimizer's door: `build_problem` gives a complete PlacementProblem."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from fillplan.settings import PlanSettings
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.declarations import PICTURES
from fillplan_data.lookup import positions
from fillplan_data.rights import open_days
from fillplan_data.tables import Tables
from fillplan_data.units import BYTES_PER_GB
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.problem import DemandPoints, FilesPerCache, PlacementProblem
from fillplan_optimizer.rules import Catalogue, ruled

ORIGIN = -1
SECONDS_PER_DAY = 86_400


def build_problem(tables: Tables, demand: AssetDemand, plan_date: date, settings: PlanSettings) -> PlacementProblem:
    """The placement problem of one night.

    demand: bytes per region and asset, assets in the order of `tables.assets`. All rules that need the tables
    are applied here (rights, precedence block > rights > pin > companion, main audio), so that a solver
    needs nothing else. The settings' policy is applied last.
    """
    caches, assets = tables.caches, tables.assets
    title_ids = pd.Index(tables.titles["title_id"])
    title = title_ids.get_indexer(assets["title_id"])
    parent = pd.Index(caches["cache_id"]).get_indexer(caches["parent_id"])
    rights = _rights(tables, demand.regions, parent, plan_date, settings.horizon_days)
    blocked = _rule(tables, "block")
    allowed = rights[:, title] & ~blocked
    size_bytes = assets["size_bytes"].to_numpy(np.int64)
    problem = PlacementProblem(
        cache_ids=tuple(caches["cache_id"]),
        file_ids=tuple(assets["asset_id"]),
        size_bytes=size_bytes,
        title=title,
        companion=_companions(tables, title, demand.expected_bytes.sum(axis=0)),
        storage_bytes=caches["storage_bytes"].to_numpy(np.int64),
        fill_budget_bytes=fill_budget_bytes(caches),
        serve_limit_bytes=serve_limit_bytes(caches, settings),
        fill_cost_per_byte=caches["fill_cost_per_gb"].fillna(0.0).to_numpy(np.float64) / BYTES_PER_GB,
        parent=parent,
        points=_demand_points(tables, demand.regions, parent),
        demand_bytes=demand.expected_bytes,
        rights=rights,
        held=_inventory(tables),
        pinned=_per_cache(_rule(tables, "pin") & allowed),
        blocked=_per_cache(blocked),
    )
    if settings.policy.is_neutral:
        return problem
    return ruled(problem, settings.policy, _catalogue(tables, demand, title, plan_date, settings.horizon_days))


def _catalogue(tables: Tables, demand: AssetDemand, title: Ints, plan_date: date, horizon_days: int) -> Catalogue:
    """Lowest rung of each title (muxed: in its original language, else the most requested; ties: smallest id), and
    where titles open within the horizon.
    """
    assets = tables.assets
    plays = assets["kind"].isin(PICTURES).to_numpy()
    original = tables.titles["original_language"].to_numpy()[title]
    rungs = pd.DataFrame(
        {
            "file": np.arange(len(assets)),
            "title": title,
            "bitrate": assets["bitrate_kbps"].to_numpy(np.float64, na_value=np.inf),
            "other": (assets["kind"] == "muxed").to_numpy() & (assets["language"].to_numpy() != original),
            "rank": -demand.expected_bytes.sum(axis=0),
            "asset_id": assets["asset_id"].to_numpy(),
        }
    )[plays]
    lowest = rungs.sort_values(["title", "bitrate", "other", "rank", "asset_id"]).drop_duplicates("title")
    lowest_rung = np.full(len(tables.titles), -1, dtype=np.int64)
    lowest_rung[lowest["title"]] = lowest["file"]
    is_open = open_days(tables, demand.regions, tables.titles["title_id"], plan_date, horizon_days)
    return Catalogue(lowest_rung, plays, is_open.any(axis=2) & ~is_open[:, :, 0])


def fill_budget_bytes(caches: pd.DataFrame) -> Ints:
    """[C] whole bytes that tonight's window lets in: rate x hours."""
    budget = caches["fill_rate_bps"] * caches["fill_hours"] * 3600 / 8
    # a hair more: 4.1 hours come out a little less in floats, which must not cost the last byte
    return np.floor(budget.to_numpy(np.float64) * (1 + 1e-15)).astype(np.int64)


def serve_limit_bytes(caches: pd.DataFrame, settings: PlanSettings) -> Floats:
    """[C] bytes that each cache can serve over the horizon at its peak rate; inf without a limit."""
    seconds = SECONDS_PER_DAY * settings.horizon_days / settings.peak_to_mean
    limit: Floats = caches["serve_rate_bps"].to_numpy(np.float64) / 8 * seconds
    return np.where(np.isnan(limit), np.inf, limit)


def _demand_points(tables: Tables, regions: tuple[str, ...], parent: Ints) -> DemandPoints:
    region_index = pd.Index(regions)
    caches = tables.caches
    if len(tables.routes):
        return _mesh_points(tables, region_index)
    region = region_index.get_indexer(caches["region"])
    share = caches["region_share"].fillna(0.0).to_numpy(np.float64)
    value_per_byte = caches["value_per_gb"].to_numpy(np.float64) / BYTES_PER_GB
    points = [cache for cache in range(len(caches)) if region[cache] >= 0 and share[cache] > 0]
    chains = [ancestors(cache, parent) for cache in points]
    order = np.array([c for chain in chains for c in chain], dtype=np.int64)
    start = np.cumsum([0, *map(len, chains)], dtype=np.int64)
    return DemandPoints(region[points], share[points], start, order, value_per_byte[order])


def _mesh_points(tables: Tables, region_index: pd.Index) -> DemandPoints:
    routes = tables.routes[tables.routes["value_per_gb"] > 0]
    routes = routes.assign(
        r=region_index.get_indexer(routes["region"]),
        c=pd.Index(tables.caches["cache_id"]).get_indexer(routes["cache_id"]),
    ).sort_values(["r", "value_per_gb", "c"], ascending=[True, False, True], kind="stable")
    region, lengths = np.unique(routes["r"].to_numpy(np.int64), return_counts=True)
    return DemandPoints(
        region=region,
        share=np.ones(len(region)),
        start=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        cache=routes["c"].to_numpy(np.int64),
        value_per_byte=routes["value_per_gb"].to_numpy(np.float64) / BYTES_PER_GB,
    )


def ancestors(cache: int, parent: Ints) -> list[int]:
    """The cache, its parent, its parent's parent, up to below the origin."""
    chain = [cache]
    while parent[chain[-1]] != ORIGIN:
        chain.append(int(parent[chain[-1]]))
    return chain


def _rights(tables: Tables, regions: tuple[str, ...], parent: Ints, plan_date: date, horizon_days: int) -> Bools:
    """[C, T]: open in the horizon in a region that the cache or one below it serves."""
    titles = tables.titles["title_id"]
    is_open = open_days(tables, regions, titles, plan_date, horizon_days).any(axis=2)
    reach = np.zeros((len(tables.caches), len(regions)), dtype=np.float32)
    region_index = pd.Index(regions)
    if len(tables.routes):
        cache = pd.Index(tables.caches["cache_id"]).get_indexer(tables.routes["cache_id"])
        reach[cache, region_index.get_indexer(tables.routes["region"])] = 1
    else:
        for cache, region in enumerate(region_index.get_indexer(tables.caches["region"])):
            if region >= 0:
                reach[ancestors(cache, parent), region] = 1
    # float32 so that the product runs in BLAS; counts of regions are far below its exact range
    return (reach @ is_open.astype(np.float32)) > 0


def _rule(tables: Tables, rule: str) -> Bools:
    """[C, F] pairs that a row of `pins` names, by asset or by title."""
    pins = tables.pins[tables.pins["rule"] == rule]
    by_title = pins.drop(columns="asset_id").merge(tables.assets[["asset_id", "title_id"]], on="title_id")
    files = pd.concat([pins[pins["asset_id"] != ""], by_title])
    everywhere = (files["cache_id"] == "").to_numpy()
    cache = pd.Index(tables.caches["cache_id"]).get_indexer(files["cache_id"])
    asset = pd.Index(tables.assets["asset_id"]).get_indexer(files["asset_id"])
    mask = np.zeros((len(tables.caches), len(tables.assets)), dtype=np.bool_)
    mask[:, asset[everywhere]] = True
    mask[cache[~everywhere], asset[~everywhere]] = True
    return mask


def _per_cache(mask: Bools) -> FilesPerCache:
    return tuple(np.flatnonzero(row) for row in mask)


def _inventory(tables: Tables) -> FilesPerCache:
    """Known files that each cache holds now, sorted."""
    cache, asset = inventory_codes(tables)
    order = np.lexsort((asset, cache))
    order = order[asset[order] >= 0]
    return tuple(np.split(asset[order], np.searchsorted(cache[order], np.arange(1, len(tables.caches)))))


def inventory_codes(tables: Tables) -> tuple[Ints, Ints]:
    """Cache and asset index of every inventory row; -1 for a file that the catalogue does not know."""
    return (
        positions(tables.inventory["cache_id"], tables.caches["cache_id"]),
        positions(tables.inventory["asset_id"], tables.assets["asset_id"]),
    )


def _companions(tables: Tables, title: Ints, requested_bytes: Floats) -> Ints:
    """[F] main audio of each video's title: in the original language, else the most requested; ties: smallest id."""
    assets = tables.assets
    original = tables.titles["original_language"].to_numpy()[title]
    audio = pd.DataFrame(
        {
            "file": np.arange(len(assets)),
            "title": title,
            "asset_id": assets["asset_id"].to_numpy(),
            "other": (assets["language"].to_numpy() != original) | (original == ""),
            "rank": -requested_bytes,
        }
    )[(assets["kind"] == "audio").to_numpy()]
    main = audio.sort_values(["title", "other", "rank", "asset_id"]).drop_duplicates("title")
    of_title = np.full(len(tables.titles), -1, dtype=np.int64)
    of_title[main["title"]] = main["file"]
    return np.where((assets["kind"] == "video").to_numpy(), of_title[title], -1)
