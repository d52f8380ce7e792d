"""Seasonal naive: the same weekday of the latest earlier week that is observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import simple_forecast
from fillplan_models.panel import Panel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEKS_BACK = 8


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
            found = np.zeros(len(series), dtype=np.bool_)
            for week in range(ahead // 7 + 1, ahead // 7 + 1 + WEEKS_BACK):
                day = panel.history_days + ahead - 7 * week
                if day < 0:
                    break
                usable = panel.open[series, day] & panel.observed[panel.region[series], day] & ~found
                mean[usable, ahead] = panel.hours[series[usable], day]
                found |= usable
        return mean
