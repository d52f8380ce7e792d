"""Training rows: what each series did after past cut-offs, with the features of that time.

Rows are sampled by our own seeded generator, one per cut-off, so they do not depend on threads; big and young
series more often, and weights undo it, so the mean stays unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fillplan_models.baseline import baseline_hours
from fillplan_models.features import CutOff, FeatureRows, feature_rows, make_cutoff
from fillplan_models.panel import Panel
from fillplan_models.spec import Sampling

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

LEAST_HISTORY_DAYS = 8
"""A cut-off needs so much history behind it."""
LEAST_CHANCE = 0.02


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """n rows of all cut-offs."""

    names: tuple[str, ...]
    values: Singles
    """[n, features]."""
    baseline: Floats
    """[n] hours."""
    hours: Floats
    """[n] hours that were watched."""
    weight: Floats
    """[n] 1 / chance of the row."""
    day: Ints
    """[n] panel day of the target."""

    def until(self, day: int) -> TrainingRows:
        """The rows whose target lies before `day`."""
        keep = self.day < day
        return TrainingRows(
            self.names,
            self.values[keep],
            self.baseline[keep],
            self.hours[keep],
            self.weight[keep],
            self.day[keep],
        )


def training_cuts(history_days: int, sampling: Sampling) -> list[int]:
    """Cut-off days, the latest first; the last ones see only part of their horizon."""
    cuts = range(history_days - 1, LEAST_HISTORY_DAYS - 1, -sampling.step_days)
    return list(cuts)[: sampling.cutoffs]


def training_rows(panel: Panel, sampling: Sampling, seed: int) -> TrainingRows:
    """Sample rows at all cut-offs of a panel."""
    cuts = training_cuts(panel.history_days, sampling)
    parts = [_rows_at(panel, cut, sampling, sampling.rows / len(cuts), seed) for cut in cuts]
    values = np.concatenate([rows.values for rows, *_ in parts])
    baseline = np.concatenate([rows.baseline for rows, *_ in parts])
    hours, weight, day = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    return TrainingRows(parts[0][0].names, values, baseline, hours, weight, day.astype(np.int64))


def _rows_at(
    panel: Panel, cut: int, sampling: Sampling, wanted: float, seed: int
) -> tuple[FeatureRows, Floats, Floats, Ints]:
    """(features, hours, weight, target day) of the rows sampled at one cut-off."""
    cutoff = make_cutoff(panel.cut(cut))
    series, day = observed_pairs(panel, cutoff, cut)
    chance = _chance(cutoff, series, day, sampling, wanted)
    kept = np.random.default_rng([seed, cut]).random(len(chance)) < chance
    series, day = series[kept], day[kept]
    hours = panel.hours[series, day].astype(np.float64)
    return feature_rows(cutoff, series, day), hours, 1.0 / chance[kept], day


def observed_pairs(panel: Panel, cutoff: CutOff, cut: int) -> tuple[Ints, Ints]:
    """Pairs (series, day) that are open after the cut-off and known to `panel`."""
    series = cutoff.panel.live
    days = np.arange(cut, min(cut + panel.horizon_days, panel.history_days))
    counted = panel.open[np.ix_(series, days)] & panel.observed[np.ix_(panel.region[series], days)]
    row, column = np.nonzero(counted)
    return series[row], days[column]


def _chance(cutoff: CutOff, series: Ints, day: Ints, sampling: Sampling, wanted: float) -> Floats:
    baseline = baseline_hours(cutoff.recent, cutoff.level, series, day)
    chance = (baseline / cutoff.appeal.phi) ** sampling.level_power + LEAST_CHANCE
    young = day - cutoff.recent.launch[series] < sampling.young_days
    chance *= np.where(young, sampling.young_factor, 1.0)
    return np.minimum(1.0, chance * wanted / max(chance.sum(), 1e-12))
