"""How demand for a title moves: launch and decay, the week, response to marketing, slow drift, chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_data.synthetic.catalogue import Catalogue
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SizeSpec
from fillplan_data.synthetic.works import EPISODE, LIVE, MOVIE, SERIES

# by kind (movie, series, episode, short, live): fast part of the launch and its days, slow part and its days,
# what stays, how much of the weekend shows, hours of a sitting as part of the runtime, shape of the noise
_FAST = np.array([2.6, 2.0, 3.0, 2.6, 5.0])
_FAST_DAYS = np.array([4.0, 6.0, 2.5, 2.0, 0.8])
_SLOW = np.array([1.6, 1.9, 1.2, 1.0, 0.0])
_SLOW_DAYS = np.array([18.0, 25.0, 14.0, 10.0, 1.0])
_STAYS = np.array([0.9, 1.0, 0.7, 0.5, 0.05])
_WEEKEND = np.array([1.25, 1.0, 0.6, 0.35, 0.5])
_SITTING = np.array([0.66, 0.0, 0.88, 0.9, 0.55])
_NOISE_SHAPE = np.array([14.0, 16.0, 14.0, 8.0, 6.0])
_EPISODE_BUMP = np.array([0.7, 0.35, 0.1, 0.0, 0.0, 0.0, 0.0])
_AIRING_DAYS = 63
TITLE_DRIFT, REGION_DRIFT = 0.09, 0.05
"""Steps per week of a title's drift everywhere, and in one region beside that."""
DRIFT_KEEPS = 0.85
"""What a week leaves of either."""


@dataclass(frozen=True, eq=False)
class Dynamics:
    """Per title: [titles] arrays, and `drift` [titles, days]."""

    fast: Floats
    fast_days: Floats
    slow: Floats
    slow_days: Floats
    stays: Floats
    weekend: Floats
    """Exponent on the region's weekday factor."""
    sitting_hours: Floats
    """Mean hours of one sitting; hours are sold in whole sittings."""
    noise_shape: Floats
    """Shape of the gamma in the gamma-Poisson: 1 / shape = squared variation of the daily rate."""
    promotion_response: Floats
    drift: Floats


def make_dynamics(spec: SizeSpec, catalogue: Catalogue, seed: int, luck: float = 1.0) -> Dynamics:
    """Draw the dynamics of all titles around those of their kind; with no `luck` (0) they are those of their kind."""
    rng = generator(seed, Part.DRIFT)
    kind, n = catalogue.kind, len(catalogue)

    def around(by_kind: Floats, spread: float) -> Floats:
        return by_kind[kind] * rng.lognormal(0, spread * luck, n)

    sitting = _SITTING[kind] * catalogue.runtime_minutes / 60
    sitting = np.where(kind == SERIES, rng.uniform(0.8, 1.7, n), sitting)
    return Dynamics(
        fast=around(_FAST, 0.35),
        fast_days=around(_FAST_DAYS, 0.2),
        slow=around(_SLOW, 0.3),
        slow_days=around(_SLOW_DAYS, 0.25),
        stays=around(_STAYS, 0.25),
        weekend=_WEEKEND[kind],
        sitting_hours=np.maximum(np.round(sitting, 2), 0.05),
        noise_shape=_NOISE_SHAPE[kind],
        promotion_response=rng.lognormal(-0.1, 0.3 * luck, n),
        drift=weekly_drift(n, spec.history_days + FUTURE_DAYS, TITLE_DRIFT * luck, rng),
    )


def weekly_drift(rows: int, days: int, sd_per_week: float, rng: np.random.Generator) -> Floats:
    """[rows, days] factors exp(x), x a slowly mean-reverting walk with weekly knots, straight in between."""
    weeks = days // 7 + 2
    step = rng.normal(0, sd_per_week, (rows, weeks))
    knots = np.empty((rows, weeks))
    knots[:, 0] = step[:, 0] / np.sqrt(1 - DRIFT_KEEPS**2)
    for k in range(1, weeks):
        knots[:, k] = DRIFT_KEEPS * knots[:, k - 1] + step[:, k]
    week, part = np.divmod(np.arange(days), 7)
    return np.exp(knots[:, week] * (1 - part / 7) + knots[:, week + 1] * (part / 7))


def life_curve(catalogue: Catalogue, dynamics: Dynamics, age_days: Floats) -> Floats:
    """[titles, days] demand at each age (days since the window opened), in units of the title's appeal.

    Series take a day to get going; weekly episodes get a bump whenever the next one comes out. Live events
    fade as they are. The long tail falls with a power of age.
    """
    d = dynamics
    fast = d.fast[:, None] * np.exp(-age_days / d.fast_days[:, None])
    slow = d.slow[:, None] * np.exp(-age_days / d.slow_days[:, None])
    curve = fast + slow + d.stays[:, None] * np.exp(-0.35 * np.log1p(age_days / 90))
    curve[(catalogue.kind == SERIES)[:, None] & (age_days == 0)] *= 0.6
    episode = np.flatnonzero(catalogue.kind == EPISODE)
    age = age_days[episode].astype(np.int64)
    curve[episode] *= 1 + _EPISODE_BUMP[age % 7] * ((age >= 7) & (age < _AIRING_DAYS))
    return curve


def premiere_size(catalogue: Catalogue, days_after_first: Floats) -> Floats:
    """Factor on the launch of a window that opens later than the first: word is out, part has been seen."""
    keeps = np.where(catalogue.kind == LIVE, 0.4, np.where(catalogue.kind == MOVIE, 0.65, 0.75))
    return np.where(days_after_first > 0, keeps, 1.0)
