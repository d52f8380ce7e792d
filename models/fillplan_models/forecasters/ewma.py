"""Exponentially weighted mean with the region's weekday profile, and the same with a damped trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.codes import weighted_sums
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.simple import simple_forecast
from fillplan_models.panel import Panel
from fillplan_models.weekdays import weekday_profile

MEMORY_HALF_LIVES = 10
TREND_REACH = np.log(2.0)
"""The trend never moves a forecast by more than this factor (in log) in all."""


@dataclass(frozen=True)
class Ewma:
    """Level = exponentially weighted mean of hours cleared of the weekday; weights halve in `half_life_days`.

    With `damping` > 0 the level grows by the trend between the level and one with four times the half-life,
    damped by that factor a day (Gardner and McKenzie 1985, multiplicative form).
    """

    half_life_days: float = 4.0
    damping: float = 0.0

    @property
    def name(self) -> str:
        """`ewma` or `damped_trend`."""
        return "damped_trend" if self.damping else "ewma"

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`."""
        return simple_forecast(self, panel)

    def warm_hours(self, panel: Panel, series: Ints) -> Floats:
        """[len(series), H]."""
        profile = weekday_profile(panel)
        level = self._level(panel, series, profile, self.half_life_days)
        ahead = np.arange(panel.horizon_days)
        growth = np.ones((len(series), panel.horizon_days))
        if self.damping:
            slow = self._level(panel, series, profile, 4 * self.half_life_days)
            gap_days = 3 * self.half_life_days / np.log(2.0)  # between the mean ages of the two levels' weights
            daily = np.log((level + 1e-3) / (slow + 1e-3)) / gap_days
            # the level itself lags by the mean age of its weights
            reach = self.half_life_days / np.log(2.0) + np.cumsum(self.damping**ahead)
            growth = np.exp(np.clip(daily[:, None] * reach, -TREND_REACH, TREND_REACH))
        weekday = panel.weekday(panel.history_days + ahead)
        return level[:, None] * growth * profile[panel.region[series]][:, weekday]

    def _level(self, panel: Panel, series: Ints, profile: Floats, half_life_days: float) -> Floats:
        """[len(series)] weighted hours / weighted weekday factors: days that are closed or not observed drop out.

        A day's age counts from the last day that tells something about the series: missing days are no zeros.
        """
        level = np.zeros(len(series))
        last = _last_told(panel, series)
        for day in np.unique(last[last >= 0]):
            chosen = np.flatnonzero(last == day)
            rows = series[chosen]
            days = slice(max(0, day + 1 - int(MEMORY_HALF_LIVES * half_life_days)), day + 1)
            number = np.arange(days.start, days.stop)
            weight = 0.5 ** ((day - number) / half_life_days)
            usual = profile[:, panel.weekday(number)] * panel.observed[:, days] * weight
            counted = panel.open[rows, days]
            hours = weighted_sums(np.where(counted, panel.hours[rows, days], 0), weight)
            level[chosen] = hours / np.maximum((counted * usual[panel.region[rows]]).sum(axis=1), 1e-12)
        return level


def _last_told(panel: Panel, series: Ints) -> Ints:
    """[len(series)] last day that is open and observed, -1 for none."""
    last = np.full(len(series), -1, dtype=np.int64)
    left = np.arange(len(series))
    for day in range(panel.history_days - 1, -1, -1):
        rows = series[left]
        told = panel.open[rows, day] & panel.observed[panel.region[rows], day]
        last[left[told]] = day
        left = left[~told]
        if not len(left):
            break
    return last
