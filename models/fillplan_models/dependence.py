"""How the surprises of series and days hang together, measured on what forecasts missed.

Each day's hours are told as a standard normal score: the probability that the forecast gave to no more than what
came. The score is modelled as a sum of parts that are shared (one-factor Gaussian copulas, nested): by all days and
regions of a title, by the days of a series, by a title's regions on one day, by the titles of a region; the rest is
the day's own. Shares of variance follow from the correlations of pairs that have just these parts in common (method
of moments).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.forecast import Forecast
from fillplan_models.marginals import marginals

LEAST_HOURS = 5.0
"""Smaller forecasts are mostly counting noise, which hides what they have in common."""
LEAST_PAIRS = 400
"""Fewer pairs than this tell nothing: the usual share is kept."""
FARTHEST_SCORE = 3.0
"""Probabilities of 0 and 1 come from thin series; no score counts for more."""


@dataclass(frozen=True)
class Shares:
    """Shares of a score's variance; what they leave of 1 is the day's own."""

    title: float
    """Common to all regions and days of the title."""
    series: float
    """Common to the days of the title in the region."""
    title_day: float
    """Common to the title's regions on a day."""
    region: float
    """Common to all titles of the region and all days."""


@dataclass(frozen=True)
class Dependence:
    """Shares for series with views and for those without (launches)."""

    warm: Shares
    cold: Shares


USUAL = Dependence(warm=Shares(0.11, 0.18, 0.03, 0.01), cold=Shares(0.25, 0.35, 0.15, 0.0))
"""Where nothing was measured: means over the worlds of models/CARD.md."""


def measure_dependence(forecasts: list[Forecast], actuals: list[Floats], counted: list[Bools]) -> Dependence:
    """Shares from forecasts of past horizons and what came ([N, H] each, `counted` where it is known)."""
    scores = [_scores(f, a) for f, a in zip(forecasts, actuals, strict=True)]
    shares = []
    for cold, usual in ((False, USUAL.warm), (True, USUAL.cold)):
        parts = [
            _moments(score, known & (f.view_hours >= LEAST_HOURS) & (f.cold[:, None] == cold), f)
            for f, score, known in zip(forecasts, scores, counted, strict=True)
        ]
        shares.append(_shares(np.sum(parts, axis=0), usual))
    return Dependence(*shares)


def _scores(forecast: Forecast, actual: Floats) -> Floats:
    """[N, H] standard normal scores of what came."""
    cells = marginals(forecast.view_hours, forecast.low, forecast.high)
    return np.clip(ndtri(cells.probability(actual)), -FARTHEST_SCORE, FARTHEST_SCORE)


PAIRS = ("series", "title", "title_day", "region", "itself")


def _moments(score: Floats, counted: Bools, forecast: Forecast) -> Floats:
    """[5, 2] sums of products and numbers of the pairs: same series, same title elsewhere on another day,
    the same elsewhere on the same day, other titles of the region on other days, each score with itself."""
    row, day = np.nonzero(counted)
    if len(row) < 2:
        return np.zeros((len(PAIRS), 2))
    z = score[row, day]
    z = z - z.mean()
    title, region = forecast.title[row], forecast.region[row]
    days = counted.shape[1]
    of = {
        "series": _pairs(row, z),
        "title": _pairs(title, z),
        "title_day": _pairs(title * days + day, z),
        "region": _pairs(region, z),
        "region_day": _pairs(region * days + day, z),
    }
    return np.array(
        [
            of["series"],
            of["title"] - of["series"] - of["title_day"],
            of["title_day"],
            of["region"] - of["series"] - of["region_day"],
            (float((z**2).sum()), float(len(z))),
        ]
    )


def _pairs(group: Ints, z: Floats) -> Floats:
    """Sum of products over all pairs within groups, and the number of pairs."""
    count = np.bincount(group).astype(np.float64)
    sums, squares = np.bincount(group, z), np.bincount(group, z**2)
    return np.array([((sums**2 - squares) / 2).sum(), (count * (count - 1) / 2).sum()])


def _shares(moments: Floats, usual: Shares) -> Shares:
    """Nested shares from correlations; none below 0, together at most 1."""
    pairs = moments[:, 1]
    if pairs[0] < LEAST_PAIRS or moments[-1, 0] <= 0:
        return usual
    variance = moments[-1, 0] / pairs[-1]
    known = dict(zip(PAIRS, moments[:, 0] / np.maximum(pairs, 1) / variance, strict=True))
    enough = dict(zip(PAIRS, pairs >= LEAST_PAIRS, strict=True))
    title = max(known["title"], 0.0) if enough["title"] else usual.title
    region = max(known["region"], 0.0) if enough["region"] else usual.region
    title_day = max(known["title_day"] - title, 0.0) if enough["title_day"] else usual.title_day
    series = max(known["series"] - title - region, 0.0)
    total = max(title + region + title_day + series, 1.0)
    return Shares(*(float(part) / total for part in (title, series, title_day, region)))
