"""Weekday profiles: how a region's hours spread over the week."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fillplan_models.codes import region_sums
from fillplan_models.panel import Panel

Floats = npt.NDArray[np.float64]

PROFILE_WEEKS = 10
PRIOR_WEEKS = 2.0
"""Weeks that the mean region's profile counts for beside a region's own."""


def weekday_profile(panel: Panel) -> Floats:
    """[R, 7] factor per weekday (Monday first) with mean 1, from regional totals of the last weeks.

    Each day is taken relative to its centred week, so growth and launches do not lean on a weekday.
    """
    days = np.arange(max(0, panel.history_days - 7 * PROFILE_WEEKS), panel.history_days)
    totals = region_totals(panel, days)
    relative, known = relative_to_week(totals, panel.observed[:, days])
    weekday = panel.weekday(days)
    hits = np.stack([known[:, weekday == w].sum(axis=1) for w in range(7)], axis=1).astype(np.float64)
    sums = np.stack([relative[:, weekday == w].sum(axis=1) for w in range(7)], axis=1)
    common = (sums.sum(axis=0) + 1.0) / (hits.sum(axis=0) + 1.0)
    profile = (sums + PRIOR_WEEKS * common) / (hits + PRIOR_WEEKS)
    return profile / profile.mean(axis=1, keepdims=True)


def region_totals(panel: Panel, days: npt.NDArray[np.int64]) -> Floats:
    """[R, len(days)] hours of all series of a region."""
    return region_sums(panel.hours[:, days[0] : days[-1] + 1], panel.region, len(panel.regions))


def relative_to_week(totals: Floats, observed: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Each day over the mean of the seven days around it, and where that is known (at least 5 of 7 observed)."""
    padded = np.pad(np.where(observed, totals, 0.0), ((0, 0), (3, 3)))
    counts = np.pad(observed.astype(np.float64), ((0, 0), (3, 3)))
    window = np.lib.stride_tricks.sliding_window_view
    week, count = window(padded, 7, axis=1).sum(axis=2), window(counts, 7, axis=1).sum(axis=2)
    known = observed & (count >= 5) & (week > 0)
    return np.divide(totals * count, week, out=np.zeros_like(totals), where=known), known
