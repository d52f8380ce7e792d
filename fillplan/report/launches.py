"""Titles whose rights start within the horizon: what is expected of them and where they will be held."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan.report.content import Launch
from fillplan.report.facts import Facts
from fillplan.report.starts import EVERYWHERE
from fillplan_optimizer.problem import Floats, Ints

LAUNCHES_SHOWN = 30


def launches(facts: Facts) -> tuple[tuple[Launch, ...], int]:
    """The launches of the horizon by falling demand, capped, and how many there are."""
    starts = facts.starts[facts.starts["date"] >= facts.plan_day]
    requested, served = _bytes_per_title(facts)
    caches = _caches_per_title(facts)
    found = [
        _launch(facts, int(title), group, requested[title], served[title], int(caches[title]))
        for title, group in starts.groupby("title")
    ]
    found.sort(key=lambda x: (-(x.hours or 0.0), -x.requested_bytes, x.start, x.title_id))
    return tuple(found[:LAUNCHES_SHOWN]), len(found)


def _launch(facts: Facts, title: int, starts: pd.DataFrame, requested: float, served: float, caches: int) -> Launch:
    row = facts.tables.titles.iloc[title]
    everywhere = bool((starts["region"] == EVERYWHERE).any())
    where = np.arange(len(facts.regions)) if everywhere else np.unique(starts["region"])
    hours = facts.hours
    mean, low, high = (
        (None, None, None)
        if hours is None
        else (float(x[where, title].sum()) for x in (hours.expected, hours.low, hours.high))
    )
    return Launch(
        title_id=str(row["title_id"]),
        name=facts.title_names[title],
        kind=str(row["kind"]),
        start=starts["date"].min().date(),
        regions=() if everywhere else tuple(facts.regions[r] for r in where),
        hours=mean,
        low=low,
        high=high,
        caches=caches,
        requested_bytes=float(requested),
        held_share=float(min(served / requested, 1.0)) if requested else None,
    )


def _bytes_per_title(facts: Facts) -> tuple[Floats, Floats]:
    size, rows = len(facts.tables.titles), facts.rows
    requested = np.bincount(facts.problem.title, facts.problem.demand_bytes.sum(axis=0), minlength=size)
    held = np.flatnonzero(rows.is_held)
    served = np.bincount(rows.title[held], rows.expected_bytes[held], minlength=size)
    return requested.astype(np.float64), served.astype(np.float64)


def _caches_per_title(facts: Facts) -> Ints:
    """Caches that hold a video (or muxed) file of each title after tonight."""
    is_picture = facts.tables.assets["kind"].isin(["video", "muxed"]).to_numpy()
    cache, file = np.nonzero(facts.held & is_picture)
    holds = np.zeros((len(facts.tables.titles), facts.problem.cache_count), dtype=np.bool_)
    holds[facts.problem.title[file], cache] = True
    return holds.sum(axis=1)
