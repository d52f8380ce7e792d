from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace, plan_date
from fillplan_data.tables import Tables


def _pinned(tables: Tables) -> pd.DataFrame:
    """(cache_id, asset_id) of all pins, main audio of videos included, read row by row as the contract says."""
    assets = tables.assets.merge(tables.titles[["title_id", "original_language"]], on="title_id")
    pairs = []
    for pin in tables.pins[tables.pins["rule"] == "pin"].itertuples():
        wanted = assets[(assets["asset_id"] == pin.asset_id) | (assets["title_id"] == pin.title_id)]
        videos = wanted.loc[wanted["kind"] == "video", "title_id"]
        main = assets[
            assets["title_id"].isin(videos)
            & (assets["kind"] == "audio")
            & (assets["language"] == assets["original_language"])
        ]
        for cache_id in [pin.cache_id] if pin.cache_id else tables.caches["cache_id"]:
            pairs += [(cache_id, asset_id) for asset_id in {*wanted["asset_id"], *main["asset_id"]}]
    return pd.DataFrame(sorted(set(pairs)), columns=["cache_id", "asset_id"])


@pytest.mark.parametrize(("size", "seed"), [("tiny", 1), ("tiny", 2), ("tiny", 3), ("tiny", 4), ("small", 1)])
def test_pins_fit_storage_and_tonights_fill(size: str, seed: int, tmp_path: Path) -> None:
    make_workspace(tmp_path, size, seed)  # type: ignore[arg-type]
    tables, _ = read_tables(tmp_path / "input", plan_date=plan_date(size))  # type: ignore[arg-type]
    caches = tables.caches.set_index("cache_id")
    pinned = _pinned(tables).merge(tables.assets[["asset_id", "size_bytes"]], on="asset_id")
    held = tables.inventory.astype(str).assign(held=True)
    pinned = pinned.merge(held, on=["cache_id", "asset_id"], how="left")
    total = pinned.groupby("cache_id")["size_bytes"].sum()
    new = pinned[pinned["held"].isna()].groupby("cache_id")["size_bytes"].sum()
    budget = caches["fill_rate_bps"] * caches["fill_hours"] * 3600 / 8
    assert len(total) > 0
    assert (total <= caches["storage_bytes"].loc[total.index]).all() and (new <= budget.loc[new.index]).all()


def test_nothing_is_pinned_and_blocked(tiny_tables: Tables) -> None:
    pins = tiny_tables.pins
    title = pins["title_id"].where(pins["title_id"] != "", pins["asset_id"].str.split("-").str[0])
    assert not set(title[pins["rule"] == "pin"]) & set(title[pins["rule"] == "block"])
    assert (pins["rule"] == "pin").sum() >= 3 and (pins["rule"] == "block").sum() >= 3
