"""Two tiers of caches: mid-tier parents per group of countries, edges per region under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.regions import Region
from fillplan_data.synthetic.sizes import SizeSpec

ORIGIN = -1
_HORIZON_DAYS, _PEAK_TO_MEAN = 7, 2.0
_PARENT_STORAGE = (0.12, 0.3)


@dataclass(frozen=True, eq=False)
class Network:
    """The caches, parents first; arrays run over caches."""

    table: pd.DataFrame
    """The `caches` table as written."""
    region: Ints
    """-1 for parents."""
    parent: Ints
    """ORIGIN for parents."""
    region_share: Floats
    storage_bytes: Ints
    fill_budget_bytes: Ints

    def __len__(self) -> int:
        return len(self.table)

    def regions_of(self, c: int) -> list[int]:
        """Regions that a cache, or a cache below it, serves."""
        below = (self.parent == c) | (np.arange(len(self)) == c)
        return sorted({int(r) for r in self.region[below] if r >= 0})


def make_network(
    spec: SizeSpec,
    regions: tuple[Region, ...],
    open_bytes: Floats,
    daily_bytes: Floats,
    catalogue_bytes: float,
    seed: int,
) -> Network:
    """Draw the caches. `open_bytes` [regions]: files open in the horizon; `daily_bytes` [regions]: requested."""
    rng = generator(seed, Part.CACHES)
    parents, parent_of = _parents(spec, regions)
    rows = [_parent_row(spec, name, [regions[r] for r in below], catalogue_bytes, rng) for name, below in parents]
    for r, count in enumerate(_edge_counts(spec, regions)):
        share = rng.dirichlet(np.full(count, 6.0)) * rng.uniform(0.86, 0.97)
        for k in range(count):
            parent = rows[parent_of[r]]
            row = _edge_row(spec, regions[r], k, float(np.floor(share[k] * 1e4) / 1e4), open_bytes[r], parent, rng)
            row["serve_rate_bps"] = _serve_rate(row["region_share"] * daily_bytes[r], rng)
            rows.append(row)
    table = pd.DataFrame(rows)
    codes = {region.code: r for r, region in enumerate(regions)}
    names = {cache_id: c for c, cache_id in enumerate(table["cache_id"])}
    return Network(
        table=table.assign(serve_rate_bps=table["serve_rate_bps"].astype("Int64")),
        region=np.array([codes.get(code, -1) for code in table["region"]]),
        parent=np.array([names.get(parent, ORIGIN) for parent in table["parent_id"]]),
        region_share=table["region_share"].fillna(0).to_numpy(np.float64),
        storage_bytes=table["storage_bytes"].to_numpy(np.int64),
        fill_budget_bytes=(table["fill_rate_bps"] * table["fill_hours"] * 450).to_numpy(np.int64),
    )


def _parents(spec: SizeSpec, regions: tuple[Region, ...]) -> tuple[list[tuple[str, list[int]]], dict[int, int]]:
    """Mid-tier caches as (id, regions below), and the parent of each region."""
    parents: list[tuple[str, list[int]]] = []
    for group in sorted({r.country.group for r in regions}):
        members = [k for k, r in enumerate(regions) if r.country.group == group]
        parts = -(-len(members) // spec.regions_per_parent)
        parents += [(f"mid-{group}-{k + 1}", members[k::parts]) for k in range(parts)]
    return parents, {r: p for p, (_, below) in enumerate(parents) for r in below}


def _edge_counts(spec: SizeSpec, regions: Sequence[Region]) -> list[int]:
    """Edges per region: one each, the others where most is watched."""
    weight = np.array([r.hours_per_day for r in regions]) ** 0.7
    counts = np.ones(len(regions), dtype=np.int64)
    for _ in range(spec.edges - len(regions)):
        counts[np.argmax(weight / counts)] += 1
    return counts.tolist()


def _row(spec: SizeSpec, cache_id: str, storage: float, timezone: str, rng: np.random.Generator) -> dict[str, object]:
    hours = int(rng.choice([4, 6, 8]))
    fill_bytes = storage * rng.uniform(*spec.fill)
    return {
        "cache_id": cache_id,
        "parent_id": "",
        "region": "",
        "region_share": None,
        "storage_bytes": round(storage),
        "fill_rate_bps": round(fill_bytes * 8 / (hours * 3600)),
        "fill_start": f"{rng.integers(1, 5):02d}:{rng.choice([0, 30]):02d}",
        "fill_hours": hours,
        "timezone": timezone,
        "serve_rate_bps": None,
    }


def _parent_row(
    spec: SizeSpec, cache_id: str, below: list[Region], catalogue_bytes: float, rng: np.random.Generator
) -> dict[str, object]:
    biggest = max(below, key=lambda r: r.hours_per_day)
    row = _row(spec, cache_id, catalogue_bytes * rng.uniform(*_PARENT_STORAGE), biggest.country.timezone, rng)
    value, cost = rng.uniform(0.25, 0.45), rng.uniform(0.01, 0.03)
    return row | {"value_per_gb": round(value, 3), "fill_cost_per_gb": round(cost, 3)}


def _edge_row(
    spec: SizeSpec,
    region: Region,
    k: int,
    share: float,
    open_bytes: float,
    parent: dict[str, object],
    rng: np.random.Generator,
) -> dict[str, object]:
    cache_id = f"edge-{region.code.lower()}-{k + 1}"
    row = _row(spec, cache_id, open_bytes * rng.uniform(*spec.edge_storage), region.country.timezone, rng)
    return row | {
        "parent_id": parent["cache_id"],
        "region": region.code,
        "region_share": share,
        "value_per_gb": round(rng.uniform(0.55, 1.2), 3),
        "fill_cost_per_gb": round(rng.uniform(0.01, 0.06), 3),
    }


def _serve_rate(daily_bytes: float, rng: np.random.Generator) -> int | None:
    """Some edges cannot serve all that they are asked for on an average day."""
    limit, part = rng.random() < 0.3, rng.uniform(0.45, 1.1)
    return round(part * daily_bytes * _PEAK_TO_MEAN * 8 / 86_400) if limit else None
