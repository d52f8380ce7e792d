"""Forecast against the last weeks: hours per day of all regions, and of the largest ones."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from fillplan.report.content import Day, Series
from fillplan.report.facts import LOOK_BACK_DAYS, Facts, Hours
from fillplan_optimizer.problem import Floats

REGIONS_SHOWN = 12


def all_regions(facts: Facts) -> Series | None:
    """The whole network, None where the demand was given."""
    if facts.hours is None:
        return None
    seen = ~np.isnan(facts.hours.watched)
    watched = np.where(seen.any(axis=0), np.nansum(facts.hours.watched, axis=0), np.nan)
    return _series("All regions", watched, facts.hours.daily.sum(axis=1), facts)


def largest_regions(facts: Facts) -> tuple[Series, ...]:
    """The regions with most expected hours."""
    hours = facts.hours
    if hours is None:
        return ()
    order = np.argsort(-hours.daily[0].sum(axis=1), kind="stable")[:REGIONS_SHOWN]
    shown = [r for r in order if hours.daily[0, r].any() or np.nansum(hours.watched[r])]
    return tuple(_series(facts.regions[r], hours.watched[r], hours.daily[:, r], facts) for r in shown)


def _series(name: str, watched: Floats, daily: Floats, facts: Facts) -> Series:
    """watched: [B]; daily: [5, H], see `Hours.daily`."""
    plan_date = facts.run.plan_date
    past = [
        Day(plan_date + timedelta(days=d - LOOK_BACK_DAYS), None if np.isnan(x) else float(x))
        for d, x in enumerate(watched)
    ]
    mean, low, high, below, above = daily
    # independent errors: variances add, so the distances of the quantiles add as squares
    inner = mean - np.sqrt(below), mean + np.sqrt(above)
    columns = zip(mean, low, high, *inner, strict=True)
    ahead = [Day(plan_date + timedelta(days=d), *map(float, row)) for d, row in enumerate(columns)]
    first = next((i for i, day in enumerate(past) if day.hours is not None), len(past))
    return Series(name, (*past[first:], *ahead))


def missing_region_days(hours: Hours) -> int:
    """Days without any row among regions that have some, since the first day that any region has."""
    missing = np.isnan(hours.watched)
    some = ~missing.all(axis=1)
    days = np.flatnonzero(~missing.all(axis=0))
    return int(missing[some][:, days[0] :].sum()) if len(days) else 0
