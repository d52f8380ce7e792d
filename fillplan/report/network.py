"""Headline figures, caches, tiers and regions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from fillplan.problem import ancestors
from fillplan.report.content import Headline
from fillplan.report.facts import Facts
from fillplan.report.formats import percent_text
from fillplan.report.rows import CacheRow, RegionRow, Tier
from fillplan.summary import reachable_bytes
from fillplan_data.arrays import Floats
from fillplan_data.units import BYTES_PER_TB

FULL = 0.95
"""Use of a limit from which it may bind; files are lumps, so that a binding limit need not be full."""
LOOSE_GAP = 0.1
"""Above this the bound says more about its own looseness than about the plan."""


def headline(facts: Facts, caches: tuple[CacheRow, ...]) -> Headline:
    """Totals over all caches, and the proof in words."""
    summary, rows = facts.run.summary, facts.rows
    used, fill = sum(c.used_bytes for c in caches), sum(c.fill_bytes for c in caches)
    held = rows.is_held & ~rows.is_add
    return Headline(
        expected_offload=float(summary["expected_offload"]),
        requested_bytes=float(summary["requested_bytes"]),
        served_bytes=float(summary["expected_offload"]) * float(summary["requested_bytes"]),
        value=float(summary["value"]),
        bound=float(summary["bound"]),
        gap=float(summary["gap"]),
        gap_words=gap_words(str(summary["status"]), float(summary["gap"])),
        status=str(summary["status"]),
        fill_bytes=fill,
        fill_budget_bytes=sum(c.fill_budget_bytes for c in caches),
        used_bytes=used,
        storage_bytes=sum(c.storage_bytes for c in caches),
        added=int(rows.is_add.sum()),
        added_bytes=int(rows.size_bytes[rows.is_add].sum()),
        kept=int(held.sum()),
        kept_bytes=int(rows.size_bytes[held].sum()),
        evicted=int(rows.is_evict.sum()),
        evicted_bytes=int(rows.size_bytes[rows.is_evict].sum()),
        churn=fill / used if used else 0.0,
        tiers=_tiers(summary, caches),
    )


def gap_words(status: str, gap: float) -> str:
    """What the proven gap means to somebody who decides on money."""
    if status == "optimal":
        return "Proven best: within these limits no other plan is worth more."
    lead = "Tonight's own plan was refused; this is the last good one, repaired. " if status == "fallback" else ""
    if gap > LOOSE_GAP:
        return (
            f"{lead}No plan can be worth more than the proven bound; this one reaches {percent_text(1 - gap)} of "
            "it. A gap this wide usually says more about the bound than about the plan."
        )
    most = percent_text(gap)
    most = f"less than {most[2:]}" if most.startswith("<") else f"at most {most}"
    return f"{lead}Proven: within these limits the best possible plan would gain {most} of the bound over this one."


def _tiers(summary: Mapping[str, Any], caches: tuple[CacheRow, ...]) -> tuple[Tier, ...]:
    total = float(summary["requested_bytes"])
    served = {name: sum(c.expected_bytes for c in caches if c.tier == name) for name in ("edge", "parent")}
    counts = {name: sum(c.tier == name for c in caches) for name in served}
    rest = max(total - sum(served.values()), 0.0)
    tiers = [(n, counts[n], b) for n, b in served.items() if counts[n]] + [("origin", 0, rest)]
    return tuple(Tier(n, count, b, b / total if total else 0.0) for n, count, b in tiers)


def cache_rows(facts: Facts) -> tuple[CacheRow, ...]:
    """One row per cache, by id."""
    figures = {cache["cache_id"]: cache for cache in facts.run.summary["caches"]}
    rows, size = facts.rows, facts.problem.cache_count
    added = np.bincount(rows.cache[rows.is_add], minlength=size)
    evicted = np.bincount(rows.cache[rows.is_evict], minlength=size)
    held = np.bincount(rows.cache, minlength=size) - added - evicted
    counts = np.stack([added, evicted, held], axis=1)
    hit_rates = _hit_rates(facts, figures)
    return tuple(
        _cache_row(facts, c, figures[cache_id], counts[c].tolist(), float(hit_rates[c]))
        for c, cache_id in enumerate(facts.problem.cache_ids)
    )


def _hit_rates(facts: Facts, figures: Mapping[str, Any]) -> Floats:
    served = np.array([figures[c]["expected_bytes"] for c in facts.problem.cache_ids], dtype=np.float64)
    arriving = reachable_bytes(facts.problem)
    for cache in () if facts.is_mesh else range(len(served)):
        arriving[ancestors(cache, facts.problem.parent)[1:]] -= served[cache]
    # differences of large sums: what is left of nothing must not look like demand
    arriving[arriving < 1.0] = 0.0
    return np.minimum(np.divide(served, arriving, out=np.zeros_like(served), where=arriving > 0), 1.0)


def _cache_row(facts: Facts, cache: int, figures: Mapping[str, Any], counts: list[int], hit_rate: float) -> CacheRow:
    parents = facts.problem.parent
    parent = int(parents[cache])
    return CacheRow(
        cache_id=facts.problem.cache_ids[cache],
        region=_region_words(facts, cache),
        parent_id=facts.problem.cache_ids[parent] if parent >= 0 and not facts.is_mesh else "",
        tier="parent" if not facts.is_mesh and bool((parents == cache).any()) else "edge",
        storage_bytes=figures["storage_bytes"],
        used_bytes=figures["used_bytes"],
        fill_budget_bytes=figures["fill_budget_bytes"],
        fill_bytes=figures["fill_bytes"],
        expected_bytes=figures["expected_bytes"],
        expected_offload=figures["expected_offload"],
        hit_rate=hit_rate,
        added=counts[0],
        evicted=counts[1],
        kept=counts[2],
        storage_price_per_tb=_per_tb(figures.get("storage_price")),
        fill_price_per_tb=_per_tb(figures.get("fill_price")),
        limited_by=_limits(figures, float(facts.problem.serve_limit_bytes[cache])),
    )


def _region_words(facts: Facts, cache: int) -> str:
    if not facts.is_mesh:
        return str(facts.tables.caches["region"].iloc[cache])
    return ", ".join(facts.regions[r] for r in np.flatnonzero(facts.reach[cache]))


def _per_tb(price: float | None) -> float | None:
    return None if price is None else price * BYTES_PER_TB


def _limits(figures: Mapping[str, Any], serve_limit_bytes: float) -> tuple[str, ...]:
    limits = {
        "storage": (figures["used_bytes"], figures["storage_bytes"], figures.get("storage_price")),
        "fill": (figures["fill_bytes"], figures["fill_budget_bytes"], figures.get("fill_price")),
        "serving": (figures["expected_bytes"], serve_limit_bytes, figures.get("serve_price")),
    }
    return tuple(name for name, limit in limits.items() if _binds(*limit))


def _binds(used: float, limit: float, price: float | None) -> bool:
    return math.isfinite(limit) and used >= FULL * limit and (price is None or price > 0)


def region_rows(facts: Facts, caches: tuple[CacheRow, ...]) -> tuple[RegionRow, ...]:
    """Regions by falling demand."""
    requested = facts.problem.demand_bytes.sum(axis=1)
    recent, expected = _region_hours(facts)
    rows = []
    for r in np.argsort(-requested, kind="stable"):
        own = [] if facts.is_mesh else [c for c in caches if c.region == facts.regions[r]]
        served = None if facts.is_mesh else min(sum(c.expected_bytes for c in own if c.tier == "edge"), requested[r])
        count = int(facts.reach[:, r].sum()) if facts.is_mesh else len(own)
        hours = None if expected is None else float(expected[r])
        change = None if recent is None or not recent[r] or hours is None else hours / float(recent[r]) - 1
        rows.append(RegionRow(facts.regions[r], count, float(requested[r]), served, hours, change))
    return tuple(rows)


def _region_hours(facts: Facts) -> tuple[Floats | None, Floats | None]:
    if facts.hours is None:
        return None, None
    return facts.hours.recent.sum(axis=1), facts.hours.expected.sum(axis=1)


def unreachable_bytes(facts: Facts) -> float:
    """Requested bytes that no cache is asked for: regions without caches, shares below one."""
    points = facts.problem.points
    share = np.bincount(points.region, points.share, minlength=len(facts.regions))
    return float((facts.problem.demand_bytes.sum(axis=1) * np.clip(1 - share, 0, 1)).sum())


def idle_caches(facts: Facts) -> list[str]:
    """Caches that nobody can ask for anything."""
    asked = reachable_bytes(facts.problem)
    return [facts.problem.cache_ids[c] for c in np.flatnonzero(asked == 0)]
