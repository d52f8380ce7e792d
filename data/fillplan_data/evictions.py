"""Warnings on the inventory: files that tonight's plan will have to evict, and caches that hold too much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.faults import FaultLog
from fillplan_data.lookup import positions
from fillplan_data.network import regions_served
from fillplan_data.rights import windows_of

Frames = Mapping[str, pd.DataFrame]


def check(frames: Frames, plan_date: date | None, horizon_days: int | None, log: FaultLog) -> None:
    """Log rows of the inventory that cannot stay; without a horizon, those of titles yet to open may."""
    if not all(table in frames for table in ("inventory", "assets", "caches")):
        return
    inventory, assets = frames["inventory"], frames["assets"]
    asset = positions(inventory["asset_id"], assets["asset_id"])
    cache = positions(inventory["cache_id"], frames["caches"]["cache_id"])
    known = (asset >= 0) & (cache >= 0)
    _note_over_storage(frames, cache[known], asset[known], log)
    if "pins" in frames:
        blocked = _blocked(inventory, frames["pins"], assets) & known
        _note(inventory[blocked], "files that no pin blocks", log)
    if "titles" in frames and "availability" in frames and plan_date is not None:
        last_day = None if horizon_days is None else plan_date + timedelta(days=horizon_days - 1)
        open_ = open_titles(frames, plan_date, last_day)
        title = positions(assets["title_id"], frames["titles"]["title_id"])[asset]
        serves = np.asarray(open_.any(axis=1))[cache]
        ended = known & (title >= 0) & serves & ~open_[cache, title]
        when = f"on or after {plan_date}" if last_day is None else f"on some day from {plan_date} to {last_day}"
        _note(inventory[ended], f"files with rights {when} where the cache serves", log)


def _note(rows: pd.DataFrame, expected: str, log: FaultLog) -> None:
    log.note_rows(
        "warning",
        "inventory",
        rows.index,
        "asset_id",
        expected,
        lambda i: f"{rows['asset_id'].iloc[i]} at {rows['cache_id'].iloc[i]}",
        "nothing to do: it will be evicted",
    )


def _note_over_storage(frames: Frames, cache: Ints, asset: Ints, log: FaultLog) -> None:
    caches, sizes = frames["caches"], frames["assets"]["size_bytes"].to_numpy(dtype=np.float64)
    held = np.bincount(cache, weights=sizes[asset], minlength=len(caches))
    storage = caches["storage_bytes"].to_numpy(dtype=np.float64)
    over = np.flatnonzero(held > storage)
    log.note_rows(
        "warning",
        "caches",
        caches.index[over],
        "storage_bytes",
        "at least the bytes of the cache's inventory",
        lambda i: f"{storage[over[i]]:,.0f} bytes for an inventory of {held[over[i]]:,.0f}",
        "check the storage or the inventory: the plan evicts what does not fit",
    )


def _blocked(inventory: pd.DataFrame, pins: pd.DataFrame, assets: pd.DataFrame) -> Bools:
    """Which rows of the inventory a block forbids, by file or by title, at the cache or everywhere."""
    rules = pins[(pins["rule"] == "block").to_numpy()][["cache_id", "asset_id", "title_id"]].astype("object")
    files = assets[["asset_id", "title_id"]].astype("object")
    by_title = rules[rules["title_id"] != ""].drop(columns="asset_id").merge(files, on="title_id")
    pairs = pd.concat([rules[rules["asset_id"] != ""], by_title])[["cache_id", "asset_id"]]
    touched = inventory["asset_id"].isin(pairs["asset_id"]).to_numpy()
    forbidden = set(zip(pairs["cache_id"], pairs["asset_id"], strict=True))
    blocked = touched.copy()
    blocked[touched] = [
        ("", asset) in forbidden or (cache, asset) in forbidden
        for cache, asset in inventory.loc[touched, ["cache_id", "asset_id"]].itertuples(index=False)
    ]
    return blocked


def open_titles(frames: Frames, first_day: date, last_day: date | None = None) -> Bools:
    """[caches, titles] whether some region served by the cache or one below has rights on some of the days."""
    caches, titles = frames["caches"], frames["titles"]["title_id"].astype("object").tolist()
    served, regions = regions_served(frames)
    spans = windows_of(frames["availability"], regions, titles)
    lasting = spans.end_day >= int(np.datetime64(first_day, "D").astype(np.int64))
    if last_day is not None:
        lasting &= spans.start_day <= int(np.datetime64(last_day, "D").astype(np.int64))
    open_ = np.zeros((len(regions), len(titles)), dtype=np.float32)
    open_[spans.region[lasting], spans.title[lasting]] = 1
    reached: Bools = served.astype(np.float32) @ open_ > 0
    return reached.reshape(len(caches), len(titles))
