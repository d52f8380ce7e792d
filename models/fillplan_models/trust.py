"""How far to trust the booster: the power of its correction per class of series, by what held-out weeks say.

A booster has seen its past weeks' surprises, of regions, of single launches, and takes part of them for rules; how
large that part is shows on weeks that it has not seen, and differs by class: many settled series, few launches. It is
believed as far as titles agree: what it gains over the baseline must outdo one standard error of that gain (not
centred), as pruned trees must (Breiman, Friedman, Olshen and Stone 1984), or one hit that went its way would speak for
all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.accuracy import Outcome

POWERS = np.linspace(0.0, 1.0, 5)
DOUBT = 1.0
"""Standard errors, over titles, that a gain must outdo."""


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
    members: Sequence[Bools],
    titles: Sequence[Ints],
) -> float:
    last = max((int(title.max(initial=-1)) for title in titles), default=-1)
    worse = np.zeros((len(POWERS), last + 1))
    for plain, full, chosen, title in zip(baseline, boosted, members, titles, strict=True):
        errors = np.stack([_errors(plain, full, chosen, power) for power in POWERS])
        for row, by_series in zip(worse, errors - errors[0], strict=True):
            row += np.bincount(title[chosen], by_series, last + 1)
    return float(POWERS[np.argmin(worse.sum(axis=1) + DOUBT * np.sqrt((worse**2).sum(axis=1)))])


def _errors(plain: Outcome, full: Outcome, chosen: Bools, power: float) -> Floats:
    """[chosen series] absolute errors by day and of the sum of days."""
    counted = plain.counted[chosen]
    mean, actual = mixed(plain.mean[chosen], full.mean[chosen], power), plain.actual[chosen]
    miss = np.where(counted, mean - actual, 0.0)
    errors: Floats = np.abs(miss).sum(axis=1) + np.abs(miss.sum(axis=1))
    return errors
