"""What was known on a plan date: the tables as they would have been, without anything dated later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.errors import NotFound
from fillplan_data.tables import Tables

Period = Literal["day", "week", "month"]
Days = npt.NDArray[np.datetime64]

LENGTH_RANK: Final[dict[Period, int]] = {"day": 0, "week": 1, "month": 2}
FEW_ROWS: Final = 0.05
"""Part of a region's median rows per date below which a date of `variant_views` is taken for mistyped."""

LONGEST_GAP_DAYS: Final = 14
"""Days without any view that look like a mistyped date on one side of them."""
SETTLED_DAYS: Final = 14
"""Days with views that begin a history, whatever gap follows them."""


def default_plan_date(tables: Tables) -> date:
    """The day after the last row of views; raises `NotFound` if there is none."""
    last = tables.views["date"].max()
    if pd.isna(last):
        raise NotFound("expected views to plan from, found none in input/views.*; add them or give --date")
    plan_date: date = last.date() + timedelta(days=1)
    return plan_date


def before(tables: Tables, plan_date: date) -> Tables:
    """The tables with only those views and variant periods that had ended before `plan_date`.

    Plans of the future that were known then (availability, promotions, calendar, catalogue) stay. Views before
    `history_start` are left out. Categories hold what occurs in the remaining rows, so not even the ids of later
    rows can be reached.
    """
    day = np.datetime64(plan_date, "D")
    views = _cut(tables.views, (tables.views["date"] < day).to_numpy())
    views = _cut(views, ~(views["date"] < history_start(views)).to_numpy())
    variants = _cut(tables.variant_views, (tables.variant_views["date"] < day).to_numpy())
    ended = period_ends(variants) <= day
    return replace(tables, views=views, variant_views=_cut(variants, ended))


def history_start(views: pd.DataFrame) -> pd.Timestamp:
    """First day of the history that views tell, NaT without any.

    Long gaps part their days into runs. The history begins with the first run of `SETTLED_DAYS`, or of as many as the
    longest has; the few days before it are mistyped, or of tests, and would stretch the history to them.
    """
    days = np.unique(pd.Series(views["date"].unique()).dropna()).astype("datetime64[D]")
    runs = np.split(days, np.flatnonzero(np.diff(days).astype(np.int64) > LONGEST_GAP_DAYS) + 1)
    enough = min(SETTLED_DAYS, max(map(len, runs)))
    first = next(run[:1] for run in runs if len(run) >= enough)
    return pd.Timestamp(first[0]) if len(first) else pd.NaT


def _cut(frame: pd.DataFrame, keep: Bools) -> pd.DataFrame:
    if keep.all():
        return frame
    cut = frame[keep].reset_index(drop=True)
    for name in cut.columns[cut.dtypes == "category"]:
        cut[name] = cut[name].cat.remove_unused_categories()
    return cut


def period_length(variant_views: pd.DataFrame) -> Period:
    """Whether the rows are for days, weeks or months, by the spacing of their dates.

    In each region: months if all its dates are the same day of the month, else weeks if they lie whole weeks
    apart, else days: the longest that fits, so that no period is taken to have ended too early. The table's is the
    shortest over the regions (their weeks may start on different weekdays). Dates of very few rows are passed over:
    one mistyped date does not make days of weeks. Where no region has two dates nothing tells, and the longest is
    taken: a month.
    """
    region, days = _starts(variant_views)
    lengths = [_longest(own) for own in _groups(region, days) if len(own)]
    return min(lengths, key=LENGTH_RANK.__getitem__, default="month")


def period_ends(variant_views: pd.DataFrame) -> Days:
    """[rows] the first day after each row's period, as datetime64[D]."""
    starts = variant_views["date"].to_numpy().astype("datetime64[D]")
    length = period_length(variant_views)
    if length == "month":
        months = starts.astype("datetime64[M]")
        return (months + np.timedelta64(1, "M")).astype("datetime64[D]") + (starts - months.astype("datetime64[D]"))
    return starts + np.timedelta64(7 if length == "week" else 1, "D")


def _starts(variant_views: pd.DataFrame) -> tuple[Ints, Days]:
    """Distinct pairs of region and first day, sorted by region, then day, without those of very few rows."""
    region = variant_views["region"].cat.codes.to_numpy().astype(np.int64)
    days = variant_views["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    pairs, rows = np.unique(region * 10**7 + days, return_counts=True)
    usual = pd.Series(rows).groupby(pairs // 10**7).transform("median").to_numpy()
    pairs = pairs[rows >= FEW_ROWS * usual]
    return pairs // 10**7, (pairs % 10**7).astype("datetime64[D]")


def _groups(region: Ints, days: Days) -> list[Days]:
    return np.split(days, np.flatnonzero(np.diff(region)) + 1)


def _longest(days: Days) -> Period:
    """The longest period that the sorted, distinct first days of one region allow."""
    day_of_month = days - days.astype("datetime64[M]").astype("datetime64[D]")
    if np.all(day_of_month == day_of_month[0]):
        return "month"
    spacing = np.diff(days).astype(np.int64)
    return "week" if np.all(spacing % 7 == 0) else "day"
