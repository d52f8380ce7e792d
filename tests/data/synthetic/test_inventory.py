from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan_data.synthetic import plan_date
from fillplan_data.synthetic.files import VIDEO, Files
from fillplan_data.synthetic.inventory import fill_cache
from fillplan_data.tables import Tables


def test_what_is_held_fits_and_nearly_fills_the_storage(tiny_tables: Tables) -> None:
    held = tiny_tables.inventory.astype(str).merge(tiny_tables.assets, on="asset_id")
    used = held.groupby("cache_id")["size_bytes"].sum()
    storage = tiny_tables.caches.set_index("cache_id")["storage_bytes"]
    assert (used / storage.loc[used.index]).between(0.8, 1.0).all() and len(used) == len(storage)


def test_every_video_has_its_main_audio_beside_it(tiny_tables: Tables) -> None:
    held = (
        tiny_tables.inventory.astype(str)
        .merge(tiny_tables.assets, on="asset_id")
        .merge(tiny_tables.titles, on="title_id")
    )
    main = held[(held["kind_x"] == "audio") & (held["language"] == held["original_language"])]
    with_audio = set(zip(main["cache_id"], main["title_id"], strict=True))
    video = held[held["kind_x"] == "video"]
    assert len(video) > 100 and set(zip(video["cache_id"], video["title_id"], strict=True)) <= with_audio


def test_some_of_it_is_out_of_rights(tiny_tables: Tables) -> None:
    windows = tiny_tables.availability
    plan = pd.Timestamp(plan_date("tiny"))
    over = windows.groupby("title_id")["end_date"].agg(lambda end: end.notna().all() and end.max() < plan)
    held = tiny_tables.inventory.astype(str).merge(tiny_tables.assets, on="asset_id")
    assert held["title_id"].isin(over.index[over]).any()


def test_it_goes_by_popularity_but_misjudges(files: Files) -> None:
    rng = np.random.default_rng(0)
    requested = files.size_bytes * rng.lognormal(0, 1.5, len(files))
    storage = int(files.size_bytes.sum() // 5)
    nothing = np.zeros(len(files.main_audio), dtype=bool)
    held = fill_cache(files, requested, nothing, storage, seed=1, c=0)
    best = np.argsort(-requested / files.size_bytes)[: len(held)]
    common = len(set(held.tolist()) & set(best.tolist())) / len(held)
    assert 0.5 < common < 0.98
    assert files.size_bytes[held].sum() <= storage and (np.diff(held) > 0).all()


def test_files_nobody_asked_for_are_not_held_unless_they_are_leftovers(files: Files) -> None:
    expired = np.zeros(len(files.main_audio), dtype=bool)
    expired[:4] = True
    requested = np.where(files.title < 10, files.size_bytes, 0).astype(np.float64)
    held = fill_cache(files, requested, expired, int(files.size_bytes.sum()), seed=1, c=0)
    assert set(files.title[held].tolist()) <= set(range(10))
    left = held[files.title[held] < 4]
    assert len(left) > 0 and files.size_bytes[left].sum() <= 0.015 * files.size_bytes.sum()
    assert all(files.main_audio[files.title[k]] in held for k in held if files.kind[k] == VIDEO)
