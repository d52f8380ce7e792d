"""Titles whose rights start within the horizon: what is expected of them and where they will be held."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan.report.facts import Facts
from fillplan.report.rows import Launch
from fillplan.starts import EVERYWHERE, coming
from fillplan_data.arrays import Floats, Ints
from fillplan_data.declarations import PICTURES

LAUNCHES_SHOWN = 30
"""Kinds of files without which nothing of a title can be watched."""
PLURALS = {"audio": "audio", "subtitle": "subtitles"}


def launches(facts: Facts) -> tuple[tuple[Launch, ...], int]:
    """The launches of the horizon by falling demand, capped, and how many there are."""
    starts = coming(facts.starts, facts.run.plan_date)
    requested, served = _bytes_per_title(facts)
    found = [
        _launch(facts, int(title), group, requested[title], served[title]) for title, group in starts.groupby("title")
    ]
    found.sort(key=lambda x: (-(x.hours or 0.0), -x.requested_bytes, x.start, x.title_id))
    return tuple(found[:LAUNCHES_SHOWN]), len(found)


def _launch(facts: Facts, title: int, starts: pd.DataFrame, requested: float, served: float) -> Launch:
    row = facts.tables.titles.iloc[title]
    everywhere = bool((starts["region"] == EVERYWHERE).any())
    where = np.arange(len(facts.regions)) if everywhere else np.unique(starts["region"])
    hours, held = facts.hours, np.flatnonzero(facts.rows.is_held & (facts.rows.title == title))
    kinds = facts.tables.assets["kind"].to_numpy()[facts.rows.file[held]]
    copies = held[np.isin(kinds, PICTURES)]
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
        places=_places(facts, copies),
        only="" if len(copies) else " and ".join(PLURALS[kind] for kind in sorted(set(kinds))),
        copies=len(copies),
        sure_copies=_sure(facts, title, copies),
        requested_bytes=float(requested),
        held_share=float(min(served / requested, 1.0)) if requested else None,
    )


def _bytes_per_title(facts: Facts) -> tuple[Floats, Floats]:
    size, rows = len(facts.tables.titles), facts.rows
    requested = np.bincount(facts.problem.title, facts.problem.demand_bytes.sum(axis=0), minlength=size)
    held = np.flatnonzero(rows.is_held)
    served = np.bincount(rows.title[held], rows.expected_bytes[held], minlength=size)
    return requested.astype(np.float64), served.astype(np.float64)


def _places(facts: Facts, copies: Ints) -> tuple[str, ...]:
    """Caches of the copies, by falling bytes served."""
    caches, place = np.unique(facts.rows.cache[copies], return_inverse=True)
    served = np.bincount(place, facts.rows.expected_bytes[copies], minlength=len(caches))
    return tuple(facts.problem.cache_ids[c] for c in caches[np.argsort(-served, kind="stable")])


def _sure(facts: Facts, title: int, copies: Ints) -> int | None:
    """Copies whose worth, less fill cost, stays above the price of their bytes if demand comes at its low end."""
    if facts.hours is None:
        return None
    rows, problem = facts.rows, facts.problem
    asked, least = (facts.reach @ hours[:, title] for hours in (facts.hours.expected, facts.hours.low))
    part = np.divide(least, asked, out=np.zeros_like(asked), where=asked > 0)
    cache, size = rows.cache[copies], rows.size_bytes[copies].astype(np.float64)
    cost = size * problem.fill_cost_per_byte[cache] * rows.is_add[copies]
    left = (rows.value[copies] + cost) * part[cache] - cost
    # where no price is known a copy must at least be worth more than it costs
    return int(((left > 0) & (left >= np.nan_to_num(facts.storage_price[cache]) * size)).sum())
