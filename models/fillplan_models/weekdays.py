"""Weekday profiles: how a region's hours spread over the week."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fillplan_models.codes import region_sums
from fillplan_models.holiday_effects import feast_days
from fillplan_models.panel import Panel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

PROFILE_WEEKS = 10
PRIOR_WEEKS = 2.0
"""Weeks that the wider group's profile counts for beside a group's own."""
KIND_PRIOR_WEEKS = 6.0
SETTLED_DAYS = 21
OFTEN = 0.34
"""Part of days that are no holidays any more but a season."""
UNUSUAL = 1.15
"""A day further than by this factor from the median of its weekday counts as this far (Huber 1964): the days around
Christmas, or of one great match, are no weekday's habit."""


def weekday_profile(panel: Panel) -> Floats:
    """[R, 7] factor per weekday (Monday first) with mean 1, from regional totals of the last weeks.

    Each day is taken relative to its centred week, so growth does not lean on a weekday.
    """
    days = profile_days(panel)
    return _region_profile(panel, panel.hours[:, days[0] : days[-1] + 1], panel.region, days)


def kind_weekday_profile(panel: Panel, kind: Ints, kinds: int, launch: Ints) -> Floats:
    """[R, kinds, 7] the same per kind of title, drawn towards the region's profile.

    From series launched well before the first of the days only: where episodes come on Thursdays, new ones put
    Thursday's launch, and the fall after it, into the sums.
    """
    days = profile_days(panel)
    settled = np.flatnonzero(launch < days[0] - SETTLED_DAYS)
    hours, region, kind = panel.hours[settled, days[0] : days[-1] + 1], panel.region[settled], kind[settled]
    by_region = _region_profile(panel, hours, region, days)
    everywhere = by_region.mean(axis=0)
    profile = np.empty((len(panel.regions), kinds, 7))
    for k in range(kinds):
        chosen = np.flatnonzero(kind == k)
        totals = region_sums(hours[chosen], region[chosen], len(panel.regions))
        sums, hits = _by_weekday(totals, _ordinary(panel, days), panel.weekday(days))
        common = sums.sum(axis=0) + KIND_PRIOR_WEEKS * everywhere
        common /= hits.sum(axis=0) + KIND_PRIOR_WEEKS
        own = by_region * _mean_one(common / everywhere)
        profile[:, k] = (sums + KIND_PRIOR_WEEKS * own) / (hits + KIND_PRIOR_WEEKS)
    return _mean_one(profile)


def _region_profile(panel: Panel, hours: Singles, region: Ints, days: Ints) -> Floats:
    totals = region_sums(hours, region, len(panel.regions))
    sums, hits = _by_weekday(totals, _ordinary(panel, days), panel.weekday(days))
    common = (sums.sum(axis=0) + 1.0) / (hits.sum(axis=0) + 1.0)
    return _mean_one((sums + PRIOR_WEEKS * common) / (hits + PRIOR_WEEKS))


def profile_days(panel: Panel) -> Ints:
    """Panel days that profiles are made from."""
    return np.arange(max(0, panel.history_days - 7 * PROFILE_WEEKS), panel.history_days)


def _ordinary(panel: Panel, days: Ints) -> Bools:
    """[R, days] observed and no feast; in regions whose calendar is full of feasts these are ordinary too."""
    holiday = feast_days(panel)[:, days]
    often = holiday.mean(axis=1, keepdims=True) > OFTEN
    return panel.observed[:, days] & (often | ~holiday)


def _by_weekday(totals: Floats, observed: Bools, weekday: Ints) -> tuple[Floats, Floats]:
    """[R, 7] sums of days relative to their week, and their numbers."""
    relative, known = _relative_to_week(totals, observed)
    sums = np.stack([_sum_of_usual(relative[:, weekday == w], known[:, weekday == w]) for w in range(7)], axis=1)
    hits = np.stack([np.count_nonzero(known[:, weekday == w], axis=1) for w in range(7)], axis=1)
    return sums, hits.astype(np.float64)


def _sum_of_usual(relative: Floats, known: Bools) -> Floats:
    """[R] sums of known days, each drawn to within `UNUSUAL` of their median."""
    medians = [float(np.median(days[seen])) if seen.any() else 0.0 for days, seen in zip(relative, known, strict=True)]
    usual = np.array(medians)[:, None]
    total: Floats = np.where(known, np.clip(relative, usual / UNUSUAL, usual * UNUSUAL), 0.0).sum(axis=1)
    return total


def _relative_to_week(totals: Floats, observed: Bools) -> tuple[Floats, Bools]:
    """Each day over the mean of the seven days around it, and where that is known (at least 5 of 7 observed)."""
    padded = np.pad(np.where(observed, totals, 0.0), ((0, 0), (3, 3)))
    counts = np.pad(observed.astype(np.float64), ((0, 0), (3, 3)))
    window = np.lib.stride_tricks.sliding_window_view
    week, count = window(padded, 7, axis=1).sum(axis=2), window(counts, 7, axis=1).sum(axis=2)
    known = observed & (count >= 5) & (week > 0)
    return np.divide(totals * count, week, out=np.zeros_like(totals), where=known), known


def _mean_one(profile: Floats) -> Floats:
    normal: Floats = profile / profile.mean(axis=-1, keepdims=True)
    return normal
