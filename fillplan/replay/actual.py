"""What was really watched in a plan's horizon: hours per region, title and day, and bytes per file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Floats
from fillplan_data.errors import NotFound
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables
from fillplan_models.bytes import bytes_per_hour, title_of_asset
from fillplan_models.forecast import AssetDemand
from fillplan_models.lateness import late_in_views
from fillplan_models.shares.measured import real_shares


@dataclass(frozen=True, eq=False)
class Actual:
    """The real demand of the days that the tables hold; R regions, T titles, H days of horizon."""

    first_day: date
    is_scored: Bools
    """[H] whether any region has views on the day."""
    missing_region_days: int
    """Regions without any row on a scored day, or with views that look incomplete, counted per day."""
    late: tuple[tuple[str, date], ...]
    """(region, day) of the horizon whose views look incomplete: what came counts in bytes, not against a forecast."""
    counted: Bools
    """[R, H] whether the region's day is known: it has rows and is not late; only there is a forecast judged."""
    hours: Floats
    """[R, T, H] of titles in the catalogue; regions in the order of `demand`."""
    unknown_title_hours: float
    """Of titles that the catalogue does not know: they have no files, so no bytes."""
    demand: AssetDemand
    measured: Bools
    """[R, T] whether the split over rungs and languages was measured within the horizon."""

    @property
    def days(self) -> list[date]:
        """The days that are scored."""
        return [self.first_day + timedelta(days=int(day)) for day in np.flatnonzero(self.is_scored)]


def actual_demand(tables: Tables, regions: tuple[str, ...], plan_date: date, horizon_days: int) -> Actual:
    """Real hours of the horizon, and the bytes they moved.

    tables: with the views of the horizon. Rungs and languages are split as measured where periods of
    `variant_views` cover the horizon, elsewhere as known on the plan date's eve.
    Raises NotFound if no day of the horizon is in the views.
    """
    titles = tuple(tables.titles["title_id"])
    hours, rows, unknown = _hours(tables.views, regions, titles, plan_date, horizon_days)
    is_scored: Bools = np.any(rows, axis=0)
    if not is_scored.any():
        raise NotFound(_nothing_to_score(tables, plan_date, horizon_days))
    real = real_shares(tables, regions, plan_date, horizon_days)
    requested = hours.sum(axis=2)[:, title_of_asset(tables)]
    requested *= real.shares.share
    requested *= bytes_per_hour(tables)
    late = [(r, day) for r, day in late_in_views(tables.views, regions) if 0 <= (day - plan_date).days < horizon_days]
    counted = rows.copy()
    for region, day in late:
        counted[region, (day - plan_date).days] = False
    watching = np.isin(regions, tables.views["region"].cat.categories)
    return Actual(
        first_day=plan_date,
        is_scored=is_scored,
        missing_region_days=int((~counted[watching][:, is_scored]).sum()),
        late=tuple((regions[region], day) for region, day in late),
        counted=counted,
        hours=hours,
        unknown_title_hours=unknown,
        demand=AssetDemand(regions, real.shares.asset_ids, requested, "real"),
        measured=real.measured,
    )


def _hours(
    views: pd.DataFrame, regions: tuple[str, ...], titles: tuple[str, ...], plan_date: date, days: int
) -> tuple[Floats, Bools, float]:
    """[R, T, H] hours, [R, H] whether the region has rows on the day, and hours of unknown titles."""
    day = (views["date"].to_numpy().astype("datetime64[D]") - np.datetime64(plan_date, "D")).astype(np.int64)
    inside = (day >= 0) & (day < days)
    views, day = views[inside], day[inside]
    region, title = positions(views["region"], regions), positions(views["title_id"], titles)
    watched, known = views["view_hours"].to_numpy(np.float64), title >= 0
    hours, rows = np.zeros((len(regions), len(titles), days)), np.zeros((len(regions), days), dtype=np.bool_)
    np.add.at(hours, (region[known], title[known], day[known]), watched[known])
    rows[region, day] = True
    return hours, rows, float(watched[~known].sum())


def _nothing_to_score(tables: Tables, plan_date: date, horizon_days: int) -> str:
    end = plan_date + timedelta(days=horizon_days - 1)
    last = tables.views["date"].max()
    found = "no views at all" if pd.isna(last) else f"views that end on {last.date()}"
    return (
        f"expected views from {plan_date} to {end}, the plan's horizon; found {found}. Add the days that have been "
        "watched since to input/views.*, or name an earlier plan with --date"
    )
