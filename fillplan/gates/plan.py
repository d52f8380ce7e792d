"""Plan gates: tonight's plan against the last one in force, and against limits that hold any night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fillplan.gates.figures import few
from fillplan.gates.verdict import Measured
from fillplan.manifests import Manifest
from fillplan.starts import coming, rights_starts
from fillplan_data.tables import Tables
from fillplan_models.forecast import Forecast

LEAST_CACHES = 5
"""Networks with fewer caches are not judged by shares of them."""
LEAST_HELD = 20
"""Smaller inventories are not judged by what the plan evicts."""
LEAST_LAUNCHES = 3
"""Fewer launches without an expected viewer stop nothing."""


def measure_plan(
    summary: Mapping[str, Any],
    rows: pd.DataFrame,
    manifests: Sequence[Manifest],
    last: Mapping[str, Any] | None,
) -> Iterator[Measured]:
    """Every plan gate's figure. `summary` and `last` are tonight's and the last good night's plan.json."""
    yield manifest_bytes(manifests)
    yield emptied(rows) if last is None else evicted(rows)
    if last is not None and last["horizon_days"] == summary["horizon_days"]:
        yield demand_level(summary, last)
        yield offload_drop(summary, last)
        yield caches_emptied(summary, last)


def measure_fallback(
    summary: Mapping[str, Any], rows: pd.DataFrame, manifests: Sequence[Manifest], last: Mapping[str, Any]
) -> Iterator[Measured]:
    """What the last good plan must keep within after its repair: tonight's tables repaired it, and may be the fault."""
    yield manifest_bytes(manifests)
    yield evicted(rows)
    yield caches_emptied(summary, last)


def manifest_bytes(manifests: Sequence[Manifest]) -> Measured:
    """Bytes of the largest manifest."""
    largest = max(manifests, key=lambda m: len(m.body))
    size = len(largest.content())
    return Measured("manifest_bytes", float(size), f"the manifest of {largest.header['cache_id']} has {size:,} bytes")


def evicted(rows: pd.DataFrame) -> Measured:
    """Share of the bytes held now that the plan evicts, files of unknown size left out."""
    size = rows["size_bytes"].to_numpy(np.float64, na_value=0.0)
    leaves, stays = ((rows["action"] == action).to_numpy() for action in ("evict", "keep"))
    gone, kept = float(size[leaves].sum()), float(size[stays].sum())
    share = gone / (gone + kept) if gone and (leaves | stays).sum() >= LEAST_HELD else 0.0
    return Measured("evicted", share, f"{share:.1%} of the bytes that caches hold would be evicted")


def emptied(rows: pd.DataFrame) -> Measured:
    """The same less what is filled in their place: caches may be filled anew on a first night, but not emptied."""
    size = rows["size_bytes"].to_numpy(np.float64, na_value=0.0)
    new = float(size[(rows["action"] == "add").to_numpy()].sum())
    held = float(size[(rows["action"] != "add").to_numpy()].sum())
    share = max(0.0, evicted(rows).value - new / held) if held else 0.0
    return Measured("evicted", share, f"{share:.1%} of the bytes that caches hold would be evicted and not replaced")


def demand_level(summary: Mapping[str, Any], last: Mapping[str, Any]) -> Measured:
    """Requested bytes, times more or less than in the last plan, less 1."""
    now, then = float(summary["requested_bytes"]), float(last["requested_bytes"])
    factor = max(now / then, then / now) - 1 if now > 0 and then > 0 else float(now != then) * 1e9
    return Measured("demand_level", factor, f"{now:.4g} bytes requested, {then:.4g} in the last plan")


def offload_drop(summary: Mapping[str, Any], last: Mapping[str, Any]) -> Measured:
    """Fall of the expected offload."""
    now, then = float(summary["expected_offload"]), float(last["expected_offload"])
    return Measured("offload_drop", max(0.0, then - now), f"expected offload {now:.2%}, {then:.2%} in the last plan")


def caches_emptied(summary: Mapping[str, Any], last: Mapping[str, Any]) -> Measured:
    """Share of caches that both plans know and that would hold less than half of what they held."""
    before = {cache["cache_id"]: cache["used_bytes"] for cache in last["caches"]}
    both = [cache for cache in summary["caches"] if before.get(cache["cache_id"], 0) > 0]
    emptied = [cache["cache_id"] for cache in both if cache["used_bytes"] < before[cache["cache_id"]] / 2]
    share = len(emptied) / len(both) if len(both) >= LEAST_CACHES else 0.0
    said = f"{len(emptied)} of {len(both)} caches would hold less than half of the last plan: {few(emptied)}"
    return Measured("caches_emptied", share, said)


def launches_uncovered(tables: Tables, forecast: Forecast, plan_date: date, horizon_days: int) -> Measured:
    """Share of launches with files that nobody is expected to watch. Starts in regions that no table knows count too:
    they are what is looked for here.
    """
    titles, regions = pd.Index(tables.assets["title_id"].unique()), set(tables.availability["region"]) - {""}
    starts = rights_starts(tables.availability, titles, tuple(sorted(regions)), plan_date, horizon_days)
    launches = titles[np.unique(coming(starts, plan_date)["title"])]
    watched = np.array(forecast.titles, dtype=object)[np.unique(forecast.title[(forecast.view_hours > 0).any(axis=1)])]
    lacking = sorted(set(launches) - set(watched))
    share = len(lacking) / len(launches) if len(lacking) >= LEAST_LAUNCHES else 0.0
    said = f"nobody is expected to watch {len(lacking)} of {len(launches)} launches with files: {few(lacking)}"
    return Measured("launches_uncovered", share, said, spares_first=True)
