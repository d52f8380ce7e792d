"""Checks on the network of caches: parents without cycles, shares of a region up to 1, values that fall upwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools
from fillplan_data.faults import FaultLog, show
from fillplan_data.lookup import positions

SHARE_TOLERANCE: Final = 1e-9
ORIGIN: Final = "origin"


def is_mesh(frames: Mapping[str, pd.DataFrame]) -> bool:
    """Whether `routes` says who serves whom: it has rows. With the header alone, regions and parents do."""
    return "routes" in frames and len(frames["routes"]) > 0


def check(frames: Mapping[str, pd.DataFrame], log: FaultLog) -> None:
    """Log what is wrong between the rows of `caches`."""
    if "caches" not in frames:
        return
    caches, mesh = frames["caches"], is_mesh(frames)
    _none_called_origin(caches, log)
    _none_differ_in_case_alone(caches, log)
    _no_cycles(caches, log)
    _shares_up_to_one(caches, mesh, log)
    if not mesh:
        _worth_more_than_parents(caches, log)


def _none_called_origin(caches: pd.DataFrame, log: FaultLog) -> None:
    """Plans and manifests name the source of a file: a cache, or this word."""
    log.note_rows(
        "fault",
        "caches",
        list(caches.index[caches["cache_id"].astype(str) == ORIGIN]),
        "cache_id",
        f"any name but {ORIGIN}, which means the origin itself",
        lambda _: ORIGIN,
        "give the cache another name",
    )


def _none_differ_in_case_alone(caches: pd.DataFrame, log: FaultLog) -> None:
    """Ids are case-sensitive, but not all file systems that manifests are copied to are."""
    ids = caches["cache_id"].astype(str).drop_duplicates()
    folded = ids.str.lower()
    more = ids[folded.duplicated()]

    def found(i: int) -> str:
        first = ids[folded == more.iloc[i].lower()].index[0]
        return f"{more.iloc[i]}, beside {ids[first]} in {log.place('caches', int(first))}"

    log.note_rows(
        "warning",
        "caches",
        more.index,
        "cache_id",
        "ids that differ in more than case",
        found,
        "rename one: where a file system takes no heed of case, their manifests would be one file",
    )


def _no_cycles(caches: pd.DataFrame, log: FaultLog) -> None:
    named = caches[(caches["cache_id"] != "").to_numpy()]  # a blank id is a fault of its own, not its own parent
    parents = dict(zip(named["cache_id"].astype(str), named["parent_id"].astype(str), strict=True))
    record = dict(zip(caches["cache_id"].astype(str), caches.index, strict=True))
    for path in cycles(parents):
        log.note_rows(
            "fault",
            "caches",
            [record[path[0]]],
            "parent_id",
            "parents that lead to the origin",
            lambda _, path=path: "a cycle " + " -> ".join([*path, path[0]]),  # type: ignore[misc]
            "leave the parent of the topmost cache blank",
        )


def cycles(parents: Mapping[str, str]) -> Iterator[list[str]]:
    """Each cycle of a map from child to parent once, starting at its member that comes first in the map."""
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        seen: set[str] = set()
        node = start
        while node in parents and node not in done and node not in seen:
            path.append(node)
            seen.add(node)
            node = parents[node]
        if node in seen:
            yield path[path.index(node) :]
        done |= seen


def _shares_up_to_one(caches: pd.DataFrame, mesh: bool, log: FaultLog) -> None:
    sited = caches[(caches["region"] != "").to_numpy()]
    sums = sited.groupby("region", observed=True)["region_share"].sum()
    for region, total in sums[sums > 1 + SHARE_TOLERANCE].items():
        members = sited[(sited["region"] == region).to_numpy()]
        found = f"{show(total)} over {len(members)} caches"
        log.note_rows(
            "warning" if mesh else "fault",
            "caches",
            members.index[-1:],
            "region_share",
            f"shares of the region {region} that add up to 1 at most",
            lambda _, found=found: found,  # type: ignore[misc]
            "routes replaces the shares: clear them" if mesh else "lower the shares of the region's caches",
        )


def _worth_more_than_parents(caches: pd.DataFrame, log: FaultLog) -> None:
    values = caches["value_per_gb"].to_numpy()
    place = positions(caches["parent_id"], caches["cache_id"])
    above = np.append(values, np.nan)[place]
    weak = np.flatnonzero((place >= 0) & (values <= above))
    rows = caches.iloc[weak]
    log.note_rows(
        "warning",
        "caches",
        rows.index,
        "value_per_gb",
        "more than the parent's value",
        lambda i: f"{show(values[weak[i]])}, the parent {rows['parent_id'].iloc[i]} has {show(above[weak[i]])}",
        "check both values: files gain nothing here that the parent could not give",
    )


def regions_served(frames: Mapping[str, pd.DataFrame]) -> tuple[Bools, list[str]]:
    """[caches, regions] which regions ask a cache, directly or through the caches below it; and the regions."""
    caches = frames["caches"]
    if is_mesh(frames):
        pairs = frames["routes"][["cache_id", "region"]].astype("object")
    else:
        pairs = caches[["cache_id", "region"]].astype("object")
        pairs = pairs[(pairs["region"] != "").to_numpy()]
    regions = sorted(set(pairs["region"]))
    ids = pd.Index(caches["cache_id"].astype("object"))
    cache = ids.get_indexer(pairs["cache_id"])
    served = np.zeros((len(caches), len(regions)), dtype=np.bool_)
    known = cache >= 0
    served[cache[known], pd.Index(regions).get_indexer(pairs["region"])[known]] = True
    if is_mesh(frames):
        return served, regions
    parent = positions(caches["parent_id"], caches["cache_id"])
    has_parent = np.flatnonzero(parent >= 0)
    while True:  # each round reaches one tier further up
        above = served.copy()
        np.logical_or.at(above, parent[has_parent], served[has_parent])
        if np.array_equal(above, served):
            return served, regions
        served = above
