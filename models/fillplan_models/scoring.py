"""Apply a booster to a panel: every open series and day, in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.boosting import correction
from fillplan_models.features import feature_rows, make_cutoff
from fillplan_models.panel import Panel
from fillplan_models.reach import Reach

BLOCK_ROWS = 400_000
"""Pairs of series and day whose features stand in memory at a time."""
WARM, YOUNG, COLD = 0, 1, 2
"""Classes of series with intervals, and a trust in the booster, of their own."""
CLASSES = 3
NAMES = ("settled", "young", "without views")


@dataclass(frozen=True, eq=False)
class Correction:
    """What is put on the baseline: the booster's factor to the power of what the class of a series trusts it with."""

    booster: Any
    """lightgbm.Booster."""
    trust: tuple[float, ...]
    """[CLASSES] 0 to 1."""
    young_days: int
    """See `series_class`."""


class Prediction(NamedTuple):
    """Of a panel's live series [n] and the days of its horizon."""

    mean: Floats
    """[n, H] expected hours, 0 outside rights."""
    plain: Floats
    """[n, H] the same without a correction: the baseline's."""
    reach: Floats
    """[2, n, H] what scales the intervals; 1 without boosters of it."""


def predict_hours(corrected: Correction | None, panel: Panel, threads: int) -> Floats:
    """[live series, H] expected hours, 0 outside rights; the baseline's without a correction."""
    return predict(corrected, None, panel, threads).mean


def predict(corrected: Correction | None, reach: Reach | None, panel: Panel, threads: int) -> Prediction:
    """Expected hours, with and without a correction, and what scales their intervals."""
    cutoff = make_cutoff(panel)
    live = panel.live
    trust = np.zeros(len(live))
    if corrected is not None:
        trust = np.array(corrected.trust)[series_class(panel, live, corrected.young_days)]
    is_open = panel.open[live, panel.history_days :]
    row, ahead = np.nonzero(is_open)
    mean, plain, reaches = np.zeros(is_open.shape), np.zeros(is_open.shape), np.ones((2, *is_open.shape))
    for start in range(0, len(row), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        rows = feature_rows(cutoff, live[row[block]], panel.history_days + ahead[block])
        factor = 1.0 if corrected is None else correction(corrected.booster, rows, threads) ** trust[row[block]]
        plain[row[block], ahead[block]] = rows.baseline
        mean[row[block], ahead[block]] = rows.baseline * factor
        if reach is not None:
            reaches[:, row[block], ahead[block]] = reach.of(rows, threads)
    # a region without views has nothing to be scaled by
    silent = panel.silent[panel.region[live]]
    mean[silent], plain[silent] = 0.0, 0.0
    return Prediction(mean, plain, reaches)


def series_class(panel: Panel, series: Ints, young_days: int) -> Ints:
    """[len(series)] WARM, YOUNG (launched in the last `young_days`) or COLD."""
    young = panel.history_days - panel.launch[series].astype(np.int64) < young_days
    return np.where(panel.cold[series], COLD, np.where(young, YOUNG, WARM))
