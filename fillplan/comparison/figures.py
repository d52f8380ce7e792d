"""Figures of two runs side by side, from what their folders hold; regions and titles need their tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fillplan.comparison.sides import Side
from fillplan.runs import Run
from fillplan.scenarios.figures import Figures

DUST = 1e-12
"""Part of two sums below which their difference is that of their rounding."""
TITLES_LISTED = 500
"""Titles with the largest differences that an answer lists."""


def figures_of(run: Run) -> Figures:
    """Headline figures as the night wrote them."""
    summary, caches = run.summary, run.summary["caches"]
    served, used, fill = (float(sum(c[k] for c in caches)) for k in ("expected_bytes", "used_bytes", "fill_bytes"))
    return Figures(
        value=summary["value"],
        bound=summary["bound"],
        gap=summary["gap"],
        offload=summary["expected_offload"],
        requested_bytes=summary["requested_bytes"],
        served_bytes=served,
        origin_bytes=summary["requested_bytes"] - served,
        fill_bytes=fill,
        churn=fill / used if used else 0.0,
        used_bytes=used,
    )


def difference(after: float, before: float) -> float:
    """What is between two sums; nothing where only their rounding is."""
    between = after - before
    return 0.0 if abs(between) <= DUST * max(abs(after), abs(before)) else between


def cache_rows(a: Run, b: Run) -> list[dict[str, Any]]:
    """Every cache of either run, the largest difference in served bytes first; None where it is not there."""
    keys = ["expected_bytes", "expected_offload", "used_bytes", "storage_bytes", "fill_bytes"]
    before, after = (pd.DataFrame(run.summary["caches"]).set_index("cache_id")[keys] for run in (a, b))
    return _side_by_side(before, after, "expected_bytes")


def region_rows(a: Side, b: Side) -> list[dict[str, Any]]:
    """Requested bytes per region, and what its own edge caches serve (None in a mesh, and without tables)."""
    return _side_by_side(_regions(a), _regions(b), "requested_bytes")


def title_rows(a: Side, b: Side) -> tuple[str, list[dict[str, Any]]]:
    """What caches serve, fill and win per title, the largest differences first; per file where a side's tables are
    gone. Gives which of the two.
    """
    by = "title_id" if a.tables is not None and b.tables is not None else "asset_id"
    return by, _side_by_side(_titles(a, by), _titles(b, by), "expected_bytes")[:TITLES_LISTED]


def _regions(side: Side) -> pd.DataFrame:
    demand = side.run.demand()
    requested = demand.groupby(demand["region"].astype(str))["expected_bytes"].sum()
    frame = pd.DataFrame({"requested_bytes": requested, "own_bytes": None})
    if side.tables is not None and not len(side.tables.routes):
        served = pd.DataFrame(side.run.summary["caches"]).set_index("cache_id")["expected_bytes"]
        caches = side.tables.caches.set_index("cache_id")
        # a parent serves other regions too, as in the report
        edges = caches["region"].where(~caches.index.isin(caches["parent_id"]), "")
        region = edges.reindex(served.index).fillna("")
        frame["own_bytes"] = served.groupby(region).sum().reindex(frame.index, fill_value=0.0)
    return frame.rename_axis("region")


def _titles(side: Side, by: str) -> pd.DataFrame:
    rows = side.run.plan().rows
    key = rows["asset_id"].astype(str)
    if by == "title_id" and side.tables is not None:
        title = side.tables.assets.set_index("asset_id")["title_id"]
        key = key.map(title).fillna("(not in the catalogue)")
    added = rows["size_bytes"].astype(float).where(rows["action"] == "add", 0.0)
    frame = pd.DataFrame({"expected_bytes": rows["expected_bytes"], "value": rows["value"], "fill_bytes": added})
    frame["copies"] = (rows["action"] != "evict").astype(int)
    return frame.groupby(key.rename(by)).sum()


def _side_by_side(a: pd.DataFrame, b: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Rows of either frame with `a`, `b` and the difference of `by`; the same in both are left in."""
    both = a.index.union(b.index)
    before, after = a.reindex(both), b.reindex(both)
    sums = (frame[by].fillna(0.0).astype(float) for frame in (after, before))
    change = {name: difference(one, other) for name, one, other in zip(both, *sums, strict=True)}
    order = sorted(both, key=lambda name: (-abs(change[name]), name))
    return [
        {
            str(a.index.name): name,
            "difference": change[name],
            "a": _plain(before.loc[name]) if name in a.index else None,
            "b": _plain(after.loc[name]) if name in b.index else None,
        }
        for name in order
    ]


def _plain(row: pd.Series) -> dict[str, float | None]:
    return {str(key): None if pd.isna(value) else float(value) for key, value in row.items()}
