"""What was watched lately: `variant_views` as weighted hours per region, title, rung, audio and subtitle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.history import period_ends
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables

HALF_LIFE_DAYS = 28.0
"""A period that is this much older counts half: habits drift."""
MOST_RUNGS, RUNG_STEP = 48, 1.1
"""More distinct bitrates than this (each title encoded at rates of its own) are taken together in steps of 10 %."""
OFF = ""
"""The subtitle value of those who watch without."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The values that hours split over; every array of codes refers to these."""

    regions: tuple[str, ...]
    titles: tuple[str, ...]
    rungs: tuple[float, ...]
    """Ascending kbps, each standing for the rates nearest to it."""
    languages: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Weighted hours in long form; rows of unknown regions or titles are left out."""

    codes: Codes
    region: Ints
    title: Ints
    rung: Ints
    """-1 where not told."""
    audio: Ints
    """-1 where not told."""
    subtitle: Ints
    """Index into languages, or their number for off."""
    hours: Floats
    period: Ints
    """0 = the oldest period."""
    day: Floats
    """The middle of the row's period, in days since 1970."""

    def only(self, rows: Bools) -> Evidence:
        """The same for some rows."""
        names = ("region", "title", "rung", "audio", "subtitle", "hours", "period", "day")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def make_codes(tables: Tables, regions: tuple[str, ...]) -> Codes:
    """Codes that cover the files and what was watched."""
    assets, views = tables.assets, tables.variant_views
    rates = pd.concat([assets["bitrate_kbps"], views["bitrate_kbps"]]).dropna().unique().astype(np.float64)
    languages = set(assets["language"]) | set(views["audio"].cat.categories) | set(views["subtitle"].cat.categories)
    languages |= set(tables.titles["original_language"])
    return Codes(
        regions=regions,
        titles=tuple(tables.titles["title_id"]),
        rungs=tuple(_rungs(rates).tolist()),
        languages=tuple(sorted(languages - {""})),
    )


def read_evidence(tables: Tables, codes: Codes, plan_date: date) -> Evidence:
    """Rows of `variant_views` (already cut to periods that ended before the plan date), weighted by recency."""
    start = tables.variant_views["date"].to_numpy().astype("datetime64[D]")
    age_days = (np.datetime64(plan_date, "D") - start).astype(np.float64)
    counted = age_days[_of_known(tables, codes)]
    return evidence_of(tables, codes, 0.5 ** ((age_days - counted.min(initial=np.inf)) / HALF_LIFE_DAYS))


def evidence_of(tables: Tables, codes: Codes, weight: Floats) -> Evidence:
    """Rows of `variant_views`, their hours times `weight` [rows]; those of weight 0 are left out."""
    views = tables.variant_views
    keep = _of_known(tables, codes) & (weight > 0)
    start, end = (
        days[keep].astype(np.int64) for days in (views["date"].to_numpy().astype("datetime64[D]"), _ends(views))
    )
    views = views[keep]
    subtitle = positions(views["subtitle"], codes.languages)
    return Evidence(
        codes=codes,
        region=positions(views["region"], codes.regions),
        title=positions(views["title_id"], codes.titles),
        rung=rung_code(views["bitrate_kbps"].to_numpy(), codes),
        audio=positions(views["audio"], codes.languages),
        subtitle=np.where(subtitle < 0, len(codes.languages), subtitle),
        hours=views["view_hours"].to_numpy() * weight[keep],
        period=np.unique(start, return_inverse=True)[1].astype(np.int64),
        day=(start + end) / 2,
    )


def _ends(views: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    return np.zeros(0, dtype="datetime64[D]") if views.empty else period_ends(views)


def _of_known(tables: Tables, codes: Codes) -> Bools:
    """[rows] of known regions and titles, with hours."""
    views = tables.variant_views
    known = (positions(views["region"], codes.regions) >= 0) & (positions(views["title_id"], codes.titles) >= 0)
    rows: Bools = known & (views["view_hours"].to_numpy() > 0)
    return rows


def _rungs(rates: Floats) -> Floats:
    """The rates themselves, or steps of `RUNG_STEP` where titles have ladders of their own."""
    if len(rates) > MOST_RUNGS:
        step = np.log(RUNG_STEP)
        rates = np.exp(np.unique(np.round(np.log(rates) / step)) * step)
    return np.sort(rates)


def rung_code(bitrate_kbps: Floats, codes: Codes) -> Ints:
    """Index of the nearest of `codes.rungs`, -1 for NaN."""
    rungs = np.log(np.array(codes.rungs))
    index = np.searchsorted((rungs[1:] + rungs[:-1]) / 2, np.log(bitrate_kbps))
    return np.where(np.isnan(bitrate_kbps), -1, index).astype(np.int64)
