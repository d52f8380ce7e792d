"""What returns every year: what the same model would have missed a year ago, as far as it was no chance.

Christmas, New Year and summer holidays are foreseen from no window of weeks. Where the history holds them, the baseline
is made as of 52 weeks before (the same weekday; holidays on a date are up to two days off then, but a weekday among
holidays is like the weekday of last year's), and what was watched over what it foretold tells what a day will bring.

Titles count alike beyond some size and each with all its regions at once, for a single hit is no season. A miss is
believed by what it stands out of its error (James and Stein 1961, positive part): of all regions together first, as far
as they and the titles agree, then what a region did beside the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fillplan_models.appeal import fit_appeal
from fillplan_models.baseline import baseline_hours
from fillplan_models.history import make_recent
from fillplan_models.memory import levels, usual_memory
from fillplan_models.panel import Panel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

YEAR_DAYS = 364
LEAST_DAYS = 84
"""Days of history that the baseline of a year ago must have behind it: as many as that of today."""
SERIES_VARIANCE, TITLE_VARIANCE = 0.25, 0.1
"""Squared relative deviation of a day of a series, and the least of a title, from what is foretold."""
USUAL_MISS, USUAL_REGION_MISS = 0.1, 0.2
"""Logs by which all titles of a day together are missed in any week, by all regions and by one beside the others."""
DOUBT = 2.0
"""Standard errors that a miss must outdo before any of it is believed."""
LARGEST = 1.5
"""No day brings more, or less, than by this log."""


class YearAgo(NamedTuple):
    """n open series on the H days from the cut-off of a year ago."""

    region: Ints
    """[n]."""
    title: Ints
    """[n]."""
    watched: Floats
    """[n, H] hours, 0 where not observed."""
    foretold: Floats
    """[n, H] hours of the baseline, 0 where not observed."""
    phi: float
    """Hours of variance per hour of mean."""


def season(panel: Panel) -> Floats:
    """[R, H] factors of the days ahead, 1 where a year ago tells nothing."""
    day = panel.history_days - YEAR_DAYS
    if day < LEAST_DAYS:
        return np.ones((len(panel.regions), panel.horizon_days))
    return factors(_year_ago(panel, day), len(panel.regions))


def _year_ago(panel: Panel, day: int) -> YearAgo:
    past = panel.cut(day)
    recent = make_recent(past)
    appeal = fit_appeal(recent)
    level, _ = levels(recent, appeal, usual_memory(len(recent.active)))
    recent = recent.with_crowds(level, appeal.launch_lift)
    days = np.arange(day, day + past.horizon_days)
    series = np.setdiff1d(past.live, np.flatnonzero(past.cold))
    known = panel.open[np.ix_(series, days)] & panel.observed[np.ix_(panel.region[series], days)]
    watched = np.where(known, panel.hours[np.ix_(series, days)], 0.0)
    foretold = np.where(known, baseline_hours(recent, level, series[:, None], days), 0.0)
    return YearAgo(panel.region[series], panel.title[series], watched, foretold, appeal.phi)


def factors(ago: YearAgo, regions: int) -> Floats:
    """[regions, H] what a year ago tells of each day."""
    weight = ago.foretold / (ago.phi + SERIES_VARIANCE * ago.foretold)
    ratio = np.divide(ago.watched, ago.foretold, out=np.ones_like(ago.watched), where=ago.foretold > 0)
    everywhere = np.zeros(max(regions, int(ago.title.max(initial=-1)) + 1), dtype=np.int64)
    miss, by_title = _miss(weight, ratio, ago.title, everywhere, 1, TITLE_VARIANCE)
    by_region = _miss(weight, ratio, ago.region, everywhere, 1, 0.0)[1]
    common = _believed(miss, by_title + by_region, USUAL_MISS)
    own = _miss(weight, ratio / np.exp(common), np.arange(len(ago.region)), ago.region, regions, TITLE_VARIANCE)
    return np.exp(np.clip(common + _believed(*own, USUAL_REGION_MISS), -LARGEST, LARGEST))


def _miss(weight: Floats, ratio: Floats, part: Ints, group: Ints, groups: int, least: float) -> tuple[Floats, Floats]:
    """([groups, H] log of the mean ratio, its variance, infinite without weight).

    Series of one `part` [n] speak with one voice, of squared relative deviation `least` or more; `group` [parts].
    """
    share, up = (_sums(x, part, len(group)) for x in (weight, weight * ratio))
    total = _sums(share, group, groups)
    mean = np.divide(_sums(up, group, groups), total, out=np.ones_like(total), where=total > 0)
    mean = np.maximum(mean, np.exp(-2 * LARGEST))
    squares = _sums((up / mean[group] - share) ** 2 + least * share**2, group, groups)
    return np.log(mean), np.divide(squares, total**2, out=np.full_like(total, np.inf), where=total > 0)


def _sums(values: Floats, place: Ints, size: int) -> Floats:
    sums = np.zeros((size, values.shape[1]))
    np.add.at(sums, place, values)
    return sums


def _believed(miss: Floats, variance: Floats, usual: float) -> Floats:
    """What of a miss is left when its doubt is taken from it."""
    doubt = DOUBT**2 * (variance + usual**2)
    left = 1 - np.divide(doubt, miss**2, out=np.full_like(miss, np.inf), where=miss != 0)
    return miss * np.maximum(left, 0.0)
