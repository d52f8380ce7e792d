"""The distribution of each day's hours between and beyond the ends of its interval.

A forecast tells three things: mean, 10 % and 90 % quantile. The quantile function that carries them rises from `low` to
`high` as a power of the probability, whose exponent is what the mean asks for; beyond `high` the tail is exponential,
below `low` straight. All of it inverts in closed form, so that what came can be told as a probability too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_models.intervals import LOWER, UPPER

LEAST_SHARE = 0.5
"""The smallest value, relative to `low`."""
TAIL_WIDTH = 0.25
"""Mean excess over `high` in widths of the interval: between a normal (0.18) and an exponential (0.46) distribution."""
FLATTEST, STEEPEST = 0.2, 30.0
"""Bounds of the exponent."""
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Marginals:
    """Distributions of any number of cells; all arrays have the same shape."""

    low: Floats
    high: Floats
    exponent: Floats
    tail: Floats
    """Mean excess over `high` of the tenth of the cases above it."""
    scale: Floats
    """1, but where no distribution has this mean within these ends: there the mean is kept, and the ends give way."""

    def hours(self, probability: Floats) -> Floats:
        """Quantile function; probabilities in (0, 1)."""
        inner = np.clip((probability - LOWER) / (UPPER - LOWER), 0.0, 1.0) ** self.exponent
        value = self.low + (self.high - self.low) * inner
        below = np.minimum(probability / LOWER, 1.0)
        value -= self.low * (1 - LEAST_SHARE) * (1 - below)
        beyond = np.minimum((1 - probability) / (1 - UPPER), 1.0)
        return (value - self.tail * np.log(np.maximum(beyond, TINY))) * self.scale

    def probability(self, hours: Floats) -> Floats:
        """Its inverse, within [0, 1]."""
        value = hours / np.maximum(self.scale, TINY)
        width = np.maximum(self.high - self.low, TINY)
        inner = np.clip((value - self.low) / width, 0.0, 1.0) ** (1 / self.exponent)
        below = (self.low - value) / np.maximum(self.low * (1 - LEAST_SHARE), TINY)
        beyond = np.exp(-np.maximum(value - self.high, 0.0) / np.maximum(self.tail, TINY))
        inside = LOWER + (UPPER - LOWER) * inner
        return np.where(
            value > self.high,
            1 - (1 - UPPER) * beyond,
            np.where(value < self.low, LOWER * np.clip(1 - below, 0.0, 1.0), inside),
        )


def marginals(mean: Floats, low: Floats, high: Floats) -> Marginals:
    """Distributions with these means whose central 80 % lies within low .. high; 0 <= low <= mean <= high."""
    width = high - low
    outer = LOWER * low * (1 + LEAST_SHARE) / 2 + (1 - UPPER) * high
    inner = mean - outer - (1 - UPPER) * TAIL_WIDTH * width - (UPPER - LOWER) * low
    lift = np.divide(inner, (UPPER - LOWER) * width, out=np.full_like(mean, 0.5), where=width > 0)
    exponent = np.clip(1 / np.maximum(lift, TINY) - 1, FLATTEST, STEEPEST)
    body = (UPPER - LOWER) * (low + width / (exponent + 1))
    # where the exponent is at its bounds, the tail takes what the mean still asks for
    tail = np.maximum((mean - outer - body) / (1 - UPPER), 0.0)
    reached = outer + body + (1 - UPPER) * tail
    scale = np.divide(mean, reached, out=np.ones_like(mean), where=reached > TINY)
    return Marginals(low, high, exponent, tail, scale)
