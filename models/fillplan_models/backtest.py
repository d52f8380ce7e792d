"""How a method did on the last weeks of a panel: rolling origins whose horizons are over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_models.accuracy import Outcome
from fillplan_models.panel import Panel


def holdout_cuts(panel: Panel, holdout_days: int) -> list[int]:
    """Cut-off days in the last `holdout_days` with views whose horizons do not overlap, the earliest first."""
    first = panel.views_end - holdout_days
    return list(range(first, panel.views_end - panel.horizon_days + 1, panel.horizon_days))


def outcome_at(panel: Panel, cut: int, hours_of: Callable[[Panel], Floats]) -> Outcome:
    """What `hours_of` ([live series, H] of a panel) forecast at a cut-off, and what came."""
    past = panel.cut(cut)
    return outcome(panel, past, hours_of(past))


def outcome(panel: Panel, past: Panel, mean: Floats) -> Outcome:
    """What was forecast ([live series, H]) for the horizon of `past`, a cut of `panel`, and what came."""
    live, cut = past.live, past.history_days
    days = slice(cut, cut + past.horizon_days)
    seen = np.zeros(len(panel.titles), dtype=np.bool_)
    seen[past.title[~past.cold]] = True
    cold = past.cold[live]
    return Outcome(
        mean=mean,
        actual=panel.hours[live, days].astype(np.float64),
        counted=past.open[live, cut:] & panel.observed[past.region[live], days],
        classes={"warm": ~cold, "cold in the region": cold, "new everywhere": ~seen[past.title[live]]},
    )
