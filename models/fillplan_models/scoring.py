"""Apply a booster to a panel: every open series and day, in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fillplan_models.boosting import correction
from fillplan_models.features import feature_rows, make_cutoff
from fillplan_models.panel import Panel
from fillplan_models.spec import ModelSpec

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BLOCK_ROWS = 400_000
"""Pairs of series and day whose features stand in memory at a time."""
WARM, YOUNG, COLD = 0, 1, 2
"""Classes of series with intervals of their own."""
CLASSES = 3


def predict_hours(booster: Any | None, spec: ModelSpec, panel: Panel, threads: int) -> Floats:
    """[live series, H] expected hours, 0 outside rights; the baseline's without a booster."""
    cutoff = make_cutoff(panel)
    live = panel.live
    is_open = panel.open[live, panel.history_days :]
    row, ahead = np.nonzero(is_open)
    mean = np.zeros(is_open.shape)
    for start in range(0, len(row), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        rows = feature_rows(cutoff, live[row[block]], panel.history_days + ahead[block])
        factor = 1.0 if booster is None else correction(booster, spec, rows, threads)
        mean[row[block], ahead[block]] = rows.baseline * factor
    # a region that never had views has nothing to be scaled by
    silent = np.flatnonzero(~panel.observed.any(axis=1))
    mean[np.isin(panel.region[live], silent)] = 0.0
    return mean


def interval_class(panel: Panel, series: Ints, young_days: int) -> Ints:
    """[len(series)] WARM, YOUNG (launched in the last `young_days`) or COLD."""
    young = panel.history_days - panel.launch[series].astype(np.int64) < young_days
    return np.where(panel.cold[series], COLD, np.where(young, YOUNG, WARM))
