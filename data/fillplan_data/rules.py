"""Rules that several columns of one row must keep together."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fillplan_data.declarations import PICTURES
from fillplan_data.faults import FaultLog, show
from fillplan_data.network import is_mesh


def check(frames: Mapping[str, pd.DataFrame], log: FaultLog) -> None:
    """Log rows whose columns contradict each other."""
    for table in ("availability", "promotions"):
        if table in frames:
            _windows_end_after_they_start(table, frames[table], log)
    if "pins" in frames:
        _pins_name_one_target(frames["pins"], log)
    if "assets" in frames:
        _assets_have_what_their_kind_needs(frames["assets"], log)
    if "caches" in frames:
        _shares_stand_beside_regions(frames["caches"], is_mesh(frames), log)


def _windows_end_after_they_start(table: str, frame: pd.DataFrame, log: FaultLog) -> None:
    bad = frame[(frame["end_date"] < frame["start_date"]).to_numpy()]
    log.note_rows(
        "fault",
        table,
        bad.index,
        "end_date",
        "a date on or after start_date",
        lambda i: f"{show(bad['end_date'].to_numpy()[i])} after a start on {show(bad['start_date'].to_numpy()[i])}",
        "correct one of the dates or delete the row",
    )


def _pins_name_one_target(pins: pd.DataFrame, log: FaultLog) -> None:
    asset, title = (pins["asset_id"] != "").to_numpy(), (pins["title_id"] != "").to_numpy()
    bad = pins[asset == title]
    log.note_rows(
        "fault",
        "pins",
        bad.index,
        "asset_id",
        "either asset_id or title_id",
        lambda i: "both of them" if bad["asset_id"].iloc[i] else "neither of them",
        "fill in one and leave the other blank",
    )


def _assets_have_what_their_kind_needs(assets: pd.DataFrame, log: FaultLog) -> None:
    needs = {"bitrate_kbps": PICTURES, "language": ("audio", "subtitle", "muxed")}
    for column, kinds in needs.items():
        blank = assets[column].isna() if column == "bitrate_kbps" else assets[column] == ""
        bad = assets[blank.to_numpy() & assets["kind"].isin(kinds).to_numpy()]
        log.note_rows(
            "fault",
            "assets",
            bad.index,
            column,
            f"a {column} where the kind is {' or '.join(kinds)}",
            lambda i, kind=bad["kind"]: f"blank with the kind {kind.iloc[i]}",  # type: ignore[misc]
            "fill it in or correct the kind",
        )


def _shares_stand_beside_regions(caches: pd.DataFrame, mesh: bool, log: FaultLog) -> None:
    region, share = (caches["region"] != "").to_numpy(), caches["region_share"].notna().to_numpy()
    if not mesh:
        lacking = caches[region & ~share]
        log.note_rows(
            "fault",
            "caches",
            lacking.index,
            "region_share",
            "a share from 0 to 1 where a region is given (there are no routes)",
            lambda i: f"blank with the region {lacking['region'].iloc[i]}",
            "fill in the share of the region's demand, 1 if this is its only cache",
        )
    idle = caches[~region & share & (caches["region_share"] > 0).to_numpy()]
    log.note_rows(
        "warning",
        "caches",
        idle.index,
        "region_share",
        "a blank where no region is given",
        lambda i: f"{show(idle['region_share'].iloc[i])} without a region; it has no effect",
        "name the region or clear the share",
    )
