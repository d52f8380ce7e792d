"""Overrides that the demand model must forecast anew: launches and promotions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan.scenarios.demand import titles_and_regions
from fillplan.scenarios.faults import Misfit, nearest, refuse_misfits
from fillplan.scenarios.kinds import AddLaunch, AddPromotion, CancelLaunch, MoveLaunch
from fillplan.scenarios.parts import Selection
from fillplan.scenarios.world import World, at_rows, below, fresh_ids
from fillplan_data.arrays import Bools

NEVER: Final = pd.Timestamp(9999, 12, 31)
"""A launch on the last day of the calendar does not come: titles without any rights row would be open always."""


def move_launch(world: World, override: MoveLaunch) -> World:
    """Move the first days of coming rights windows; a window whose end would lie before its start ends on it."""
    world, mask = _coming(world, override.where)
    availability = world.tables.availability
    start = availability["start_date"][mask]
    if override.days is not None:
        moved = start + pd.to_timedelta(float(override.days), unit="D")  # type: ignore[arg-type]
    else:
        moved = pd.Series(pd.Timestamp(override.to), index=start.index)
    end = availability["end_date"][mask]
    end = end.where(end.isna() | (end >= moved), moved)
    changed = at_rows(availability, mask, {"start_date": _days(moved), "end_date": _days(end)})
    return replace(world.with_tables(availability=changed), new_forecast=True)


def cancel_launch(world: World, override: CancelLaunch) -> World:
    """Launches that never come."""
    world, mask = _coming(world, override.where)
    never = {"start_date": NEVER, "end_date": NEVER}
    return replace(world.with_tables(availability=at_rows(world.tables.availability, mask, never)), new_forecast=True)


def add_launch(world: World, override: AddLaunch) -> World:
    """A new title with another's catalogue entry and files, open from its first day on; it has no history."""
    tables, ids = world.tables, list(world.tables.titles["title_id"])
    refuse_misfits(list(_strangers(world, override, ids)))
    title = tables.titles[tables.titles["title_id"] == override.like].assign(title_id=override.title_id)
    files = tables.assets[tables.assets["title_id"] == override.like]
    names = fresh_ids([f"{override.title_id}-{n + 1}" for n in range(len(files))], list(tables.assets["asset_id"]))
    files = files.assign(title_id=override.title_id, asset_id=names, url="")
    windows = pd.DataFrame(
        {"title_id": override.title_id, "region": override.regions or [""], "start_date": pd.Timestamp(override.start)}
    )
    changed = world.with_tables(
        titles=below(tables.titles, title),
        assets=below(tables.assets, files),
        availability=below(tables.availability, windows),
    )
    return replace(changed, new_forecast=True, new_shares=True)


def _strangers(world: World, override: AddLaunch, ids: list[str]) -> Iterator[Misfit]:
    """Ids of the override that are taken already, or that nobody knows."""
    if override.title_id in ids:
        yield Misfit(("title_id",), "an id not yet taken", override.title_id, "choose another")
    if override.like not in ids:
        yield Misfit(("like",), "a title_id", override.like, nearest(override.like, ids, "titles"))
    for region in override.regions or ():
        if region not in world.regions:
            yield Misfit(("regions",), "regions", region, nearest(region, list(world.regions)))


def add_promotion(world: World, override: AddPromotion) -> World:
    """Promotions of the titles, per region unless all are meant."""
    titles, regions = titles_and_regions(world, override.where)
    where = [""] if "region" not in override.where else sorted(regions)
    rows = pd.DataFrame([{"title_id": title, "region": region} for title in sorted(titles) for region in where])
    rows = rows.assign(
        start_date=pd.Timestamp(override.first_day),
        end_date=pd.Timestamp(override.last_day),
        strength=float(override.strength),  # type: ignore[arg-type]
    )
    return replace(world.with_tables(promotions=below(world.tables.promotions, rows)), new_forecast=True)


def _coming(world: World, where: Selection) -> tuple[World, Bools]:
    """The world with rights laid out per region where only some are meant, and the rows that are launches to come."""
    titles, regions = titles_and_regions(world, where)
    availability = world.tables.availability
    chosen = availability["title_id"].isin(titles) & (
        availability["start_date"] >= np.datetime64(world.plan_date, "us")
    )
    if "region" in where:
        availability = _per_region(availability, chosen.to_numpy(), world.regions)
        chosen = availability["title_id"].isin(titles) & availability["region"].isin(regions)
        chosen &= availability["start_date"] >= np.datetime64(world.plan_date, "us")
    if not chosen.any():
        found = f"{len(titles):,} titles without one on or after {world.plan_date}"
        raise Misfit(("where",), "titles with a launch to come", found, "choose titles whose rights start later")
    return world.with_tables(availability=availability), chosen.to_numpy()


def _per_region(availability: pd.DataFrame, chosen: Bools, regions: tuple[str, ...]) -> pd.DataFrame:
    """Rows for everywhere, of those chosen, as one row per region."""
    wide = chosen & (availability["region"] == "").to_numpy()
    if not wide.any():
        return availability
    each = pd.concat([availability[wide].assign(region=region) for region in regions])
    return below(availability[~wide].reset_index(drop=True), each)


def _days(column: pd.Series) -> npt.NDArray[np.datetime64]:
    return column.to_numpy().astype("datetime64[us]")
