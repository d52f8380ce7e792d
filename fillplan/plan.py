"""The plan: what each cache keeps, adds and evicts tonight, in which order and from where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan.problem import ORIGIN, ancestors, inventory_codes
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.errors import VerificationFailed
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables
from fillplan_optimizer.problem import FilesPerCache, PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import Service

ACTIONS = ("add", "evict", "keep")
COLUMNS = ("cache_id", "asset_id", "action", "priority", "source", "size_bytes", "expected_bytes", "value")


@dataclass(frozen=True, eq=False)
class Plan:
    """plan.parquet as a frame: sorted by cache, then action, then fill order."""

    rows: pd.DataFrame

    def placement(self, problem: PlacementProblem) -> Placement:
        """What is held after the fill, read back from the rows alone.

        Raises VerificationFailed where the problem knows no such cache or file: it is not the plan's own.
        """
        held = self.rows[self.rows["action"] != "evict"]
        cache, asset = positions(held["cache_id"], problem.cache_ids), positions(held["asset_id"], problem.file_ids)
        if len(lost := held[(cache < 0) | (asset < 0)]):
            raise VerificationFailed(
                f"the plan has {lost['cache_id'].iloc[0]} hold {lost['asset_id'].iloc[0]}, found tables that do not "
                "know both; put those back whose sha256 plan.json names, or plan again"
            )
        order = np.lexsort((asset, cache))
        cuts = np.searchsorted(cache[order], np.arange(1, problem.cache_count))
        return Placement(tuple(np.split(asset[order], cuts)))


def make_plan(tables: Tables, problem: PlacementProblem, placement: Placement, service: Service) -> Plan:
    """Compare what shall be held with the inventory and order the fill.

    Fill order: pins, then falling worth per byte, a title's main audio no later than the first of its videos,
    so that a window cut short has brought the most that it could. Source: the nearest cache up the tree that
    holds the file after tonight, else the origin; a chain of sources follows the tree and has no cycles.
    """
    held_after = holding_masks(problem, placement.files)
    parts = [
        _rows_of_cache(problem, cache, placement.files[cache], service, held_after)
        for cache in range(problem.cache_count)
    ]
    rows = pd.concat([*parts, _unknown_files(tables)], ignore_index=True)
    rows["cache_id"] = pd.Categorical(rows["cache_id"], categories=list(problem.cache_ids))
    rows["action"] = pd.Categorical(rows["action"], categories=list(ACTIONS))
    rows = rows.sort_values(["cache_id", "action", "priority", "asset_id"], kind="stable", ignore_index=True)
    rows["asset_id"], rows["source"] = _as_category(rows["asset_id"]), _as_category(rows["source"])
    return Plan(rows[list(COLUMNS)])


def _as_category(ids: pd.Series) -> pd.Categorical:
    """Ids as a category, never one without any word: a file of it would not tell that ids are text."""
    return pd.Categorical(ids, categories=sorted(set(ids.dropna())) or [""])


def holding_masks(problem: PlacementProblem, files: FilesPerCache) -> Bools:
    """[C, F] of what `files` lists."""
    mask = np.zeros((problem.cache_count, problem.file_count), dtype=np.bool_)
    for cache, held in enumerate(files):
        mask[cache, held] = True
    return mask


def _rows_of_cache(
    problem: PlacementProblem, cache: int, files: Ints, service: Service, held_after: Bools
) -> pd.DataFrame:
    held_now = problem.held_mask(cache)
    is_new = ~held_now[files]
    gone = np.setdiff1d(problem.held[cache], files)
    worth = service.worth[cache]
    cost = np.where(is_new, problem.size_bytes[files] * problem.fill_cost_per_byte[cache], 0.0)
    file = np.concatenate((files, gone))
    nothing = np.zeros(len(gone))
    ids = np.asarray(problem.file_ids, dtype=object)
    return pd.DataFrame(
        {
            "cache_id": problem.cache_ids[cache],
            "asset_id": ids[file],
            "action": np.repeat(["keep", "evict"], [len(files), len(gone)]).astype(object),
            "size_bytes": pd.array(problem.size_bytes[file], dtype="Int64"),
            "expected_bytes": np.concatenate((service.served_bytes[cache], nothing)),
            "value": np.concatenate((worth - cost, nothing)),
        }
    ).assign(**_fill_columns(problem, cache, files, is_new, worth, held_after, len(gone)))


def _fill_columns(
    problem: PlacementProblem,
    cache: int,
    files: Ints,
    is_new: Bools,
    worth: Floats,
    held_after: Bools,
    evicted: int,
) -> dict[str, object]:
    """Action, priority and source of the rows, the evicted ones last."""
    new = files[is_new]
    rank = np.empty(len(new), dtype=np.int64)
    rank[_fill_order(problem, cache, new, worth[is_new])] = np.arange(1, len(new) + 1)
    rows = np.flatnonzero(is_new)
    action = np.repeat(np.array(["keep", "evict"], dtype=object), [len(files), evicted])
    action[rows] = "add"
    priority = pd.array([pd.NA] * len(action), dtype="Int64")
    priority[rows] = rank
    source = np.full(len(action), None, dtype=object)
    source[rows] = _sources(problem, cache, new, held_after)
    return {"action": action, "priority": priority, "source": source}


def _fill_order(problem: PlacementProblem, cache: int, new: Ints, worth: Floats) -> Ints:
    density = worth / problem.size_bytes[new]
    density[np.isin(new, problem.pinned[cache])] = np.inf
    companion = problem.companion[new]
    position = pd.Index(new).get_indexer(companion)
    leads = (companion >= 0) & (position >= 0)
    np.maximum.at(density, position[leads], density[leads])
    return np.lexsort((new, companion >= 0, -density))


def _sources(problem: PlacementProblem, cache: int, files: Ints, held_after: Bools) -> np.ndarray:
    source = np.full(len(files), "origin", dtype=object)
    if problem.parent[cache] != ORIGIN:
        for above in reversed(ancestors(int(problem.parent[cache]), problem.parent)):
            source[held_after[above, files]] = problem.cache_ids[above]
    return source


def _unknown_files(tables: Tables) -> pd.DataFrame:
    """Evictions of files that caches hold but the catalogue does not know; their size is unknown."""
    unknown = tables.inventory[inventory_codes(tables)[1] < 0]
    return pd.DataFrame(
        {
            "cache_id": unknown["cache_id"].astype(object),
            "asset_id": unknown["asset_id"].astype(object),
            "action": "evict",
            "priority": pd.array([pd.NA] * len(unknown), dtype="Int64"),
            "source": None,
            "size_bytes": pd.array([pd.NA] * len(unknown), dtype="Int64"),
            "expected_bytes": 0.0,
            "value": 0.0,
        }
    )
