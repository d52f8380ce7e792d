"""Recent mean: the plain mean of the last observed open days, however long ago they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import simple_forecast
from fillplan_models.panel import Panel


@dataclass(frozen=True)
class RecentMean:
    """Mean hours of a series' last `window_days` days that are open and observed, the same for every day ahead."""

    window_days: int = 7
    name: str = "recent_mean"

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`."""
        return simple_forecast(self, panel)

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H]; 0 for series without any open, observed day."""
        total, taken = np.zeros(len(series)), np.zeros(len(series), dtype=np.int64)
        short = np.arange(len(series))  # those that lack days: after the first week only few
        for day in range(panel.history_days - 1, -1, -1):
            rows = series[short]
            counted = panel.open[rows, day] & panel.observed[panel.region[rows], day]
            total[short[counted]] += panel.hours[rows[counted], day]
            taken[short[counted]] += 1
            short = short[taken[short] < self.window_days]
            if not len(short):
                break
        mean = total / np.maximum(taken, 1)
        return np.repeat(mean[:, None], panel.horizon_days, axis=1)
