"""Where money helps: offload over storage with the price of a little more, and the caches that would gain most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fillplan.report import formats as f
from fillplan.report.content import Content, StorageCurve
from fillplan.report.facts import Facts
from fillplan.report.rows import CacheRow, Need
from fillplan_data.units import BYTES_PER_TB

POINTS = 48
NEEDS_SHOWN = 25


def storage_curve(facts: Facts) -> StorageCurve:
    """Offload if only the files that serve most per byte stayed, nothing taking the place of the others; and what 1 %
    more of today's storage is worth by the caches' prices, which fall as storage grows.
    """
    rows, requested = facts.rows, facts.problem.requested_bytes
    held = np.flatnonzero(rows.is_held)
    size, served = rows.size_bytes[held].astype(np.float64), rows.expected_bytes[held]
    order = np.argsort(-served / size, kind="stable")
    bytes_held = np.append(0.0, np.cumsum(size[order]))
    offload = np.append(0.0, np.cumsum(served[order])) / (requested or 1.0)
    # evenly spaced in bytes, the last one the plan itself
    at = np.searchsorted(bytes_held, np.linspace(0, bytes_held[-1], POINTS)).clip(max=len(bytes_held) - 1)
    more, worth = _hundredth_more(facts), float(facts.run.summary["value"])
    share = float(served.sum()) / requested if requested else None
    as_offload = None if more is None or share is None or worth <= 0 else more / worth * share
    return StorageCurve(
        points=tuple((float(bytes_held[i]), float(offload[i])) for i in np.unique(at)),
        hundredth_more=more,
        hundredth_offload=as_offload,
        priced_caches=int((~np.isnan(facts.storage_price)).sum()),
    )


def _hundredth_more(facts: Facts) -> float | None:
    price, storage = facts.storage_price, facts.problem.storage_bytes.astype(np.float64)
    known = ~np.isnan(price)
    return 0.01 * float((price[known] * storage[known]).sum()) if storage[known].any() else None


def storage_words(content: Content) -> str:
    """What 1 % more storage is worth, and whether the fill lets it be worth more; empty where prices are unknown."""
    more, offload, caches = content.storage.hundredth_more, content.storage.hundredth_offload, content.caches
    if more is None:
        return ""
    every, known = len(caches) == content.storage.priced_caches, content.storage.priced_caches
    where = "in every cache" if every else f"in the {f.counted(known, 'cache', 'caches')} with a known price"
    points = "" if offload is None else f", or {f.points_text(offload)} of offload at the mean worth of a served byte"
    filled = sum("fill" in cache.limited_by for cache in caches)
    limited = f.counted(len(caches), "cache is", "caches are")
    bound = (
        f" {filled} of {limited} limited by tonight's fill: there it falls soon." if 2 * filled > len(caches) else ""
    )
    return (
        f"1 % more storage {where} is worth about {f.short_text(more)} of value over the {content.horizon_days} days"
        f"{points}. The worth of the next per cent falls as storage grows.{bound}"
    )


def needs(caches: Sequence[CacheRow]) -> tuple[Need, ...]:
    """Caches by falling worth of the next TB, of storage or of fill, whichever is worth more; those where neither is
    worth anything are left out.
    """
    found = [c for c in caches if _next_tb(c)]
    found.sort(key=lambda c: (-_next_tb(c), c.cache_id))
    return tuple(_need(c) for c in found[:NEEDS_SHOWN])


def _next_tb(cache: CacheRow) -> float:
    return max(cache.storage_price_per_tb or 0.0, cache.fill_price_per_tb or 0.0)


def _need(cache: CacheRow) -> Need:
    return Need(
        cache_id=cache.cache_id,
        region=cache.region,
        storage_bytes=cache.storage_bytes,
        storage_price_per_tb=cache.storage_price_per_tb,
        fill_price_per_tb=cache.fill_price_per_tb,
        tenth_more=_tenth(cache.storage_bytes, cache.storage_price_per_tb),
        tenth_more_fill=_tenth(cache.fill_budget_bytes, cache.fill_price_per_tb),
        limited_by=cache.limited_by,
    )


def _tenth(size_bytes: int, price_per_tb: float | None) -> float | None:
    return None if price_per_tb is None else 0.1 * size_bytes / BYTES_PER_TB * price_per_tb
