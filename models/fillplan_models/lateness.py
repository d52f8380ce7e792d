"""Late data: the last days of a region may have arrived only in part."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Floats
from fillplan_data.lookup import positions

CHECKED_DAYS = 3
WEEKS = 5
USUAL_DAYS = 60
"""Days before the checked ones that tell what falls are usual."""
FEWEST_DAYS = 14
"""Earlier days that tell whether a region has days without any hours."""
DEEP_DROP = 0.45
"""A day is late if its hours fell by this much in log (0.64 of what is usual), whatever its rows say."""
DROP, ROW_DROP = 0.15, 0.12
"""... or if hours and the number of rows both fell by these."""
CHANGED_DAYS = 2
"""Days before the checked ones, too old to be late, that tell a change of level if all of them have fallen."""


def late_days(totals: Floats, rows: Floats, observed: Bools) -> list[tuple[int, int]]:
    """(region, day) of late days among the last three that have views, from regional totals and row counts [R, D].

    A day is compared with the median of the same weekdays before it; the fall must be sudden (deeper than what
    the week before shows, or its last days do, which may be a real change of level) and stand out from what the same
    comparison gave on earlier days: hours by 4 robust standard deviations, or rows by so many and hours by one. A day
    of nothing but zeros is late where none was before.
    """
    found = []
    days = int(np.flatnonzero(observed.any(axis=0)).max(initial=-1)) + 1  # views may end before the plan date
    totals, rows, observed = totals[:, :days], rows[:, :days], observed[:, :days]
    for region in range(len(totals)):
        usual = slice(max(0, days - CHECKED_DAYS - USUAL_DAYS), days - CHECKED_DAYS)
        hours_fall = _sudden(_falls(totals[region], observed[region]))
        row_fall = _sudden(_falls(rows[region], observed[region]))
        hours_noise, row_noise = _spread(hours_fall[usual]), _spread(row_fall[usual])
        earlier = totals[region, usual][observed[region, usual]]
        never_dead = len(earlier) >= FEWEST_DAYS and earlier.min() > 0
        for day in range(max(0, days - CHECKED_DAYS), days):
            dead = never_dead and totals[region, day] == 0
            deep = hours_fall[day] > max(DEEP_DROP, 4 * hours_noise)
            thin = hours_fall[day] > max(DROP, hours_noise) and row_fall[day] > max(ROW_DROP, 4 * row_noise)
            if observed[region, day] and (dead or deep or thin):
                found.append((region, day))
    return found


def late_in_views(views: pd.DataFrame, regions: tuple[str, ...]) -> list[tuple[int, date]]:
    """(region, date) of late days among the last three that the views hold, by `late_days`; rising."""
    day = views["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    days = CHECKED_DAYS + USUAL_DAYS + 7 * WEEKS
    first = int(day.max(initial=0)) - days + 1
    region = positions(views["region"], regions)
    used = (day >= first) & (region >= 0)
    cell = region[used] * days + day[used] - first
    totals, rows = np.zeros((len(regions), days)), np.zeros((len(regions), days))
    np.add.at(totals.ravel(), cell, views["view_hours"].to_numpy(np.float64)[used])
    np.add.at(rows.ravel(), cell, 1.0)
    return [(r, np.datetime64(first + d, "D").astype(object)) for r, d in sorted(late_days(totals, rows, rows > 0))]


def _falls(values: Floats, observed: Bools) -> Floats:
    """log(median of the same weekdays in the weeks before / value), NaN where it cannot be told."""
    shown = np.where(observed & (values > 0), np.log(np.maximum(values, 1e-9)), np.nan)
    weeks = np.full((WEEKS, len(shown)), np.nan)
    for week in range(1, WEEKS + 1):
        weeks[week - 1, 7 * week :] = shown[: len(shown) - 7 * week] if 7 * week < len(shown) else []
    falls = np.full(len(shown), np.nan)
    told = np.isfinite(weeks).sum(axis=0) >= 2
    falls[told] = np.nanmedian(weeks[:, told], axis=0) - shown[told]
    return falls


def _sudden(falls: Floats) -> Floats:
    """The fall of the checked days beyond that of the week before them: of most of its days, or of all the last."""
    week, checked = falls[max(0, len(falls) - CHECKED_DAYS - 7) : len(falls) - CHECKED_DAYS], falls[-CHECKED_DAYS:]
    known, since = week[np.isfinite(week)], checked[np.isfinite(checked)]
    if not len(known):
        return falls
    # a dip that is over has changed nothing: all days since must be as low
    changed = min([*known[-CHANGED_DAYS:], *since])
    return falls - max(0.0, float(np.median(known)), float(changed))


def _spread(falls: Floats) -> float:
    """Robust standard deviation; 0 where there is too little to tell."""
    known = falls[np.isfinite(falls)]
    return float(1.4826 * np.median(np.abs(known - np.median(known)))) if len(known) >= 7 else 0.0
