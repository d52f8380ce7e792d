"""Forecast against the last weeks: hours per day of all regions, and of the largest ones."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from fillplan.report.content import Record
from fillplan.report.facts import Facts, Hours
from fillplan.report.past import Foretold
from fillplan.report.rows import Day, Series
from fillplan.report.watched import LOOK_BACK_DAYS
from fillplan_data.arrays import Floats

REGIONS_SHOWN = 12


def all_regions(facts: Facts, past: Foretold) -> Series | None:
    """The whole network, None where the demand was given."""
    if facts.hours is None:
        return None
    seen, daily = ~np.isnan(facts.hours.watched), facts.hours.daily
    watched = np.where(seen.any(axis=0), np.nansum(facts.hours.watched, axis=0), np.nan)
    ahead = (daily.mean, daily.low, daily.high, daily.total_below, daily.total_above)
    whole = [part if part.ndim == 1 else part.sum(axis=0) for part in ahead]
    before = np.stack([past.mean.sum(axis=0), past.total_below, past.total_above])
    return _series("All regions", watched, np.stack(whole), before, facts)


def largest_regions(facts: Facts, past: Foretold) -> tuple[Series, ...]:
    """The regions with most expected hours."""
    hours = facts.hours
    if hours is None:
        return ()
    daily = hours.daily
    order = np.argsort(-daily.mean.sum(axis=1), kind="stable")[:REGIONS_SHOWN]
    shown = [r for r in order if daily.mean[r].any() or np.nansum(hours.watched[r])]
    ahead = np.stack([daily.mean, daily.low, daily.high, daily.below, daily.above])
    before = np.stack([past.mean, past.below, past.above])
    return tuple(_series(facts.regions[r], hours.watched[r], ahead[:, r], before[:, r], facts) for r in shown)


def _series(name: str, watched: Floats, ahead: Floats, before: Floats, facts: Facts) -> Series:
    """watched: [B]; ahead: [5, H] mean, low, high and distances of the interval; before: [3, B] mean and distances."""
    plan_date = facts.run.plan_date
    past = [
        _past_day(plan_date + timedelta(days=d - LOOK_BACK_DAYS), hours, *before[:, d])
        for d, hours in enumerate(watched)
    ]
    mean, low, high, below, above = ahead
    columns = zip(mean, low, high, mean - below, mean + above, strict=True)
    coming = [Day(plan_date + timedelta(days=d), *map(float, row)) for d, row in enumerate(columns)]
    first = next((i for i, day in enumerate(past) if day.hours is not None), len(past))
    return Series(name, (*past[first:], *coming))


def _past_day(day: date, hours: float, mean: float, below: float, above: float) -> Day:
    watched = None if np.isnan(hours) else float(hours)
    if np.isnan(mean):
        return Day(day, watched)
    return Day(day, watched, None, None, float(mean - below), float(mean + above), float(mean))


def record(total: Series | None, plan_date: date) -> Record | None:
    """How the forecasts of the past days fared, None without any."""
    days = [day for day in total.days if day.foretold is not None and day.hours is not None] if total else []
    days = [day for day in days if day.date < plan_date]
    if not days:
        return None
    watched, expected = (sum(value or 0.0 for value in values) for values in _both(days))
    inside = sum((d.inner_low or 0.0) <= (d.hours or 0.0) <= (d.inner_high or 0.0) for d in days)
    return Record(len(days), inside, expected / watched - 1 if watched else None)


def _both(days: list[Day]) -> tuple[list[float | None], list[float | None]]:
    return [day.hours for day in days], [day.foretold for day in days]


def missing_region_days(hours: Hours) -> int:
    """Days without any row among regions that have some, since the first day that any region has."""
    missing = np.isnan(hours.watched)
    some = ~missing.all(axis=1)
    days = np.flatnonzero(~missing.all(axis=0))
    return int(missing[some][:, days[0] :].sum()) if len(days) else 0
