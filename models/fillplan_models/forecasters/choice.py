"""The best simple method for a panel, by how each would have done on the panel's own last weeks."""

from __future__ import annotations

import numpy as np

from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.forecasters.protocol import Forecaster
from fillplan_models.forecasters.recent_mean import RecentMean
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.forecasters.simple import past_residuals
from fillplan_models.panel import Panel

SIMPLE_METHODS: tuple[Ewma | RecentMean | SeasonalNaive, ...] = (
    Ewma(),
    Ewma(damping=0.9),
    RecentMean(),
    SeasonalNaive(),
)
"""In order of preference where they cannot be told apart."""


def simple_accuracy(panel: Panel) -> dict[str, float]:
    """Weighted absolute percentage error per simple method over the last few weekly cut-offs; empty if none fits."""
    errors = {}
    for method in SIMPLE_METHODS:
        mean, actual, _ = past_residuals(method, panel)
        if actual.sum() > 0:
            errors[method.name] = float(np.abs(mean - actual).sum() / actual.sum())
    return errors


def best_simple(panel: Panel) -> Forecaster:
    """The simple method with the least error on the panel's own last weeks; EWMA where history is too short."""
    errors = simple_accuracy(panel)
    return min(SIMPLE_METHODS, key=lambda method: errors.get(method.name, np.inf))
