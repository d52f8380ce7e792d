"""A stored night as the start of the next solve: its prices and its plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fillplan.runs import PRICE_COLUMNS, Run
from fillplan_data.arrays import Floats, Ints
from fillplan_data.lookup import positions
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, Prices
from fillplan_optimizer.start import Start


def companion_price_rows(problem: PlacementProblem, prices: Prices) -> pd.DataFrame | None:
    """What each video pays towards its title's main audio at each cache, in units of worth; None if unknown."""
    if prices.companion is None:
        return None
    counts = [len(files) for files, _ in prices.companion]
    files = np.concatenate([files for files, _ in prices.companion]).astype(np.int64)
    columns = (
        pd.Categorical.from_codes(np.repeat(np.arange(problem.cache_count), counts), list(problem.cache_ids)),
        pd.Categorical(np.asarray(problem.file_ids, dtype=object)[files]),
        np.concatenate([paid for _, paid in prices.companion]),
    )
    return pd.DataFrame(dict(zip(PRICE_COLUMNS, columns, strict=True)))


def start_of_run(run: Run) -> Start:
    """A stored run's prices and plan, to begin from: `placer(...).place(problem, start=start_of_run(run))`.

    Caches and files that the run does not know start from nothing. Raises VerificationFailed where the run is damaged.
    """
    caches = run.summary["caches"]
    cache_ids = tuple(str(cache["cache_id"]) for cache in caches)
    rows = run.plan().rows
    held = rows[rows["action"] != "evict"]
    paying = run.companion_prices()
    named = [pd.unique(frame["asset_id"]) for frame in (held, paying) if frame is not None]
    file_ids = tuple(dict.fromkeys(str(name) for names in named for name in names))
    by_cache = _per_cache(held, cache_ids, file_ids)
    storage, fill, serve = (
        np.array([np.nan if cache.get(key) is None else cache[key] for cache in caches], dtype=np.float64)
        for key in ("storage_price", "fill_price", "serve_price")
    )
    companion = None if paying is None else _per_cache(paying, cache_ids, file_ids, "price")
    prices = Prices(storage, fill, serve, companion)
    return Start(cache_ids, file_ids, prices, Placement(tuple(np.sort(files) for files, _ in by_cache)))


def _per_cache(
    rows: pd.DataFrame, cache_ids: Sequence[str], file_ids: Sequence[str], column: str | None = None
) -> tuple[tuple[Ints, Floats], ...]:
    """Per cache the files of its rows and their column (or zeros); rows of unknown caches or files are left out."""
    cache, file = positions(rows["cache_id"], cache_ids), positions(rows["asset_id"], file_ids)
    number = np.zeros(len(rows)) if column is None else rows[column].to_numpy(np.float64)
    known = np.flatnonzero((cache >= 0) & (file >= 0))
    known = known[np.argsort(cache[known], kind="stable")]
    cuts = np.searchsorted(cache[known], np.arange(1, len(cache_ids)))
    return tuple(zip(np.split(file[known], cuts), np.split(number[known], cuts), strict=True))
