"""Accuracy of a forecast against what came: the same figures for every method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats


@dataclass(frozen=True)
class Accuracy:
    """Figures over some series and one or more horizons; None where nothing was watched."""

    series: int
    hours: float
    wape_day: float | None
    """Sum of absolute errors per series and day / hours."""
    wape_week: float | None
    """The same with each series' horizon summed first."""
    bias: float | None
    """(forecast - hours) / hours."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Forecasts and what came; [n, H]."""

    mean: Floats
    actual: Floats
    counted: Bools
    """Open and observed."""
    classes: Mapping[str, Bools]
    """Name -> [n] members."""


def by_class(outcome: Outcome) -> dict[str, Accuracy]:
    """Accuracy of all series and of each class."""
    everything = np.ones(len(outcome.mean), dtype=np.bool_)
    classes = {"all": everything, **outcome.classes}
    return {name: accuracy(outcome, members) for name, members in classes.items()}


def accuracy(outcome: Outcome, members: Bools) -> Accuracy:
    """Accuracy over the members [n]."""
    counted = outcome.counted[members]
    mean = np.where(counted, outcome.mean[members], 0.0)
    actual = np.where(counted, outcome.actual[members], 0.0)
    hours = float(actual.sum())

    def share(part: float) -> float | None:
        return part / hours if hours > 0 else None

    return Accuracy(
        series=int(members.sum()),
        hours=hours,
        wape_day=share(float(np.abs(mean - actual).sum())),
        wape_week=share(float(np.abs(mean.sum(axis=1) - actual.sum(axis=1)).sum())),
        bias=share(float(mean.sum() - hours)),
    )


def joined(outcomes: list[Outcome]) -> Outcome:
    """Several horizons as one."""
    names = outcomes[0].classes
    return Outcome(
        mean=np.concatenate([o.mean for o in outcomes]),
        actual=np.concatenate([o.actual for o in outcomes]),
        counted=np.concatenate([o.counted for o in outcomes]),
        classes={name: np.concatenate([o.classes[name] for o in outcomes]) for name in names},
    )
