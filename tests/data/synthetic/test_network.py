from __future__ import annotations

import pytest

from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.tables import Tables


def test_two_tiers_with_shares_below_one(tiny_tables: Tables) -> None:
    caches = tiny_tables.caches.set_index("cache_id")
    parents, edges = caches[caches["parent_id"] == ""], caches[caches["parent_id"] != ""]
    assert len(parents) == 2 and len(edges) == SIZES["tiny"].edges
    assert (parents["region"] == "").all() and set(edges["parent_id"]) == set(parents.index)
    by_region = edges.groupby("region")["region_share"].sum()
    assert (by_region < 1).all() and (by_region > 0.8).all() and len(by_region) == SIZES["tiny"].regions


def test_storage_fill_and_worth_are_in_their_ranges(tiny_tables: Tables) -> None:
    caches, total = tiny_tables.caches, float(tiny_tables.assets["size_bytes"].sum())
    is_edge = caches["parent_id"] != ""
    part = caches["storage_bytes"] / total
    assert part[is_edge].between(0.02, 0.14).all() and part[~is_edge].between(0.12, 0.30).all()
    fill = caches["fill_rate_bps"] * caches["fill_hours"] * 3600 / 8 / caches["storage_bytes"]
    low, high = SIZES["tiny"].fill
    assert fill.between(low - 1e-6, high + 1e-6).all()
    assert caches["value_per_gb"][is_edge].min() > caches["value_per_gb"][~is_edge].max()
    assert (caches["fill_cost_per_gb"] < caches["value_per_gb"]).all()


def test_some_edges_cannot_serve_everything(tiny_tables: Tables) -> None:
    limits = tiny_tables.caches["serve_rate_bps"].dropna()
    assert len(limits) > 0 and (limits > 0).all()


@pytest.mark.parametrize("size", ["tiny", "small", "medium", "large"])
def test_as_many_edges_as_the_size_wants(size: str) -> None:
    from fillplan_data.synthetic.network import _edge_counts, _parents
    from fillplan_data.synthetic.regions import make_regions

    spec = SIZES[size]  # type: ignore[index]
    regions = make_regions(spec, 3)
    counts = _edge_counts(spec, regions)
    assert sum(counts) == spec.edges and min(counts) >= 1
    parents, parent_of = _parents(spec, regions)
    assert sorted(parent_of) == list(range(spec.regions))
    assert all(1 <= len(below) <= spec.regions_per_parent for _, below in parents)
