"""Warnings: what a planner would want to look at although the night can go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Final

import numpy as np
import pandas as pd

from fillplan_data import evictions, pins
from fillplan_data.columns import MICROSECONDS_PER_DAY
from fillplan_data.faults import FaultLog, show
from fillplan_data.history import LONGEST_GAP_DAYS, history_start
from fillplan_data.network import is_mesh, regions_served
from fillplan_data.rights import ALWAYS, OPEN_END, covers, windows_of

STALE_DAYS: Final = 3
"""Missing days before the plan date that a planner should know of; the last one or two are often late."""

Frames = Mapping[str, pd.DataFrame]


def check(frames: Frames, plan_date: date | None, horizon_days: int | None, log: FaultLog) -> None:
    """Log oddities of the tables that were read whole, each check where its tables are there."""
    for tables, look in LOOKS:
        if all(table in frames for table in tables):
            look(*(frames[table] for table in tables), log)
    _regions_served(frames, log)
    _caches_serve(frames, log)
    _regions_occur(frames, log)
    plan_date = plan_date or _day_after(frames)
    if plan_date is not None and "views" in frames:
        _views_reach_the_plan_date(frames["views"], plan_date, log)
    evictions.check(frames, plan_date, horizon_days, log)
    pins.check(frames, plan_date, log)


def _day_after(frames: Frames) -> date | None:
    """The plan date that is taken where none is given."""
    last = frames["views"]["date"].max() if "views" in frames else pd.NaT
    return None if pd.isna(last) else (last + pd.Timedelta(days=1)).date()


def _promotions_overlap(promotions: pd.DataFrame, log: FaultLog) -> None:
    if not promotions.duplicated("title_id").any():
        return
    rows = promotions[["title_id", "region", "start_date", "end_date"]].assign(record=promotions.index)
    regional = rows[(rows["region"] != "").to_numpy()]
    wide = rows[(rows["region"] == "").to_numpy()]
    pairs = pd.concat(
        [
            _overlapping(_neighbours(regional, ["title_id", "region"])),
            _overlapping(_neighbours(wide, ["title_id"])),
            _overlapping(regional.merge(wide, on="title_id", suffixes=("", "_other"))),
        ]
    ).drop_duplicates("record")
    log.note_rows(
        "warning",
        "promotions",
        pairs["record"],
        "start_date",
        "promotions of a title that do not overlap",
        lambda i: (
            f"{pairs['title_id'].iloc[i]} overlaps {log.place('promotions', int(pairs['record_other'].iloc[i]))}; "
            "the strongest counts"
        ),
        "nothing to do, or give them days of their own",
    )


def _neighbours(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Each row beside the one before it in its group that ends last."""
    rows = rows.sort_values([*by, "start_date", "record"], kind="stable")
    ends_last = rows.groupby(by, observed=True)["end_date"].cummax()
    holder = rows["record"].where(ends_last == rows["end_date"])
    earlier = rows.assign(end=ends_last, holder=holder).groupby(by, observed=True)
    holders = earlier["holder"].ffill().groupby([rows[name] for name in by], observed=True).shift()
    return rows.assign(start_date_other=rows["start_date"], end_date_other=earlier["end"].shift(), record_other=holders)


def _overlapping(pairs: pd.DataFrame) -> pd.DataFrame:
    meets = (pairs["start_date"] <= pairs["end_date_other"]) & (pairs["start_date_other"] <= pairs["end_date"])
    return pairs.loc[meets.to_numpy(), ["title_id", "record", "record_other"]]


def _holidays_share_a_day(calendar: pd.DataFrame, log: FaultLog) -> None:
    more = calendar[calendar.duplicated(["region", "date"]).to_numpy()]
    log.note_rows(
        "warning",
        "calendar",
        more.index,
        "date",
        "one holiday per region and day",
        lambda i: f"{show(more['name'].iloc[i])}, one more on {show(more['date'].to_numpy()[i])}",
        "nothing to do: the day counts as one holiday",
    )


def _files_serve_the_same(assets: pd.DataFrame, log: FaultLog) -> None:
    traits = ["title_id", "kind", "bitrate_kbps", "language"]
    copies = assets[assets.duplicated(traits).to_numpy()]
    firsts = copies[traits].merge(assets.drop_duplicates(traits), on=traits, how="left")["asset_id"]
    log.note_rows(
        "warning",
        "assets",
        copies.index,
        "asset_id",
        "one file per title, kind, bitrate and language",
        lambda i: f"{copies['asset_id'].iloc[i]} serves the same demand as {firsts.iloc[i]}",
        "delete the file that is not in use",
    )


def _watched_titles_have_files(views: pd.DataFrame, assets: pd.DataFrame, log: FaultLog) -> None:
    watched = views["title_id"].cat.categories.astype("object")
    lacking = watched[~watched.isin(assets["title_id"].cat.categories.astype("object"))]
    if len(lacking):
        found = f"{len(lacking):,} watched titles without any: {', '.join(lacking[:5])}"
        remedy = "add their files, or leave them to the origin"
        log.note("warning", "assets", "files of every title that is watched", found, remedy, column="title_id")


def _views_lie_in_windows(views: pd.DataFrame, availability: pd.DataFrame, log: FaultLog) -> None:
    regions, titles = list(views["region"].cat.categories), list(views["title_id"].cat.categories)
    spans = windows_of(availability, regions, titles)
    first = np.full((len(regions), len(titles)), OPEN_END, dtype=np.int32)
    last = np.full((len(regions), len(titles)), ALWAYS, dtype=np.int32)
    np.minimum.at(first, (spans.region, spans.title), spans.start_day)
    np.maximum.at(last, (spans.region, spans.title), spans.end_day)
    pair = (views["region"].cat.codes.to_numpy(), views["title_id"].cat.codes.to_numpy())
    day = (views["date"].to_numpy().view(np.int64) // MICROSECONDS_PER_DAY).astype(np.int32)
    outside = (day < first[pair]) | (day > last[pair])
    # most have one window at most: days between several are looked for only where there are several
    several = np.bincount(spans.region * len(titles) + spans.title, minlength=first.size).reshape(first.shape) > 1
    between = np.flatnonzero(several[pair] & ~outside)
    outside[between] = ~covers(spans, *(values[between].astype(np.int64) for values in (*pair, day)))
    if not outside.any():
        return
    rows = views[outside & (views["view_hours"] > 0).to_numpy()]
    log.note_rows(
        "warning",
        "views",
        rows.index,
        "date",
        "views within the title's rights windows",
        lambda i: (
            f"{rows['title_id'].iloc[i]} watched in {rows['region'].iloc[i]} on {show(rows['date'].to_numpy()[i])}"
        ),
        "check the availability table: no demand is forecast outside the windows",
    )


def _no_views_lie_long_before(views: pd.DataFrame, log: FaultLog) -> None:
    start = history_start(views)
    early = views["date"][(views["date"] < start).to_numpy()]
    log.note_rows(
        "warning",
        "views",
        early.index,
        "date",
        f"views that no gap of more than {LONGEST_GAP_DAYS} days parts from all others",
        lambda i: f"{show(early.to_numpy()[i])}, long before the history, which begins on {start.date()}; ignored",
        "correct the date or delete the row",
    )


def _history_has_no_gap(views: pd.DataFrame, log: FaultLog) -> None:
    days = np.sort(np.asarray(views["date"].dropna().unique()).astype("datetime64[D]"))
    days = days[days >= history_start(views)]
    gaps = np.flatnonzero(np.diff(days).astype(np.int64) > LONGEST_GAP_DAYS)
    if not len(gaps):
        return
    before, after = days[gaps[-1]], days[gaps[-1] + 1]
    rows = views.index[(views["date"] > before).to_numpy()]
    log.note_rows(
        "warning",
        "views",
        rows[:1],
        "date",
        f"views on some day at least every {LONGEST_GAP_DAYS} days",
        lambda _: f"{after} after a gap since {before}; {len(rows):,} rows follow it",
        "check for mistyped dates: the last day of views sets the plan date",
    )


def _views_reach_the_plan_date(views: pd.DataFrame, plan_date: date, log: FaultLog) -> None:
    """Regions whose views end early: their demand is carried on from what came last."""
    last = views.groupby("region", observed=True)["date"].max()
    missing = (pd.Timestamp(plan_date) - last).dt.days - 1
    stale = last[(missing >= STALE_DAYS).to_numpy()]
    if not len(stale):
        return
    ends = views[["region", "date"]][views["region"].isin(stale.index).to_numpy()]
    ends = ends[(ends["date"] == ends["region"].astype("object").map(stale)).to_numpy()].drop_duplicates("region")
    log.note_rows(
        "warning",
        "views",
        ends.index,
        "date",
        f"views up to the eve of the plan date {plan_date} (the last {STALE_DAYS - 1} days may be late)",
        lambda i: (
            f"views of {ends['region'].iloc[i]} end on {show(ends['date'].to_numpy()[i])}, "
            f"{missing[ends['region'].iloc[i]] + 1} days before the plan date"
        ),
        "add the missing days, or end the rights there: until then the last level of demand is carried on",
    )


def _regions_occur(frames: Frames, log: FaultLog) -> None:
    """A mistyped region in availability would close the title where it was meant."""
    if "views" not in frames:
        return
    known = {
        region
        for table in ("views", "caches", "routes")
        if table in frames
        for region in frames[table]["region"].cat.categories
    }
    for table in ("availability", "promotions", "calendar"):
        named = frames[table]["region"].cat.categories if table in frames else ()
        if strange := [region for region in named if region and region not in known]:
            found = f"{len(strange):,} that occur nowhere else: {', '.join(strange[:5])}"
            remedy = "check the regions' spelling: these rows have no effect"
            expected = "regions that have views or caches"
            log.note("warning", table, expected, found, remedy, column="region")


def _regions_served(frames: Frames, log: FaultLog) -> None:
    """Regions with caches but without views, and the other way round."""
    table = "routes" if is_mesh(frames) else "caches"
    if table not in frames or "views" not in frames or not len(frames["views"]):
        return
    sites = frames[table][(frames[table]["region"] != "").to_numpy()]
    watched = frames["views"]["region"].cat.categories
    idle = sites[~sites["region"].isin(watched).to_numpy()].drop_duplicates("region")

    def found(i: int) -> str:
        near = get_close_matches(idle["region"].iloc[i], list(watched), n=1)
        return f"{idle['region'].iloc[i]}, without views" + (f" (near: {near[0]})" if near else "")

    expected, remedy = "a region that has views", "check the region's spelling in both tables"
    log.note_rows("warning", table, idle.index, "region", expected, found, remedy)
    unserved = watched[~watched.isin(sites["region"].cat.categories)]
    if len(unserved):
        said = f"{len(unserved):,} watched regions without: {', '.join(unserved[:5])}"
        log.note(
            "warning", table, "caches for every watched region", said, "nothing to do: the origin serves them",
            column="region",
        )  # fmt: skip


def _caches_serve(frames: Frames, log: FaultLog) -> None:
    """A cache that no region asks, not even through others, is left without files: nothing has rights there."""
    if "caches" not in frames:
        return
    idle = frames["caches"][~regions_served(frames)[0].any(axis=1)]
    log.note_rows(
        "warning",
        "caches",
        idle.index,
        "cache_id",
        "a cache that a route names" if is_mesh(frames) else "a cache with a region, or above one that has",
        lambda i: f"{idle['cache_id'].iloc[i]}, which serves nobody",
        "connect it, or expect it to be empty: it may hold nothing, so all its files are evicted",
    )


LOOKS: Final[tuple[tuple[tuple[str, ...], Callable[..., None]], ...]] = (
    (("promotions",), _promotions_overlap),
    (("calendar",), _holidays_share_a_day),
    (("assets",), _files_serve_the_same),
    (("views", "assets"), _watched_titles_have_files),
    (("views", "availability"), _views_lie_in_windows),
    (("views",), _history_has_no_gap),
    (("views",), _no_views_lie_long_before),
)
