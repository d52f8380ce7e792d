"""What was watched lately: `variant_views` as weighted hours per region, title, rung, audio and subtitle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.tables import Tables
from fillplan_models.codes import code_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 28.0
"""A period that is this much older counts half: habits drift."""
OFF = ""
"""The subtitle value of those who watch without."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The values that hours split over; every array of codes refers to these."""

    regions: tuple[str, ...]
    titles: tuple[str, ...]
    rungs: tuple[float, ...]
    """Ascending kbps."""
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

    def only(self, rows: npt.NDArray[np.bool_]) -> Evidence:
        """The same for some rows."""
        names = ("region", "title", "rung", "audio", "subtitle", "hours", "period")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def make_codes(tables: Tables, regions: tuple[str, ...]) -> Codes:
    """Codes that cover the files and what was watched."""
    assets, views = tables.assets, tables.variant_views
    rungs = pd.concat([assets["bitrate_kbps"], views["bitrate_kbps"]]).dropna().unique()
    languages = set(assets["language"]) | set(views["audio"].cat.categories) | set(views["subtitle"].cat.categories)
    languages |= set(tables.titles["original_language"])
    return Codes(
        regions=regions,
        titles=tuple(tables.titles["title_id"]),
        rungs=tuple(sorted(float(rung) for rung in rungs)),
        languages=tuple(sorted(languages - {""})),
    )


def read_evidence(tables: Tables, codes: Codes, plan_date: date) -> Evidence:
    """Rows of `variant_views` (already cut to periods that ended before the plan date), weighted by recency."""
    views = tables.variant_views
    region, title = code_of(views["region"], codes.regions), code_of(views["title_id"], codes.titles)
    keep = (region >= 0) & (title >= 0) & (views["view_hours"].to_numpy() > 0)
    start = views["date"].to_numpy().astype("datetime64[D]")[keep]
    age_days = (np.datetime64(plan_date, "D") - start).astype(np.float64)
    newest = age_days.min(initial=np.inf)
    subtitle = code_of(views["subtitle"], codes.languages)[keep]
    return Evidence(
        codes=codes,
        region=region[keep],
        title=title[keep],
        rung=rung_code(views["bitrate_kbps"].to_numpy()[keep], codes),
        audio=code_of(views["audio"], codes.languages)[keep],
        subtitle=np.where(subtitle < 0, len(codes.languages), subtitle),
        hours=views["view_hours"].to_numpy()[keep] * 0.5 ** ((age_days - newest) / HALF_LIFE_DAYS),
        period=np.unique(start, return_inverse=True)[1].astype(np.int64),
    )


def rung_code(bitrate_kbps: Floats, codes: Codes) -> Ints:
    """Index of each bitrate in `codes.rungs`, -1 for NaN."""
    index = np.searchsorted(np.array(codes.rungs), bitrate_kbps)
    return np.where(np.isnan(bitrate_kbps), -1, index).astype(np.int64)
