"""An opponent from outside: what mlforecast with LightGBM makes of the same series, as its own guides set it up.

For benchmarks only (extra `benchmarks`): lags and rolling means of a series' own hours, recursive over the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import expected_hours
from fillplan_models.panel import Panel

WINDOW_DAYS = 84
LAGS = (1, 7, 14, 28)
ROLLING = (7, 28)
ROUNDS, LEARNING_RATE, LEAVES = 200, 0.05, 31


def is_installed() -> bool:
    """Whether mlforecast can be imported."""
    return find_spec("mlforecast") is not None


@dataclass(frozen=True)
class Outside:
    """mlforecast with LightGBM; needs the extra `benchmarks`. Gives no intervals (NaN)."""

    name: str = "mlforecast"
    seed: int = 0

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`; series without views get the launch profile, like the simple methods."""
        mean = expected_hours(self, panel, panel.live)
        unknown = np.full_like(mean, np.nan)
        return Forecast.of_panel(panel, mean, unknown, unknown, self.name)

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H]."""
        from lightgbm import LGBMRegressor
        from mlforecast import MLForecast
        from mlforecast.lag_transforms import RollingMean

        if not len(series):
            return np.zeros((0, panel.horizon_days))
        booster = LGBMRegressor(
            n_estimators=ROUNDS, learning_rate=LEARNING_RATE, num_leaves=LEAVES, random_state=self.seed,
            n_jobs=1, deterministic=True, force_col_wise=True, verbosity=-1,
        )  # fmt: skip
        method = MLForecast(
            models={"hours": booster},
            freq="D",
            lags=list(LAGS),
            lag_transforms={1: [RollingMean(days) for days in ROLLING]},
            date_features=["dayofweek"],
        )
        method.fit(_long(panel, series), static_features=[])
        ahead = method.predict(panel.horizon_days).sort_values(["unique_id", "ds"])
        return ahead["hours"].to_numpy(np.float64).reshape(len(series), panel.horizon_days)


def _long(panel: Panel, series: Ints) -> pd.DataFrame:
    """One row per series and day of the last weeks; days that are missing count as zero, as they would for others."""
    days = np.arange(max(0, panel.history_days - WINDOW_DAYS), panel.history_days)
    dates = np.datetime64(panel.first_day, "D") + days
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(series)), len(days)),
            "ds": np.tile(dates.astype("datetime64[ns]"), len(series)),
            "y": panel.hours[series][:, days].ravel(),
        }
    )
