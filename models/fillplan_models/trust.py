"""How far to trust the booster: the power of its correction per class of series, by what held-out weeks say.

A booster has seen its past weeks' surprises, of regions, of single launches, and takes part of them for rules; how
large that part is shows on weeks that it has not seen, and differs by class: many settled series, few launches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fillplan_models.accuracy import Outcome

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

POWERS = np.linspace(0.0, 1.0, 5)
USUAL = 0.5
CAUTION = 0.5
"""A power other than the usual must be better in error / hours by this, per title of evidence and squared distance."""


def mixed(baseline: Floats, boosted: Floats, power: Floats | float) -> Floats:
    """The baseline with the correction to a power: their geometric mean, weighed."""
    both: Floats = baseline ** (1 - power) * boosted**power
    return both


def choose_trust(
    baseline: Sequence[Outcome], boosted: Sequence[Outcome], kinds: Sequence[Ints], titles: Sequence[Ints], classes: int
) -> tuple[float, ...]:
    """[classes] power of the correction, from the same held-out horizons forecast without and with the booster.

    `kinds` and `titles` are those of the series of each horizon.
    """
    return tuple(_choose(baseline, boosted, [kind == k for kind in kinds], titles) for k in range(classes))


def _choose(
    baseline: Sequence[Outcome],
    boosted: Sequence[Outcome],
    members: Sequence[npt.NDArray[np.bool_]],
    titles: Sequence[Ints],
) -> float:
    error, hours, watched = np.zeros(len(POWERS)), 0.0, 0
    for plain, full, chosen, title in zip(baseline, boosted, members, titles, strict=True):
        counted = plain.counted[chosen]
        actual = np.where(counted, plain.actual[chosen], 0.0)
        for i, power in enumerate(POWERS):
            mean = np.where(counted, mixed(plain.mean[chosen], full.mean[chosen], power), 0.0)
            error[i] += np.abs(mean.sum(axis=1) - actual.sum(axis=1)).sum() + np.abs(mean - actual).sum()
        hours += 2 * float(actual.sum())
        watched += len(np.unique(title[chosen][actual.sum(axis=1) > 0]))
    if hours <= 0:
        return USUAL
    caution = CAUTION / watched * (POWERS - USUAL) ** 2
    return float(POWERS[np.argmin(error / hours + caution)])
