"""Where money helps: offload over storage with the price of the next TB, and the caches that would gain most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fillplan.report.content import StorageCurve
from fillplan.report.facts import Facts
from fillplan.report.rows import CacheRow, Need

POINTS = 48
NEEDS_SHOWN = 25
BYTES_PER_TB = 1e12


def storage_curve(facts: Facts) -> StorageCurve:
    """Offload if only the files that serve most per byte stayed, nothing taking the place of the others; and the price
    of the next TB: the mean of the caches' storage prices, weighted by their storage.
    """
    rows, requested = facts.rows, facts.problem.requested_bytes
    held = np.flatnonzero(rows.is_held)
    size, served = rows.size_bytes[held].astype(np.float64), rows.expected_bytes[held]
    order = np.argsort(-served / size, kind="stable")
    bytes_held = np.append(0.0, np.cumsum(size[order]))
    offload = np.append(0.0, np.cumsum(served[order])) / (requested or 1.0)
    # evenly spaced in bytes, the last one the plan itself
    at = np.searchsorted(bytes_held, np.linspace(0, bytes_held[-1], POINTS)).clip(max=len(bytes_held) - 1)
    price = _mean_price(facts)
    worth = float(facts.run.summary["value"])
    per_worth = float(served.sum()) / worth if worth > 0 else None
    as_offload = None if price is None or per_worth is None or not requested else price * per_worth / requested
    return StorageCurve(
        points=tuple((float(bytes_held[i]), float(offload[i])) for i in np.unique(at)),
        price_per_tb=price,
        offload_per_tb=as_offload,
    )


def _mean_price(facts: Facts) -> float | None:
    price, storage = facts.storage_price, facts.problem.storage_bytes.astype(np.float64)
    known = ~np.isnan(price)
    if not storage[known].sum():
        return None
    return float((price[known] * storage[known]).sum() / storage[known].sum()) * BYTES_PER_TB


def needs(caches: Sequence[CacheRow]) -> tuple[Need, ...]:
    """Caches by falling worth of the next TB of storage; those where it is worth nothing are left out."""
    found = [
        Need(
            cache_id=c.cache_id,
            region=c.region,
            storage_bytes=c.storage_bytes,
            storage_price_per_tb=c.storage_price_per_tb,
            fill_price_per_tb=c.fill_price_per_tb,
            tenth_more=0.1 * c.storage_bytes / BYTES_PER_TB * c.storage_price_per_tb,
            limited_by=c.limited_by,
        )
        for c in caches
        if c.storage_price_per_tb
    ]
    return tuple(sorted(found, key=lambda need: (-need.storage_price_per_tb, need.cache_id))[:NEEDS_SHOWN])
