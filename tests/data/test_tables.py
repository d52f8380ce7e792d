from dataclasses import replace

import pandas as pd

from fillplan_data.tables import Tables, regions_of


def with_regions(tables: Tables, views: list[str], caches: list[str], routes: list[str]) -> Tables:
    """The good tables with rows of these regions alone."""
    frames = {
        name: getattr(tables, name).iloc[[0] * len(regions)].assign(region=regions)
        for name, regions in (("views", views), ("caches", caches))
    }
    frames["views"]["region"] = pd.Categorical(views, categories=["AA", *sorted(set(views)), "ZZ"])
    routes_frame = pd.DataFrame({"region": routes, "cache_id": "c", "value_per_gb": 1.0})
    return replace(tables, **frames, routes=routes_frame)


def test_regions_of_views_caches_and_routes_sorted_and_once(good_tables: Tables) -> None:
    found = regions_of(with_regions(good_tables, ["FR", "DE", "DE"], ["", "BR"], ["DE", "CH"]))
    assert found == ("BR", "CH", "DE", "FR"), "a category without rows is no region, nor is a blank"


def test_without_rows_there_is_no_region(good_tables: Tables) -> None:
    assert regions_of(with_regions(good_tables, [], [], [])) == ()
