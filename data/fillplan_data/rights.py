"""Rights windows: where and when each title may be watched, from the `availability` table.

A title without a row is open everywhere and always; a row with a blank region applies everywhere, beside the
regions' own rows; a title with rows is open where and when any of them says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables

ALWAYS: Final = -(10**8)
"""Start day of a title that was always open."""
OPEN_END: Final = 10**8
"""End day of a window without an end."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Rights windows in long form, [W] each, sorted by region, title, start; days since 1970-01-01.

    A pair of region and title may have several windows, which may overlap, or none: closed.
    """

    region: Ints
    title: Ints
    start_day: Ints
    """First day, `ALWAYS` for titles without an availability row."""
    end_day: Ints
    """Last day, `OPEN_END` for an open end."""


def windows(tables: Tables, regions: Sequence[str], titles: Sequence[str]) -> Windows:
    """Windows of every region and title given, by their position there."""
    return windows_of(tables.availability, regions, titles)


def windows_of(availability: pd.DataFrame, regions: Sequence[str], titles: Sequence[str]) -> Windows:
    """As `windows`, from the table alone."""
    title = positions(availability["title_id"], titles)
    region = positions(availability["region"], regions)
    everywhere = (availability["region"] == "").to_numpy()
    start = _days(availability["start_date"], ALWAYS)
    end = _days(availability["end_date"], OPEN_END)
    local = np.flatnonzero((title >= 0) & (region >= 0) & ~everywhere)
    wide = np.flatnonzero((title >= 0) & everywhere)
    free = np.setdiff1d(np.arange(len(titles)), title)
    wide_title = np.concatenate([title[wide], free])
    wide_start = np.concatenate([start[wide], np.full(len(free), ALWAYS)])
    wide_end = np.concatenate([end[wide], np.full(len(free), OPEN_END)])
    count = len(regions)
    rows = (
        np.concatenate([region[local], np.tile(np.arange(count), len(wide_title))]),
        np.concatenate([title[local], np.repeat(wide_title, count)]),
        np.concatenate([start[local], np.repeat(wide_start, count)]),
        np.concatenate([end[local], np.repeat(wide_end, count)]),
    )
    order = np.lexsort(rows[::-1])
    return Windows(*(row[order] for row in rows))


def covers(spans: Windows, region: Ints, title: Ints, day: Ints) -> Bools:
    """[n] whether some window of the region and title [n] covers the day [n], in days since 1970-01-01."""
    titles, apart = int(max(spans.title.max(initial=0), title.max(initial=0))) + 1, 4 * OPEN_END
    pair = (spans.region * titles + spans.title) * apart
    end = np.maximum.accumulate(pair + spans.end_day)  # a window may end within the one before it
    asked = (region * titles + title) * apart + day
    latest = np.searchsorted(pair + spans.start_day, asked, side="right")  # of those that start by then, plus 1
    covered: Bools = np.append(-1, end)[latest] >= asked
    return covered


def _days(dates: pd.Series, blank: int) -> Ints:
    days = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), blank, days.astype(np.int64))


def open_days(tables: Tables, regions: Sequence[str], titles: Sequence[str], first_day: date, days: int) -> Bools:
    """[regions, titles, days] whether the title may be watched there on that day, from `first_day` on."""
    spans = windows(tables, regions, titles)
    origin = int(np.datetime64(first_day, "D").astype(np.int64))
    start = np.clip(spans.start_day - origin, 0, days)
    stop = np.clip(spans.end_day - origin + 1, 0, days)
    steps = np.zeros((len(regions), len(titles), days + 1), dtype=np.int32)
    np.add.at(steps, (spans.region, spans.title, start), 1)
    np.add.at(steps, (spans.region, spans.title, np.maximum(start, stop)), -1)
    np.cumsum(steps, axis=2, out=steps)
    opened: Bools = steps[:, :, :days] > 0
    return opened
