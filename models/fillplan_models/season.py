"""What returns every year: what the baseline would have missed a year ago, as far as it was no chance.

Christmas, New Year and summer holidays are foreseen from no window of weeks. Where the history holds them, the baseline
is made as of 52 weeks before (with the usual memory; the best one costs more than it tells), and what was watched over
what it foretold says what a day will bring. The same weekday is compared, so that holidays on a date are a day or two
off; days that the calendar knows as another kind of day than those of a year ago are left to `holiday_effects`.

Titles count alike beyond some size and each with all its regions at once, for a single hit is no season. A miss is
believed by what it stands out of its error (James and Stein 1961, positive part), which is no less than what dates
differ by in this history: of all regions together first, as far as they and the titles agree, then what a region did
beside the others. What stayed for weeks after was a step, not a season, and is taken off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.appeal import fit_appeal
from fillplan_models.baseline import baseline_hours
from fillplan_models.codes import region_sums
from fillplan_models.history import make_recent
from fillplan_models.holiday_effects import kinds_of_days, noise_of_dates
from fillplan_models.memory import levels, usual_memory
from fillplan_models.panel import Panel

YEAR_DAYS = 364
LEAST_DAYS = 84
"""Days of history that the baseline of a year ago must have behind it: as many as that of today."""
BEFORE_DAYS, AFTER_DAYS = (-56, -21), (14, 42)
"""Whole weeks, from the first and from the last day of the horizon, whose medians tell a step."""
SERIES_VARIANCE, TITLE_VARIANCE = 0.25, 0.1
"""Squared relative deviation of a day of a series, and the least of a title, from what is foretold."""
USUAL_MISS, USUAL_REGION_MISS = 0.1, 0.2
"""Logs by which a baseline is taken to miss a day of all regions, and of one beside the others, even where dates hardly
differ: levels move."""
DOUBT = 2.0
"""Standard errors that a miss must outdo before any of it is believed."""
LARGEST = 1.5
"""Bound of the log of a factor, and of what a day of one series can say for one."""


class YearAgo(NamedTuple):
    """n open series on the H days from the cut-off of a year ago."""

    region: Ints
    """[n]."""
    title: Ints
    """[n]."""
    watched: Floats
    """[n, H] hours, 0 where they tell nothing."""
    foretold: Floats
    """[n, H] hours of the baseline, 0 where they tell nothing."""
    phi: float
    """Hours of variance per hour of mean."""


def season(panel: Panel, holiday_effect: Floats) -> Floats:
    """[R, H] factors of the days ahead, 1 where a year ago tells nothing; `holiday_effect` as known today."""
    day, regions = panel.history_days - YEAR_DAYS, len(panel.regions)
    if day < LEAST_DAYS or panel.horizon_days > YEAR_DAYS - AFTER_DAYS[1]:
        return np.ones((regions, panel.horizon_days))
    step = _step(panel, day)
    ago = _year_ago(panel, day, holiday_effect, np.isfinite(step))
    noise = noise_of_dates(panel)
    lasting = _believed(np.nan_to_num(step), np.full(regions, sum(noise)), USUAL_MISS)
    return np.exp(without_step(log_season(ago, regions, *noise), lasting[:, None]))


def _step(panel: Panel, day: int) -> Floats:
    """[R] log of a region's usual day in the weeks after the horizon over that before it, NaN where not known."""
    usual = []
    for start, (first, last) in ((day, BEFORE_DAYS), (day + panel.horizon_days, AFTER_DAYS)):
        days = slice(start + first, start + last)
        totals = region_sums(panel.hours[:, days], panel.region, len(panel.regions))
        known = panel.observed[:, days] & (totals > 0)
        often = known.sum(axis=1) > (last - first) / 2
        usual.append([np.median(t[k]) if some else np.nan for t, k, some in zip(totals, known, often, strict=True)])
    return np.log(usual[1]) - np.log(usual[0])


def _year_ago(panel: Panel, day: int, holiday_effect: Floats, steady: Bools) -> YearAgo:
    """What the baseline of then makes of the days from `day` on, in `steady` [R] regions and on days of one kind."""
    past = panel.cut(day)
    recent = make_recent(past)
    appeal = fit_appeal(recent)
    level, _ = levels(recent, appeal, usual_memory(len(recent.active)))
    recent = replace(recent.with_crowds(level, appeal.launch_lift), holiday_effect=holiday_effect)
    days = np.arange(day, day + past.horizon_days)
    kind = kinds_of_days(panel)
    alike = steady[:, None] & (kind[:, days] == kind[:, days + YEAR_DAYS])
    series = np.setdiff1d(past.live, np.flatnonzero(past.cold))
    region = panel.region[series]
    known = panel.open[np.ix_(series, days)] & (panel.observed[:, days] & alike)[region]
    watched = np.where(known, panel.hours[np.ix_(series, days)], 0.0)
    foretold = np.where(known, baseline_hours(recent, level, series[:, None], days), 0.0)
    return YearAgo(region, panel.title[series], watched, foretold, appeal.phi)


def log_season(ago: YearAgo, regions: int, common_noise: float, own_noise: float) -> Floats:
    """[regions, H] log of what a year ago tells of each day, by the variances of dates (see `noise_of_dates`)."""
    weight = ago.foretold / (ago.phi + SERIES_VARIANCE * ago.foretold)
    ratio = np.divide(ago.watched, ago.foretold, out=np.ones_like(ago.watched), where=ago.foretold > 0)
    ratio = np.clip(ratio, 0.0, np.exp(LARGEST))
    titles = int(ago.title.max(initial=-1)) + 1
    miss, by_title = _miss(weight, ratio, ago.title, np.zeros(titles, dtype=np.int64), 1, TITLE_VARIANCE)
    _, by_region = _miss(weight, ratio, ago.region, np.zeros(regions, dtype=np.int64), 1, 0.0)
    common = _believed(miss, by_title + by_region + common_noise, USUAL_MISS)
    each = np.arange(len(ago.region))
    miss, by_title = _miss(weight, ratio / np.exp(common), each, ago.region, regions, TITLE_VARIANCE)
    # what was not believed of all regions is still in each: it is no more to be believed there
    doubtful = by_title + common_noise + own_noise
    return np.clip(common + _believed(miss, doubtful, USUAL_REGION_MISS), -LARGEST, LARGEST)


def without_step(log_factor: Floats, step: Floats) -> Floats:
    """The same less what stayed, down to nothing, where both went the same way."""
    lasting = np.maximum(step * np.sign(log_factor), 0.0)
    return np.sign(log_factor) * np.maximum(np.abs(log_factor) - lasting, 0.0)


def _miss(weight: Floats, ratio: Floats, part: Ints, group: Ints, groups: int, least: float) -> tuple[Floats, Floats]:
    """([groups, H] log of the mean ratio, its variance, infinite without weight).

    Series of one `part` [n] speak with one voice, of squared relative deviation `least` or more; `group` [parts]. One
    unit of weight says that nothing was missed, and chance alone leaves a variance of 1 / weight: a day on which nobody
    watched what few would have is no certainty.
    """
    share, up = (_sums(x, part, len(group)) for x in (weight, weight * ratio))
    total = _sums(share, group, groups)
    mean = (_sums(up, group, groups) + 1) / (total + 1)
    squares = _sums((up / mean[group] - share) ** 2 + least * share**2, group, groups)
    variance = np.maximum(squares, total)
    return np.log(mean), np.divide(variance, total**2, out=np.full_like(total, np.inf), where=total > 0)


def _sums(values: Floats, place: Ints, size: int) -> Floats:
    sums = np.zeros((size, values.shape[1]))
    np.add.at(sums, place, values)
    return sums


def _believed(miss: Floats, variance: Floats, usual: float) -> Floats:
    """What of a miss is left when its doubt is taken from it."""
    doubt = DOUBT**2 * (variance + usual**2)
    left = 1 - np.divide(doubt, miss**2, out=np.full_like(miss, np.inf), where=miss != 0)
    return miss * np.maximum(left, 0.0)
