"""Recent mean: the plain mean of the last observed open days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import simple_forecast
from fillplan_models.panel import Panel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RecentMean:
    """Mean hours of the open, observed days among the last `window_days`, the same for every day ahead."""

    window_days: int = 7
    name: str = "recent_mean"

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`."""
        return simple_forecast(self, panel)

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H]."""
        days = slice(max(0, panel.history_days - self.window_days), panel.history_days)
        counted = panel.open[series, days] & panel.observed[panel.region[series], days]
        hours = np.where(counted, panel.hours[series, days], 0).sum(axis=1, dtype=np.float64)
        mean = hours / np.maximum(counted.sum(axis=1), 1)
        return np.repeat(mean[:, None], panel.horizon_days, axis=1)
