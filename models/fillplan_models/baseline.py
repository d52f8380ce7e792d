"""The baseline: a level per series times what is usual on the day; the booster only corrects it.

Level = the series' own recent hours over its usual days, drawn towards the prior level of its title and region
by how uncertain either is (gamma-Poisson). A silent or new series thus has its prior, an old one its own level.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.appeal import Appeal
from fillplan_models.history import Recent

OWN_TRUST = 40.0
"""Deviations have heavier tails than the gamma distribution of their variance: trust own hours that much more."""
DAY_VARIANCE = 0.05
"""Squared relative deviation of a day from its series' level."""
SMALLEST_LEVEL = 1e-7
TITLE_VARIANCE, REGION_VARIANCE = 0.04, 0.08
"""Squared relative deviation of a title from its series' levels, and of a series from its title, over a few days."""


def posterior_level(appeal: Appeal, watched: Floats, usual_days: Floats, series: Ints | None = None) -> Floats:
    """[N], or [len(series)], the gamma-Poisson mean: prior x (1/v + watched/noise) / (1/v + expected/noise)."""
    prior = appeal.prior_level if series is None else appeal.prior_level[series]
    prior = np.maximum(prior, SMALLEST_LEVEL)
    noise = appeal.phi + DAY_VARIANCE * prior
    own = 1.0 / (OWN_TRUST * appeal.own_variance)
    return prior * (own + watched / noise) / (own + prior * usual_days / noise)


def title_factor(appeal: Appeal, level: Floats, watched: Floats, usual_days: Floats, title: Ints) -> Floats:
    """[n] what a title does lately everywhere, beyond the levels of its series: one factor for all its regions.

    level, watched, usual_days: [n] of the series of `title` [n], the last two over a short memory. A title that climbs
    is told from chance by all regions together before any of them could tell it alone (gamma-Poisson, mean 1).
    """
    mean = level * usual_days
    noise = appeal.phi + REGION_VARIANCE * mean
    size = int(title.max(initial=-1)) + 1
    up = np.bincount(title, watched / noise, size) + 1.0 / TITLE_VARIANCE
    down = np.bincount(title, mean / noise, size) + 1.0 / TITLE_VARIANCE
    factor: Floats = (up / down)[title]
    return factor


def baseline_hours(recent: Recent, level: Floats, series: Ints, days: Ints) -> Floats:
    """Level x what is usual on the day (`Recent.usual_on`), > 0, of series on days (arrays that broadcast)."""
    return np.maximum(level[series] * recent.usual_on(series, days), SMALLEST_LEVEL)
