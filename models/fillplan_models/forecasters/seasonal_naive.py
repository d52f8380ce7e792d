"""Seasonal naive: the same weekday of the latest earlier week that is observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import simple_forecast
from fillplan_models.panel import Panel


@dataclass(frozen=True)
class SeasonalNaive:
    """Hours of the same weekday one week earlier (or the latest earlier week that is observed and open)."""

    name: str = "seasonal_naive"

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`."""
        return simple_forecast(self, panel)

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H]; 0 where no earlier week is observed and open."""
        mean = np.zeros((len(series), panel.horizon_days))
        for ahead in range(panel.horizon_days):
            left = np.arange(len(series))
            for day in range(panel.history_days + ahead - 7 * (ahead // 7 + 1), -1, -7):
                rows = series[left]
                usable = panel.open[rows, day] & panel.observed[panel.region[rows], day]
                mean[left[usable], ahead] = panel.hours[rows[usable], day]
                left = left[~usable]
        return mean
