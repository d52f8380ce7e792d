"""What regions watched before the plan date, and which days look incomplete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan.report.bands import sums
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.lookup import positions
from fillplan_models.lateness import CHECKED_DAYS, USUAL_DAYS, WEEKS, late_days

LOOK_BACK_DAYS = 28
TELLING_DAYS = CHECKED_DAYS + USUAL_DAYS + 7 * WEEKS
"""Days before the plan date from which the last ones are judged."""


@dataclass(frozen=True, eq=False)
class Watched:
    """View hours before the plan date."""

    by_day: Floats
    """[R, LOOK_BACK_DAYS] NaN where a region has no row at all on that day."""
    recent: Floats
    """[R, T] of the H days before the plan date; a day that is missing or late counts as that a week before it."""
    late: tuple[tuple[int, int], ...]
    """(region, days before the plan date) of days that look incomplete."""


def watched_hours(
    views: pd.DataFrame, regions: tuple[str, ...], titles: pd.Index, plan_day: np.datetime64, horizon: int
) -> Watched:
    """Sums of the views of the last weeks."""
    width = max(TELLING_DAYS, LOOK_BACK_DAYS, horizon + 7)
    day: Ints = (views["date"].to_numpy().astype("datetime64[D]") - plan_day).astype(np.int64) + width
    part = np.flatnonzero((day >= 0) & (day < width))
    day, views = day[part], views.iloc[part]
    region = positions(views["region"], regions)
    title = positions(views["title_id"], titles)
    hours = views["view_hours"].to_numpy(np.float64)
    totals, rows = (
        sums(region * width + day, amount, (len(regions), width)) for amount in (hours, np.ones(len(hours)))
    )
    late = late_days(totals, rows, rows > 0) if len(hours) else []
    whole = rows > 0
    for place in late:
        whole[place] = False
    counts = _days_in_place(whole, horizon)[region, day] * (title >= 0)
    recent = sums(region * len(titles) + np.maximum(title, 0), hours * counts, (len(regions), len(titles)))
    by_day = np.where(rows > 0, totals, np.nan)[:, -LOOK_BACK_DAYS:]
    return Watched(by_day, recent, tuple((r, width - d) for r, d in late))


def _days_in_place(whole: Bools, horizon: int) -> Ints:
    """[R, days] how often each day stands in the last `horizon` ones: for itself, and for its weekday a week later."""
    counts = np.zeros(whole.shape, dtype=np.int64)
    for ago in range(1, horizon + 1):
        lacks = ~whole[:, -ago] & whole[:, -ago - 7]
        counts[:, -ago] += ~lacks
        counts[:, -ago - 7] += lacks
    return counts
