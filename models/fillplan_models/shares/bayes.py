"""Empirical Bayes for shares: what was seen, drawn towards what is usual for the group.

The Dirichlet posterior mean (hours + strength x prior) / (all hours + strength); the strength, in hours, says
how much evidence a group needs before it is believed, and is chosen by what predicts the latest period best.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fillplan_data.arrays import Floats, Ints

STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
USUAL_STRENGTH = 30.0
"""Where a single period leaves nothing to try the strengths on."""


def posterior(hours: Floats, prior: Floats, strength: float) -> Floats:
    """Shares along the last axis; `prior` broadcasts against `hours` and sums to 1 there."""
    return (hours + strength * prior) / (hours.sum(axis=-1, keepdims=True) + strength)


def best_strength(log_likelihood: Callable[[float], float]) -> float:
    """The strength under which the held-out hours are most likely; the smaller at equality."""
    values = [log_likelihood(strength) for strength in STRENGTHS]
    return STRENGTHS[int(np.argmax(values))] if np.ptp(values) > 0 else USUAL_STRENGTH


def table(shape: tuple[int, ...], codes: tuple[Ints, ...], hours: Floats) -> Floats:
    """Sum of hours per combination of codes; rows with a negative code are left out."""
    known = np.logical_and.reduce([code >= 0 for code in codes])
    flat = np.ravel_multi_index(tuple(code[known] for code in codes), shape)
    sums: Floats = np.bincount(flat, hours[known], int(np.prod(shape))).astype(np.float64)
    return sums.reshape(shape)
