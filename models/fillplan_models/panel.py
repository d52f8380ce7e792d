"""The panel: a workspace's history as dense arrays [series, days], the one form that every forecaster reads.

Sizes: N series (region, title), D days of history, H days of horizon, R regions, T titles. Day 0 is
`first_day`, day D the plan date. Everything is taken from tables truncated at the plan date; what lies after
it is only what is known in advance (rights windows, promotions, holidays, the catalogue).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Bools, Ints, Singles
from fillplan_data.errors import ModelError
from fillplan_data.history import before
from fillplan_data.lookup import positions
from fillplan_data.rights import ALWAYS, open_days, windows
from fillplan_data.tables import Tables, regions_of
from fillplan_models.catalogue import Catalogue, build_catalogue
from fillplan_models.codes import region_sums
from fillplan_models.festivals import holiday_days
from fillplan_models.lateness import late_days

Days = npt.NDArray[np.int32]

LONGEST_HISTORY_DAYS = 550
"""Older days are left out of the panel: they cost memory and tell little about the coming week."""
WINDOW_DAYS = 84
"""Last days of the history that levels are made of."""
NEVER = np.int32(1 << 30)
"""A day that does not come: no view yet, no declared window."""


@dataclass(frozen=True, eq=False)
class Panel:
    """History and what is known in advance, per series; `cut` gives the same as of an earlier day."""

    first_day: date
    history_days: int
    """D; the plan date is `first_day` + D."""
    horizon_days: int
    regions: tuple[str, ...]
    titles: tuple[str, ...]
    """In the order of the titles table."""
    region: Ints
    """[N] index into `regions`; series are sorted by region, then title."""
    title: Ints
    """[N] index into `titles`."""
    hours: Singles
    """[N, D] view hours, 0 where the region's day is not observed."""
    observed: Bools
    """[R, D] False where a region's day is missing or partial, and before its first view."""
    open: Bools
    """[N, D + H] whether the rights window covers the day."""
    window_start: Days
    """[N] day of the first declared rights start (may be negative), NEVER without a declared window."""
    first_view: Days
    """[N] first day with views (may be negative), NEVER without."""
    promotion: Singles
    """[P, D + H] strength per day; row 0 is all zero."""
    promotion_row: Days
    """[N] row of `promotion`."""
    holiday: Bools
    """[R, D + H]."""
    catalogue: Catalogue
    notes: tuple[str, ...] = ()
    """What was found odd in the history, for people: late days, regions without views."""

    @property
    def plan_date(self) -> date:
        """First day of the horizon."""
        return self.first_day + timedelta(days=self.history_days)

    @property
    def series_count(self) -> int:
        """N."""
        return len(self.region)

    @property
    def cold(self) -> Bools:
        """[N] no views in that region before the plan date."""
        return self.first_view >= self.history_days

    @property
    def launch(self) -> Days:
        """[N] day of the launch as known at the plan date: the rights start, else the first view, else NEVER."""
        seen = np.where(self.first_view < self.history_days, self.first_view, NEVER)
        return np.where(self.window_start != NEVER, self.window_start, seen)

    @property
    def live(self) -> Ints:
        """Indices of the series that are open on some day of the horizon."""
        return np.flatnonzero(self.open[:, self.history_days :].any(axis=1))

    @cached_property
    def silent(self) -> Bools:
        """[R] regions in which nothing was watched in the last `WINDOW_DAYS`: nothing tells how much will be."""
        totals = region_sums(self.hours[:, -WINDOW_DAYS:], self.region, len(self.regions))
        return np.count_nonzero(totals, axis=1) == 0

    @property
    def views_end(self) -> int:
        """The day after the last one that is observed in any region: the plan date, unless views end early."""
        return int(np.flatnonzero(self.observed.any(axis=0)).max(initial=-1)) + 1

    def weekday(self, days: npt.ArrayLike) -> Ints:
        """Weekday (Monday = 0) of panel days."""
        return (self.first_day.weekday() + np.asarray(days, dtype=np.int64)) % 7

    def cut(self, day: int) -> Panel:
        """The panel as it was on the eve of `day`: views of the full one, nothing is copied."""
        if not 0 < day <= self.history_days:
            raise ModelError(f"expected a cut-off day within 1 .. {self.history_days}, found day {day}")
        end = day + self.horizon_days
        return dataclasses.replace(
            self,
            history_days=day,
            hours=self.hours[:, :day],
            observed=self.observed[:, :day],
            open=self.open[:, :end],
            promotion=self.promotion[:, :end],
            holiday=self.holiday[:, :end],
        )


def build_panel(tables: Tables, plan_date: date, horizon_days: int) -> Panel:
    """Make the panel of everything known on the eve of `plan_date`.

    Raises ModelError if there are no views before the plan date or no titles.
    """
    tables = before(tables, plan_date)
    views = tables.views
    if views.empty or tables.titles.empty:
        raise ModelError(
            f"expected titles and views before the plan date {plan_date}, found {len(tables.titles)} titles and "
            f"{len(views)} rows of views: move --date forward or add history to the views table"
        )
    regions = regions_of(tables)
    titles = tuple(tables.titles["title_id"])
    first_day = max(views["date"].min().date(), plan_date - timedelta(days=LONGEST_HISTORY_DAYS))
    history = (plan_date - first_day).days
    is_open = open_days(tables, regions, titles, first_day, history + horizon_days)
    cells, day, hours = _view_cells(views, regions, titles, first_day)
    region, title, lookup = _series(is_open, cells)
    dense, first_view = _dense_hours(lookup[cells], day, hours, len(region), history)
    observed, late = _observed(dense, region, len(regions))
    dense[~observed[region]] = 0
    promotion, promotion_row = _promotions(tables, regions, titles, lookup, first_day, history + horizon_days)
    panel = Panel(
        first_day=first_day,
        history_days=history,
        horizon_days=horizon_days,
        regions=regions,
        titles=titles,
        region=region,
        title=title,
        hours=dense,
        observed=observed,
        open=is_open.reshape(-1, history + horizon_days)[region * len(titles) + title],
        window_start=_window_starts(tables, regions, titles, first_day)[region * len(titles) + title],
        first_view=first_view,
        promotion=promotion,
        promotion_row=promotion_row,
        holiday=holiday_days(tables.calendar, "calendar" in tables.present, regions, first_day, history + horizon_days),
        catalogue=build_catalogue(tables.titles),
    )
    return dataclasses.replace(panel, notes=_notes(panel, late))


def _day_numbers(column: pd.Series, first_day: date) -> Ints:
    """Days since `first_day`; blanks become the smallest integer."""
    return (column.to_numpy().astype("datetime64[D]") - np.datetime64(first_day, "D")).astype(np.int64)


def _view_cells(
    views: pd.DataFrame, regions: tuple[str, ...], titles: tuple[str, ...], first_day: date
) -> tuple[Ints, Ints, Singles]:
    """(region x T + title, day, hours) of every row of views."""
    cells = positions(views["region"], regions) * len(titles) + positions(views["title_id"], titles)
    return cells, _day_numbers(views["date"], first_day), views["view_hours"].to_numpy().astype(np.float32)


def _series(is_open: Bools, cells: Ints) -> tuple[Ints, Ints, Ints]:
    """Series = pairs that are open some day or have views; `lookup` gives the series of a pair, -1 for none."""
    member = is_open.any(axis=2).ravel()
    member[cells] = True
    pairs = np.flatnonzero(member)
    lookup = np.full(member.size, -1, dtype=np.int64)
    lookup[pairs] = np.arange(len(pairs))
    return pairs // is_open.shape[1], pairs % is_open.shape[1], lookup


def _dense_hours(series: Ints, day: Ints, hours: Singles, count: int, days: int) -> tuple[Singles, Days]:
    first_view = np.full(count, NEVER, dtype=np.int32)
    some = hours > 0
    np.minimum.at(first_view, series[some], day[some].astype(np.int32))
    dense = np.full((count, days), np.float32(-1))  # -1 marks "no row", which tells a region's missing days
    kept = day >= 0
    dense[series[kept], day[kept]] = hours[kept]
    return dense, first_view


def _observed(dense: Singles, region: Ints, region_count: int) -> tuple[Bools, list[tuple[int, int]]]:
    """Days with rows from the first view on, and not late, per region; turns the -1 marks of `dense` into zeros."""
    rows = region_sums(dense >= 0, region, region_count)
    np.maximum(dense, 0, out=dense)
    totals = region_sums(dense, region, region_count)
    # nothing but zeros before a region's first view: it was not there yet, which says nothing of what is watched in it
    observed = (rows > 0) & np.logical_or.accumulate(totals > 0, axis=1)
    late = late_days(totals, rows, observed)
    observed[tuple(np.array(late, dtype=np.int64).reshape(-1, 2).T)] = False
    return observed, late


def _window_starts(tables: Tables, regions: tuple[str, ...], titles: tuple[str, ...], first_day: date) -> Days:
    """[R x T] first declared start, NEVER where no window is declared."""
    starts = np.full((len(regions), len(titles)), NEVER, dtype=np.int32)
    spans = windows(tables, regions, titles)
    declared = spans.start_day != ALWAYS
    day = spans.start_day - np.datetime64(first_day, "D").astype(np.int64)
    np.minimum.at(starts, (spans.region[declared], spans.title[declared]), day[declared].astype(np.int32))
    return starts.ravel()


def _promotions(
    tables: Tables, regions: tuple[str, ...], titles: tuple[str, ...], lookup: Ints, first_day: date, days: int
) -> tuple[Singles, Days]:
    """Strength per day [P, days], one row per promoted series, and the row of each; the strongest counts."""
    rows = tables.promotions
    title, region = positions(rows["title_id"], titles), positions(rows["region"], regions)
    start = np.clip(_day_numbers(rows["start_date"], first_day), 0, days)
    stop = np.clip(_day_numbers(rows["end_date"], first_day) + 1, 0, days)
    strength = rows["strength"].to_numpy()
    everywhere = (rows["region"] == "").to_numpy()
    row_of = np.zeros(int(lookup.max()) + 1, dtype=np.int32)
    table = [np.zeros(days, dtype=np.float32)]
    for i in np.flatnonzero((stop > start) & (title >= 0) & (everywhere | (region >= 0))):
        where = range(len(regions)) if everywhere[i] else (region[i],)
        for series in (lookup[r * len(titles) + title[i]] for r in where):
            if series < 0:
                continue
            if not row_of[series]:
                row_of[series] = len(table)
                table.append(np.zeros(days, dtype=np.float32))
            span = table[row_of[series]][start[i] : stop[i]]
            np.maximum(span, np.float32(strength[i]), out=span)
    return np.stack(table), row_of


def _notes(panel: Panel, late: list[tuple[int, int]]) -> tuple[str, ...]:
    regions, observed = panel.regions, panel.observed
    day = [(regions[r], (panel.first_day + timedelta(days=d)).isoformat()) for r, d in late]
    notes = [f"views of {region} on {when} look incomplete; the day is treated as missing" for region, when in day]
    never = [regions[r] for r in np.flatnonzero(~observed.any(axis=1))]
    if never:
        notes.append(f"no views at all in {', '.join(never)}: demand there is forecast as zero")
    missing = [
        f"{regions[r]} ({int(gap)})" for r, gap in enumerate(trailing_gap(observed)) if 0 < gap < observed.shape[1]
    ]
    if missing:
        notes.append("last days without usable views, by region: " + ", ".join(missing))
    return tuple(notes)


def trailing_gap(observed: Bools) -> Ints:
    """[R] number of unobserved days at the end of the history."""
    reverse = observed[:, ::-1]
    return np.where(reverse.any(axis=1), reverse.argmax(axis=1), observed.shape[1])
