"""The best simple method for a panel, by how each would have done on the panel's own last weeks."""

from __future__ import annotations

import numpy as np

from fillplan_models.accuracy import Outcome, accuracy, joined
from fillplan_models.backtest import outcome
from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.forecasters.launch_profile import cold_hours
from fillplan_models.forecasters.protocol import Forecaster
from fillplan_models.forecasters.recent_mean import RecentMean
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.forecasters.simple import expected_hours, past_cuts
from fillplan_models.panel import Panel

SimpleMethod = Ewma | RecentMean | SeasonalNaive
SIMPLE_METHODS: tuple[SimpleMethod, ...] = (Ewma(), Ewma(damping=0.9), RecentMean(), SeasonalNaive())
"""In order of preference where they cannot be told apart."""


def simple_outcomes(panel: Panel, cut: int) -> dict[str, Outcome]:
    """What each simple method forecast at a cut-off, and what came."""
    past = panel.cut(cut)
    live = past.live
    cold_mean = cold_hours(past, live[past.cold[live]])
    return {
        method.name: outcome(panel, past, expected_hours(method, past, live, cold_mean)) for method in SIMPLE_METHODS
    }


def simple_accuracy(panel: Panel) -> dict[str, float]:
    """Weighted absolute percentage error per simple method over the last few horizons; empty if none fits."""
    cuts = [simple_outcomes(panel, cut) for cut in past_cuts(panel)]
    errors = {}
    for method in SIMPLE_METHODS if cuts else ():
        outcome = joined([at_cut[method.name] for at_cut in cuts])
        error = accuracy(outcome, np.ones(len(outcome.mean), dtype=np.bool_)).wape_day
        if error is not None:
            errors[method.name] = error
    return errors


def best_simple(panel: Panel) -> Forecaster:
    """The simple method with the least error on the panel's own last weeks; EWMA where history is too short."""
    errors = simple_accuracy(panel)
    return min(SIMPLE_METHODS, key=lambda method: errors.get(method.name, np.inf))
