"""`Forecast`, what every demand model, simple or trained, gives, and `AssetDemand`, what becomes of it in bytes.

Sizes: N series (region, title) that are open on some day of the horizon, H days of horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.lookup import positions
from fillplan_models.panel import Panel


@dataclass(frozen=True, eq=False)
class Forecast:
    """Expected hours per series and day of the horizon, with a central 80 % interval."""

    plan_date: date
    """First day of the horizon."""
    regions: tuple[str, ...]
    titles: tuple[str, ...]
    region: Ints
    """[N] index into `regions`; series are sorted by region, then title."""
    title: Ints
    """[N] index into `titles`."""
    open: Bools
    """[N, H] whether the title's rights window covers the day in the region; elsewhere hours are 0."""
    view_hours: Floats
    """[N, H] conditional mean, >= 0."""
    low: Floats
    """[N, H] 10 % quantile, low <= view_hours."""
    high: Floats
    """[N, H] 90 % quantile, view_hours <= high."""
    cold: Bools
    """[N] no views in that region before the plan date."""
    method: str
    """Name of the forecaster or trained model."""

    @classmethod
    def of_panel(cls, panel: Panel, view_hours: Floats, low: Floats, high: Floats, method: str) -> Forecast:
        """What a method makes of the live series of a panel, in their order: arrays [N, H]."""
        live = panel.live
        return cls(
            plan_date=panel.plan_date,
            regions=panel.regions,
            titles=panel.titles,
            region=panel.region[live],
            title=panel.title[live],
            open=panel.open[live, panel.history_days :],
            view_hours=view_hours,
            low=low,
            high=high,
            cold=panel.cold[live],
            method=method,
        )

    @classmethod
    def of_frame(
        cls, frame: pd.DataFrame, plan_date: date, regions: tuple[str, ...], titles: tuple[str, ...], method: str = ""
    ) -> Forecast:
        """The forecast that `to_frame` wrote, for the regions and titles given; rows of others are left out."""
        region, title = positions(frame["region"], regions), positions(frame["title_id"], titles)
        known = (region >= 0) & (title >= 0)
        frame, region, title = frame[known], region[known], title[known]
        first = np.datetime64(plan_date, "D")
        day = (frame["date"].to_numpy().astype("datetime64[D]") - first).astype(np.int64)
        pairs, series = np.unique(region * len(titles) + title, return_inverse=True)
        shape = (len(pairs), int(day.max(initial=-1)) + 1)

        def panel(column: str) -> Floats:
            dense = np.zeros(shape)
            dense[series, day] = frame[column].to_numpy()
            return dense

        is_open, cold = np.zeros(shape, dtype=np.bool_), np.zeros(len(pairs), dtype=np.bool_)
        is_open[series, day] = True
        cold[series] = frame["cold"].to_numpy()

        return cls(
            plan_date=plan_date,
            regions=regions,
            titles=titles,
            region=pairs // max(len(titles), 1),
            title=pairs % max(len(titles), 1),
            open=is_open,
            view_hours=panel("view_hours"),
            low=panel("low"),
            high=panel("high"),
            cold=cold,
            method=method,
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per open (date, region, title_id), in that order: the contract's forecast.parquet."""
        day, series = np.nonzero(self.open.T)
        dates = np.datetime64(self.plan_date, "D") + np.arange(self.open.shape[1])
        return pd.DataFrame(
            {
                "date": dates.astype("datetime64[us]")[day],
                "region": pd.Categorical.from_codes(self.region[series], categories=list(self.regions)),
                "title_id": pd.Categorical.from_codes(self.title[series], categories=list(self.titles)),
                "view_hours": self.view_hours[series, day],
                "low": self.low[series, day],
                "high": self.high[series, day],
                "cold": self.cold[series],
            }
        )


@dataclass(frozen=True, eq=False)
class AssetDemand:
    """Bytes requested per region and file over the horizon."""

    regions: tuple[str, ...]
    asset_ids: tuple[str, ...]
    """In the order of the assets table."""
    expected_bytes: Floats
    """[regions, assets], >= 0."""
    method: str

    def to_frame(self) -> pd.DataFrame:
        """Rows with demand, sorted by region, then asset: the contract's demand.parquet."""
        region, asset = np.nonzero(self.expected_bytes)
        return pd.DataFrame(
            {
                "region": pd.Categorical.from_codes(region, categories=list(self.regions)),
                "asset_id": pd.Categorical.from_codes(asset, categories=list(self.asset_ids)),
                "expected_bytes": self.expected_bytes[region, asset],
            }
        )
