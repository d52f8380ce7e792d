"""Training rows: what each series did after past cut-offs, with the features of that time.

Rows are sampled by our own seeded generator, one per cut-off, so they do not depend on threads; big and young
series more often, and weights undo it, so the mean stays unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.abreast import each
from fillplan_models.baseline import baseline_hours
from fillplan_models.features import CutOff, feature_rows, make_cutoff
from fillplan_models.panel import Panel
from fillplan_models.spec import Sampling

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
    noise: Floats
    """[n] hours of variance per hour of mean, as estimated at the row's cut-off."""
    title: Ints
    """[n]."""
    age: Ints
    """[n] days since the launch on the target day."""
    cold: Bools
    """[n] no views before the cut-off."""
    day: Ints
    """[n] panel day of the target."""

    def until(self, day: int) -> TrainingRows:
        """The rows whose target lies before `day`."""
        keep = self.day < day
        parts = {f.name: getattr(self, f.name)[keep] for f in fields(self) if f.name != "names"}
        return TrainingRows(names=self.names, **parts)


def training_cuts(views_end: int, sampling: Sampling) -> list[int]:
    """Cut-off days, the latest first; the last ones see only part of their horizon."""
    cuts = range(views_end - 1, LEAST_HISTORY_DAYS - 1, -sampling.step_days)
    return list(cuts)[: sampling.cutoffs]


def training_rows(panel: Panel, sampling: Sampling, seed: int, threads: int = 1) -> TrainingRows:
    """Sample rows at all cut-offs of a panel; the same on any number of threads."""
    cuts = training_cuts(panel.views_end, sampling)
    parts = each(lambda cut: _rows_at(panel, cut, sampling, sampling.rows / len(cuts), seed), cuts, threads)
    columns = [f.name for f in fields(TrainingRows) if f.name != "names"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return TrainingRows(names=parts[0].names, **joined)


def _rows_at(panel: Panel, cut: int, sampling: Sampling, wanted: float, seed: int) -> TrainingRows:
    """The rows sampled at one cut-off."""
    cutoff = make_cutoff(panel.cut(cut))
    series, day = observed_pairs(panel, cutoff, cut)
    chance = _chance(cutoff, series, day, sampling, wanted)
    kept = np.random.default_rng([seed, cut]).random(len(chance)) < chance
    series, day = series[kept], day[kept]
    features = feature_rows(cutoff, series, day)
    return TrainingRows(
        names=features.names,
        values=features.values,
        baseline=features.baseline,
        hours=panel.hours[series, day].astype(np.float64),
        weight=1.0 / chance[kept],
        noise=np.full(len(series), cutoff.appeal.phi),
        title=panel.title[series],
        age=day - cutoff.recent.launch[series],
        cold=cutoff.panel.cold[series],
        day=day,
    )


def observed_pairs(panel: Panel, cutoff: CutOff, cut: int) -> tuple[Ints, Ints]:
    """Pairs (series, day) that are open after the cut-off and known to `panel`, in regions that had views before it."""
    series = cutoff.panel.live
    series = series[~cutoff.panel.silent[panel.region[series]]]
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
