"""How far the days of a series may lie from its forecast: quantile boosters, to be scaled by conformal bands.

Conformalised quantile regression (Romano, Patterson and Candes, Advances in Neural Information Processing Systems 32,
2019): boosters say which series and days are steady and which nervous; the bands of `intervals.py` then make them
cover what they should. Where the boosters do not pay on held-out weeks (series that are all as steady as their size
has it), plain bands are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.accuracy import Outcome
from fillplan_models.boosting import leaf_rows, raw_scores, repeatable, seen_features
from fillplan_models.features import FeatureRows
from fillplan_models.intervals import LOWER, MISS_PRICE, UPPER, fit_bands
from fillplan_models.sampling import TrainingRows
from fillplan_models.spec import ModelSpec

SHORTEST = 0.02
"""Least reach to either side, in share of the forecast."""
WORTH_IT = 0.01
"""Share of the interval score that the boosters must save; they are kept, and asked, every night."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Boosters of the 10 % and the 90 % quantile of hours / baseline."""

    lower: Any
    """lightgbm.Booster."""
    upper: Any

    def of(self, rows: FeatureRows, threads: int) -> Floats:
        """[2, n] how far hours may fall below (at most 1) and rise above the forecast, in shares of it."""
        low, high = (raw_scores(booster, rows, threads) for booster in (self.lower, self.upper))
        return np.stack([np.clip(1 - low, SHORTEST, 1.0), np.maximum(high - 1, SHORTEST)])


def fit_reach(rows: TrainingRows, spec: ModelSpec, seed: int) -> Reach:
    """Fit both boosters on rows that the bands will not be judged by."""
    import lightgbm

    part, (names, values) = spec.intervals, seen_features(rows, spec)
    weight = rows.weight * rows.baseline**part.level_power
    data = lightgbm.Dataset(
        values,
        label=rows.hours / rows.baseline,
        weight=weight / weight.mean(),
        feature_name=names,
        params={"max_bin": spec.booster.max_bin, "verbose": -1},
        free_raw_data=False,
    )
    common = {
        **part.model_dump(exclude={"rounds", "level_power"}),
        "objective": "quantile",
        "min_data_in_leaf": leaf_rows(part.min_data_in_leaf, rows),
        **repeatable(seed),
    }
    sides = (lightgbm.train({**common, "alpha": alpha}, data, part.rounds) for alpha in (LOWER, UPPER))
    return Reach(*sides)


def pays(outcomes: Sequence[Outcome], kinds: Sequence[Ints], reaches: Sequence[Floats], classes: int) -> bool:
    """Whether intervals of these reaches [2, n, H] score better than plain ones, each horizon by the others' bands.

    A single horizon cannot tell: neither scores anything then.
    """
    plain = [np.ones((2, *outcome.mean.shape)) for outcome in outcomes]
    with_reach, without = (
        sum(float(score.sum()) for score in _scores(outcomes, kinds, tried, classes)) for tried in (reaches, plain)
    )
    return with_reach < (1 - WORTH_IT) * without


def _scores(
    outcomes: Sequence[Outcome], kinds: Sequence[Ints], reaches: Sequence[Floats], classes: int
) -> Iterator[Floats]:
    for outcome, low, high in crossed(outcomes, kinds, reaches, classes):
        missed = np.maximum(low - outcome.actual, 0) + np.maximum(outcome.actual - high, 0)
        yield (high - low + MISS_PRICE * missed)[outcome.counted]


def crossed(
    outcomes: Sequence[Outcome], kinds: Sequence[Ints], reaches: Sequence[Floats], classes: int
) -> Iterator[tuple[Outcome, Floats, Floats]]:
    """(horizon, low, high) of each horizon, by the bands of all others; nothing for a single one."""
    for i, outcome in enumerate(outcomes if len(outcomes) > 1 else ()):
        others = [j for j in range(len(outcomes)) if j != i]
        known = residuals([outcomes[j] for j in others], [kinds[j] for j in others], [reaches[j] for j in others])
        yield outcome, *fit_bands(*known, kinds=classes).apply(outcome.mean, kinds[i], reaches[i])


Residuals = tuple[Floats, Floats, Ints, Floats]
"""(forecast hours [n], watched hours [n], class [n], reach [2, n])."""


def residuals(outcomes: Sequence[Outcome], kinds: Sequence[Ints], reaches: Sequence[Floats]) -> Residuals:
    """Residuals of the counted days of all horizons, `kinds` [n] and `reaches` [2, n, H] as in `outcomes`."""
    mean = np.concatenate([o.mean[o.counted] for o in outcomes])
    actual = np.concatenate([o.actual[o.counted] for o in outcomes])
    pairs = zip(outcomes, kinds, strict=True)
    kind = np.concatenate([np.broadcast_to(k[:, None], o.mean.shape)[o.counted] for o, k in pairs])
    reach = np.concatenate([r[:, o.counted] for o, r in zip(outcomes, reaches, strict=True)], axis=1)
    return mean, actual, kind, reach


def with_past_launches(known: Residuals, rows: TrainingRows, cold: int) -> Residuals:
    """The same and what the baseline missed of series without views at training's past cut-offs, as class `cold`.

    Two held-out weeks hold few launches: bands made of these alone are too narrow for the next ones. For plain bands
    only; what the card says of coverage is that of the held-out weeks, without them.
    """
    past = np.flatnonzero(rows.cold)
    mean, actual, kind, reach = known
    return (
        np.concatenate([mean, rows.baseline[past]]),
        np.concatenate([actual, rows.hours[past]]),
        np.concatenate([kind, np.full(len(past), cold)]),
        np.concatenate([reach, np.ones((2, len(past)))], axis=1),
    )
