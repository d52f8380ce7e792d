"""Forecast against what was watched, over the regions' days that are known."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np

from fillplan.replay.actual import Actual
from fillplan_data.arrays import Bools
from fillplan_models.forecast import Forecast


def accuracy(forecast: Forecast, actual: Actual) -> dict[str, Any]:
    """Errors of the forecast on the days known in each region: those missing or late count on neither side.

    `wape`: sum of absolute errors per region, title and day over the sum of hours, hours outside the rights known
    then counted as forecast at zero; `wape_horizon`: the same per region and title over all days; `bias`: expected
    over real hours less 1; `coverage`: part of the open region, title and days, with hours expected or watched, whose
    interval (central 80 %) holds what was watched. None where there is nothing to divide by, or next to nothing.
    """
    is_known: Bools = np.any(actual.counted, axis=0)
    days = np.flatnonzero(is_known[: forecast.open.shape[1]])
    hours = np.where(actual.counted[:, None], actual.hours, 0.0)
    known, real = actual.counted[forecast.region][:, days], hours[forecast.region, forecast.title][:, days]
    open_, told = forecast.open[:, days] & known, np.where(known, forecast.view_hours[:, days], 0.0)
    low, high = forecast.low[:, days], forecast.high[:, days]
    watched = float(hours.sum())
    inside, elsewhere = np.where(open_, real, 0.0), hours[:, :, days]
    elsewhere[forecast.region, forecast.title] -= inside  # exact where a difference of long sums is not
    outside = float(elsewhere.sum())
    hit = open_ & (low <= real) & (real <= high)
    some = open_ & ((told > 0) | (real > 0))

    def ratio(amount: float) -> float | None:
        share = float(amount) / watched if watched else math.inf
        return share if math.isfinite(share) else None

    return {
        "real_view_hours": watched,
        "expected_view_hours": float(told.sum()),
        "view_hours_outside_rights": outside,
        "wape": ratio(np.abs(told - inside).sum() + outside),
        "wape_horizon": ratio(np.abs(told.sum(axis=1) - inside.sum(axis=1)).sum() + outside),
        "bias": ratio(told.sum() - watched),
        "coverage": float(hit[some].mean()) if some.any() else None,
        "days": [
            {
                "date": (actual.first_day + timedelta(days=int(day))).isoformat(),
                "expected_view_hours": float(told[:, column].sum()),
                "real_view_hours": float(hours[:, :, day].sum()),
            }
            for column, day in enumerate(days)
        ],
    }
