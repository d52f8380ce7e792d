"""What promotions are worth: hours of promoted days over the same title's level on its other days.

Titles are the evidence, not days: one hit that happened to be promoted in every region is one surprise, however many
region-days it fills. Classes of strength are drawn towards a lift that grows evenly with strength.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Floats, Ints, Singles

STRENGTH_EDGES = np.array([1e-6, 0.4, 0.8, 1.2, 1.6])
"""Classes of promotion strength; the first is none."""
CLASS_STRENGTH = np.array([0.0, 0.25, 0.6, 1.0, 1.4, 1.8])
"""What a class stands for on the line that it is drawn towards."""
USUAL_SLOPE, SLOPE_PRIOR = 1.0, 2.0
"""Lift of a strength of 1, less 1, before any evidence, and the titles that it counts for."""
CLASS_PRIOR = 4.0
"""Titles that the line counts for in a class."""
RATIOS = (0.25, 6.0)
"""Bounds of what one title may say."""


def strength_class(strength: Singles) -> Ints:
    """Class of each strength, 0 for none."""
    return np.searchsorted(STRENGTH_EDGES, strength, side="right").astype(np.int64)


def promotion_lift(hours: Singles, usual: Singles, strength: npt.NDArray[Any], title: Ints) -> Floats:
    """[classes] lift of each class of strength, 1 for none.

    hours, usual: [n, W] as watched and what is usual without promotion, 0 where not counted; strength: [n, W] classes;
    title: [n].
    """
    lift = np.ones(len(CLASS_STRENGTH))
    rows = np.flatnonzero((strength > 0).any(axis=1))
    if not len(rows):
        return lift
    ratio, weight = _by_title(hours[rows], usual[rows], strength[rows], title[rows])
    at = CLASS_STRENGTH[1:]
    slope = (weight * (ratio - 1) * at).sum() + SLOPE_PRIOR * USUAL_SLOPE
    slope /= (weight * at**2).sum() + SLOPE_PRIOR
    line = 1 + max(0.0, slope) * at
    lift[1:] = ((weight * ratio).sum(axis=0) + CLASS_PRIOR * line) / (weight.sum(axis=0) + CLASS_PRIOR)
    return np.maximum(lift, 1.0)


def _by_title(hours: Singles, usual: Singles, strength: npt.NDArray[Any], title: Ints) -> tuple[Floats, Floats]:
    """[titles, classes - 1] hours over expected hours, and weights up to 1: thin ones tell less."""
    plain = strength == 0
    level = (hours * plain).sum(axis=1) / np.maximum((usual * plain).sum(axis=1), 1e-9)
    known = (usual * plain).sum(axis=1) > 0
    names, place = np.unique(title, return_inverse=True)
    watched, expected = (np.zeros((len(names), len(CLASS_STRENGTH) - 1)) for _ in range(2))
    for k in range(1, len(CLASS_STRENGTH)):
        on = (strength == k) & known[:, None]
        watched[:, k - 1] = np.bincount(place, (hours * on).sum(axis=1), len(names))
        expected[:, k - 1] = np.bincount(place, (usual * on).sum(axis=1) * level, len(names))
    some = expected > 0
    ratio = np.divide(watched, expected, out=np.ones_like(watched), where=some)
    usual_size = float(np.median(expected[some])) if some.any() else 1.0
    return np.clip(ratio, *RATIOS), expected / (expected + usual_size)
