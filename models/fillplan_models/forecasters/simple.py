"""What the simple methods share: cold series, rights windows and intervals from their own past residuals."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.backtest import holdout_cuts, outcome_at
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.launch_profile import cold_hours
from fillplan_models.intervals import fit_bands
from fillplan_models.panel import Panel

RESIDUAL_HORIZONS = 3
LEAST_HISTORY_DAYS = 7
"""A past cut-off with less history behind it tells nothing about a method."""


class Method(Protocol):
    """The point forecast of a simple method."""

    @property
    def name(self) -> str:
        """Short name."""
        ...

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H] expected hours of series that have views, rights windows left aside."""
        ...


def simple_forecast(method: Method, panel: Panel) -> Forecast:
    """A full forecast from a method's point forecast."""
    mean, kind = expected_hours(method, panel, panel.live), panel.cold[panel.live].astype(np.int64)
    bands = fit_bands(*past_residuals(method, panel), kinds=2)
    return Forecast.of_panel(panel, mean, *bands.apply(mean, kind), method.name)


def expected_hours(method: Method, panel: Panel, series: Ints, cold_mean: Floats | None = None) -> Floats:
    """[len(series), H] the method where there are views, the launch profile where there are none, 0 out of rights.

    `cold_mean` is the launch profile's forecast of the series without views, if it is known already.
    """
    cold = panel.cold[series]
    mean = np.zeros((len(series), panel.horizon_days))
    mean[~cold] = method.warm_hours(panel, series[~cold])
    mean[cold] = cold_hours(panel, series[cold]) if cold_mean is None else cold_mean
    return np.where(panel.open[series, panel.history_days :], np.maximum(mean, 0), 0.0)


def past_cuts(panel: Panel) -> list[int]:
    """The last few cut-off days whose horizons are over and do not overlap, the earliest first."""
    cuts = holdout_cuts(panel, RESIDUAL_HORIZONS * panel.horizon_days)
    return [cut for cut in cuts if cut >= LEAST_HISTORY_DAYS]


def past_residuals(method: Method, panel: Panel) -> tuple[Floats, Floats, Ints]:
    """(forecast, actual, cold) of observed open days after `past_cuts`, flat."""
    outcomes = [
        outcome_at(panel, cut, lambda past: expected_hours(method, past, past.live)) for cut in past_cuts(panel)
    ]
    if not outcomes:
        return np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64)
    mean = np.concatenate([o.mean[o.counted] for o in outcomes])
    actual = np.concatenate([o.actual[o.counted] for o in outcomes])
    cold = [np.repeat(~o.classes["warm"], o.mean.shape[1])[o.counted.ravel()] for o in outcomes]
    return mean, actual, np.concatenate(cold).astype(np.int64)
