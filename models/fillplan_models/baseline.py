"""The baseline: a level per series times what is usual on the day; the booster only corrects it.

Level = the series' own recent hours over its usual days, drawn towards the prior level of its title and region
by how uncertain either is (gamma-Poisson). A silent or new series thus has its prior, an old one its own level.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fillplan_models.appeal import Appeal
from fillplan_models.history import Recent

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OWN_TRUST = 40.0
"""Deviations have heavier tails than the gamma distribution of their variance: trust own hours that much more."""
DAY_VARIANCE = 0.05
"""Squared relative deviation of a day from its series' level."""
SMALLEST_LEVEL = 1e-7


def posterior_level(appeal: Appeal, watched: Floats, usual_days: Floats, series: Ints | None = None) -> Floats:
    """[N], or [len(series)], the gamma-Poisson mean: prior x (1/v + watched/noise) / (1/v + expected/noise)."""
    prior = appeal.prior_level if series is None else appeal.prior_level[series]
    prior = np.maximum(prior, SMALLEST_LEVEL)
    noise = appeal.phi + DAY_VARIANCE * prior
    own = 1.0 / (OWN_TRUST * appeal.own_variance)
    return prior * (own + watched / noise) / (own + prior * usual_days / noise)


def baseline_hours(recent: Recent, level: Floats, series: Ints, days: Ints) -> Floats:
    """Level x weekday x holiday x promotion x age decay, > 0, of series on days (arrays that broadcast)."""
    return np.maximum(level[series] * recent.usual_on(series, days), SMALLEST_LEVEL)
