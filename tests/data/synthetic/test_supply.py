"""The supply side belongs together: caches hold files there are, by what was asked of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fillplan_data.synthetic.editions import Editions
from fillplan_data.synthetic.files import Files
from fillplan_data.synthetic.supply import supply_tables
from fillplan_data.synthetic.world import World


@pytest.fixture(scope="module")
def recent(world: World) -> np.ndarray:
    """Hours a day of the titles that are open, by taste alone."""
    hours: np.ndarray = world.taste * world.windows.open_between(-10, -4)
    return hours


@pytest.fixture(scope="module")
def tables(world: World, editions: Editions, files: Files, recent: np.ndarray) -> dict[str, pd.DataFrame]:
    return supply_tables(world, editions, files, recent)


def test_every_id_of_the_inventory_and_of_pins_is_known(files: Files, tables: dict[str, pd.DataFrame]) -> None:
    assert list(tables) == ["assets", "caches", "inventory", "pins"]
    assert tables["assets"]["asset_id"].tolist() == files.ids
    inventory, pins = tables["inventory"], tables["pins"]
    assert set(inventory["asset_id"]) <= set(files.ids) and not inventory.duplicated().any()
    assert set(inventory["cache_id"]) == set(tables["caches"]["cache_id"])
    assert set(pins["asset_id"].fillna("")) <= {*files.ids, ""}


def test_what_a_cache_holds_fits_it(files: Files, tables: dict[str, pd.DataFrame]) -> None:
    size = dict(zip(files.ids, files.size_bytes, strict=True))
    used = tables["inventory"]["asset_id"].map(size).groupby(tables["inventory"]["cache_id"]).sum()
    storage = tables["caches"].set_index("cache_id")["storage_bytes"]
    assert (used <= storage.loc[used.index]).all() and used.sum() > 0.7 * storage.sum()


def test_an_edge_holds_what_its_own_region_asks_for(
    world: World, editions: Editions, files: Files, recent: np.ndarray, tables: dict[str, pd.DataFrame]
) -> None:
    """Where nobody of one region watches anything, its edges hold leftovers at most; others hold what they did."""
    silent = recent.copy()
    silent[:, 0] = 0.0
    after = supply_tables(world, editions, files, silent)
    code = world.regions[0].code
    there = tables["caches"].set_index("cache_id")["region"]

    def held(found: dict[str, pd.DataFrame]) -> pd.Series:
        edges = found["inventory"][found["inventory"]["cache_id"].map(there).fillna("") != ""]
        return edges.groupby(edges["cache_id"].map(there)).size()

    before, now = held(tables), held(after)
    assert now.get(code, 0) < 0.2 * before[code]
    assert now.drop(code, errors="ignore").sum() > 0.9 * before.drop(code).sum()


def test_old_caches_list_files_that_nobody_knows_where_records_are_imperfect(
    world: World, editions: Editions, files: Files, recent: np.ndarray, tables: dict[str, pd.DataFrame]
) -> None:
    imperfect = replace(world, spec=replace(world.spec, imperfect=True))
    inventory = supply_tables(imperfect, editions, files, recent)["inventory"]
    known = inventory["asset_id"].isin(files.ids)
    assert inventory[known].reset_index(drop=True).equals(tables["inventory"])
    unknown = inventory[~known]
    assert 0 < len(unknown) <= 10 and unknown["asset_id"].is_unique
    assert unknown["asset_id"].str.startswith("retired-").all()
    assert set(unknown["cache_id"]) <= set(tables["caches"]["cache_id"])
