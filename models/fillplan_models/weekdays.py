"""Weekday profiles: how a region's hours spread over the week."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.codes import region_sums
from fillplan_models.holiday_effects import feast_days
from fillplan_models.panel import Panel

PROFILE_WEEKS = 10
PRIOR_WEEKS = 2.0
"""Weeks that the wider group's profile counts for beside a group's own."""
KIND_PRIOR_WEEKS = 6.0
SETTLED_DAYS = 21
OFTEN = 0.34
"""Part of days that are no holidays any more but a season."""
UNUSUAL = 1.15
SPREADS = 2.0
"""A day further than by this factor, or so many spreads, from the median of its weekday counts as this far (Huber
1964): the days around Christmas, or of one great match, are no weekday's habit, but a few views are counts."""
QUIET_PART, QUIET_WIDTH = 0.6, 0.8416
"""Part of the days that tells the spread of all, for many may be odd, and how far it reaches if days are normal."""
TELLING = 0.2
"""Spread at which a day tells half of what a quiet one does."""


def weekday_profile(panel: Panel) -> Floats:
    """[R, 7] factor per weekday (Monday first) with mean 1, from regional totals of the last weeks.

    Each day is taken relative to its centred week, so growth does not lean on a weekday.
    """
    days = profile_days(panel)
    return _region_profile(panel, panel.hours[:, days[0] : days[-1] + 1], panel.region, days)


def kind_weekday_profile(panel: Panel, kind: Ints, kinds: int, launch: Ints) -> Floats:
    """[R, kinds, 7] the same per kind of title, drawn towards the region's profile.

    From series launched well before the first of the days: where episodes come on Thursdays, new ones put Thursday's
    launch, and the fall after it, into the sums. What these cannot tell (films are forgotten by then), all series do.
    """
    days = profile_days(panel)
    settled = np.flatnonzero(launch < days[0] - SETTLED_DAYS)
    hours, region, kind = panel.hours[settled, days[0] : days[-1] + 1], panel.region[settled], kind[settled]
    by_region = _region_profile(panel, hours, region, days, _everywhere(panel, weekday_profile(panel)))
    everywhere = _everywhere(panel, by_region)
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


def _region_profile(panel: Panel, hours: Singles, region: Ints, days: Ints, prior: Floats | float = 1.0) -> Floats:
    totals = region_sums(hours, region, len(panel.regions))
    sums, hits = _by_weekday(totals, _ordinary(panel, days), panel.weekday(days))
    common = (sums.sum(axis=0) + prior) / (hits.sum(axis=0) + 1.0)
    return _mean_one((sums + PRIOR_WEEKS * common) / (hits + PRIOR_WEEKS))


def _everywhere(panel: Panel, profile: Floats) -> Floats:
    """[7] mean of the profiles [R, 7] of regions that have views: what stands for the others is made of these."""
    told = ~panel.silent
    mean: Floats = profile[told if told.any() else slice(None)].mean(axis=0)
    return mean


def profile_days(panel: Panel) -> Ints:
    """Panel days that profiles are made from."""
    return np.arange(max(0, panel.history_days - 7 * PROFILE_WEEKS), panel.history_days)


def _ordinary(panel: Panel, days: Ints) -> Bools:
    """[R, days] observed and no feast; in regions whose calendar is full of feasts these are ordinary too."""
    holiday = feast_days(panel)[:, days]
    often = holiday.mean(axis=1, keepdims=True) > OFTEN
    return panel.observed[:, days] & (often | ~holiday)


def _by_weekday(totals: Floats, observed: Bools, weekday: Ints) -> tuple[Floats, Floats]:
    """[R, 7] sums of days relative to their week, odd ones cut, and their numbers; both fewer where chance rules."""
    relative, known = _relative_to_week(totals, observed)
    of_day = np.eye(7)[weekday]
    hits = known @ of_day
    middle = np.stack([_medians(relative[:, weekday == w], known[:, weekday == w]) for w in range(7)], axis=1)
    # the median says nothing of a weekday that is mostly without hours
    size = np.where(middle > 0, middle, relative @ of_day / np.maximum(hits, 1))[:, weekday]
    middle = middle[:, weekday]
    spread = _spread(np.abs(relative - middle), size, known)
    reach = SPREADS * spread * np.sqrt(size)
    low, high = np.minimum(middle / UNUSUAL, middle - reach), np.maximum(middle * UNUSUAL, middle + reach)
    told = 1 / (1 + (spread / TELLING) ** 2)
    return told * (np.where(known, np.clip(relative, low, high), 0.0) @ of_day), told * hits


def _spread(apart: Floats, size: Floats, known: Bools) -> Floats:
    """[R, 1] standard deviation of a day of size 1 from how far days [R, D] are apart from their median.

    Squares go with the size, as those of counts do.
    """
    scaled = np.divide(apart, np.sqrt(size), out=np.full_like(apart, np.nan), where=known & (size > 0))
    scaled[~np.isfinite(scaled).any(axis=1)] = 0.0
    spread: Floats = np.nanquantile(scaled, QUIET_PART, axis=1)[:, None] / QUIET_WIDTH
    return spread


def _medians(days: Floats, known: Bools) -> Floats:
    """[R] medians of the known days, 0 without any."""
    return np.array([np.median(day[seen]) if seen.any() else 0.0 for day, seen in zip(days, known, strict=True)])


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
