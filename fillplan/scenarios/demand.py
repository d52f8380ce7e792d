"""Overrides of demand alone: multiplied, or at one end of the forecast."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress

from fillplan.scenarios.faults import Misfit
from fillplan.scenarios.kinds import DemandScale, ForecastEnd
from fillplan.scenarios.parts import Selection
from fillplan.scenarios.select import rows_where, split_region
from fillplan.scenarios.world import DemandChange, World


def scale_demand(world: World, override: DemandScale) -> World:
    """Multiply the demand of titles, regions, files and days."""
    titles, regions = titles_and_regions(world, override.where)
    assets = None
    if override.files:
        table = world.tables.assets
        mask = rows_where(table, override.files, "files") & table["title_id"].isin(titles).to_numpy()
        if not mask.any():
            raise Misfit(("files",), "files of the titles chosen", "none", "correct the patterns")
        assets = frozenset(table["asset_id"][mask])
    first, last = override.first_day, override.last_day
    if first is not None and last is not None and last < first:
        raise Misfit(("to",), f"a day not before {first}", str(last), "correct the days")
    change = DemandChange(titles, regions, assets, float(override.scale), None, first, last)  # type: ignore[arg-type]
    return replace(world, demand_changes=(*world.demand_changes, change))


def forecast_end(world: World, override: ForecastEnd) -> World:
    """Put demand to the low or high end of the forecast's interval."""
    titles, regions = titles_and_regions(world, override.where)
    change = DemandChange(titles, regions, None, 1.0, override.end)
    return replace(world, demand_changes=(*world.demand_changes, change))


def titles_and_regions(world: World, where: Selection) -> tuple[frozenset[str], frozenset[str]]:
    """Ids of titles and regions that a selection means. Raises Misfit."""
    rest, region = split_region(where, world.regions)
    titles = world.tables.titles
    return frozenset(titles["title_id"][rows_where(titles, rest)]), frozenset(compress(world.regions, region))
