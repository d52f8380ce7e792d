"""Warnings on pins that the plan cannot honour: block and rights go before pin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.evictions import open_titles
from fillplan_data.faults import FaultLog
from fillplan_data.lookup import positions

Frames = Mapping[str, pd.DataFrame]


def check(frames: Frames, plan_date: date | None, log: FaultLog) -> None:
    """Log pins whose files may be held at none of the caches they name, or that name no files.

    A pin for all caches that holds at some of them is meant to: blocks and rights are its exceptions. A window
    that opens after the plan date is a pin that waits.
    """
    if not all(table in frames for table in ("pins", "assets", "caches")) or frames["pins"].empty:
        return
    pins = frames["pins"]
    wanted = pins[(pins["rule"] == "pin").to_numpy()]
    files = _files_by_title(frames["assets"])
    _note_without_files(wanted, files, log)
    _note_blocked(pins, wanted, frames, files, log)
    if plan_date is not None and "titles" in frames and "availability" in frames:
        _note_out_of_rights(wanted, frames, plan_date, log)


def _files_by_title(assets: pd.DataFrame) -> dict[str, list[str]]:
    ids = assets["asset_id"].astype("object")
    return {str(title): list(group) for title, group in ids.groupby(assets["title_id"], observed=True)}


def _note(pins: pd.DataFrame, expected: str, found: Callable[[int], str], remedy: str, log: FaultLog) -> None:
    log.note_rows("warning", "pins", pins.index, None, expected, found, remedy)


def _names(pins: pd.DataFrame, i: int) -> str:
    """'t1-v at de-1'."""
    row = pins.iloc[i]
    target = row["asset_id"] or f"the title {row['title_id']}"
    return f"{target} at {row['cache_id'] or 'all caches'}"


def _note_without_files(wanted: pd.DataFrame, files: Mapping[str, list[str]], log: FaultLog) -> None:
    titles = wanted["title_id"].astype("object")
    empty = wanted[((titles != "") & ~titles.isin(list(files))).to_numpy()]
    _note(
        empty,
        "a pinned title that has files",
        lambda i: f"{_names(empty, i)}, without files",
        "add its files to assets or delete the pin",
        log,
    )


def _note_blocked(
    pins: pd.DataFrame, wanted: pd.DataFrame, frames: Frames, files: Mapping[str, list[str]], log: FaultLog
) -> None:
    """Pins with a file that is blocked at every cache they name."""
    caches = frames["caches"]["cache_id"].astype(str).tolist()
    sites: dict[str, set[str]] = {}
    for row in pins[(pins["rule"] == "block").to_numpy()].itertuples(index=False):
        for file in _files(row, files):
            sites.setdefault(file, set()).update([row.cache_id] if row.cache_id else caches)
    lost = [
        [file for file in _files(row, files) if sites.get(file, set()).issuperset(_sites(row, caches))]
        for row in wanted.itertuples(index=False)
    ]
    clash = np.flatnonzero([bool(some) for some in lost])
    rows = wanted.iloc[clash]
    _note(
        rows,
        "a pin of files that no row blocks there",
        lambda i: f"{_names(rows, i)}, blocked there: {_few(lost[clash[i]])}",
        "delete the pin or the block: a block goes before a pin, so they are not held",
        log,
    )


def _files(row: Any, files: Mapping[str, list[str]]) -> list[str]:
    return [row.asset_id] if row.asset_id else files.get(row.title_id, [])


def _sites(row: Any, caches: list[str]) -> list[str]:
    return [row.cache_id] if row.cache_id else caches


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _note_out_of_rights(wanted: pd.DataFrame, frames: Frames, plan_date: date, log: FaultLog) -> None:
    """Pins of titles without rights, now or later, in any region that the caches they name serve."""
    open_ = open_titles(frames, plan_date)
    somewhere: Bools = np.logical_or.reduce(open_, axis=0)
    title = _titles(wanted, frames)
    cache = positions(wanted["cache_id"], frames["caches"]["cache_id"])
    held = np.where(cache >= 0, open_[cache, title], somewhere[title])
    rows = wanted[(title >= 0) & ~held]
    _note(
        rows,
        f"a pin of a title with rights on or after {plan_date} where the cache serves",
        lambda i: f"{_names(rows, i)}, without such rights",
        "correct the availability or delete the pin: files without rights are not held",
        log,
    )


def _titles(pins: pd.DataFrame, frames: Frames) -> Ints:
    """[pins] place of the pinned title, or of the pinned file's title, in `titles`; -1 for none."""
    assets, titles = frames["assets"], frames["titles"]["title_id"]
    of_file = np.append(positions(assets["title_id"], titles), -1)
    file = positions(pins["asset_id"], assets["asset_id"])
    places: Ints = np.where(file >= 0, of_file[file], positions(pins["title_id"], titles))
    return places
