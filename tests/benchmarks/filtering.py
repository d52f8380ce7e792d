"""What the best filter could tell of the drift of titles in a simulated world, were all else known.

Drift is Gaussian in log: knots a week apart, one walk per title everywhere and one per title and region beside it.
Hours are drift x what all the rest of the world expects x chance, so the best guess from hours that were watched is a
regression of Gaussian processes, title by title (Rasmussen and Williams 2006, chapter 2; counts by Laplace's
approximation, chapter 3).
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.demand import REGION_DAY_NOISE, expected_hours, region_drift
from fillplan_data.synthetic.dynamics import DRIFT_KEEPS, REGION_DRIFT, TITLE_DRIFT
from fillplan_data.synthetic.world import World
from fillplan_models.panel import Panel

BINS, BIN_DAYS = 14, 4
"""History that is looked at: drift is as good as forgotten after eight weeks."""
ROUNDS = 3


def best_drift(world: World, panel: Panel, region: Ints, title: Ints) -> Floats:
    """[R, T, H] best guess of each series' drift over the true one; places of regions and titles in the world."""
    history, horizon = BINS * BIN_DAYS, panel.horizon_days
    days = np.arange(world.spec.history_days - history, world.spec.history_days + horizon)
    expected = np.stack([expected_hours(world, r)[title][:, days] for r in region])
    drift = np.stack([(world.dynamics.drift * region_drift(world, r))[title][:, days] for r in region])
    hours = np.zeros((len(region), len(title), history))
    hours[panel.region, panel.title] = panel.hours[:, panel.history_days - history : panel.history_days]
    seen = (expected[:, :, :history] > 0) & panel.observed[:, None, panel.history_days - history : panel.history_days]
    usual, watched = (_bins(x * seen) for x in (expected[:, :, :history] / drift[:, :, :history], hours))
    everywhere, here = (_kernel(days, step) for step in (TITLE_DRIFT, REGION_DRIFT))
    guess = np.zeros_like(drift[:, :, history:])
    for t in range(len(title)):
        chance = 1 / world.dynamics.noise_shape[title[t]] + REGION_DAY_NOISE**2, world.dynamics.sitting_hours[title[t]]
        guess[:, t] = _guess(watched[:, t], usual[:, t], everywhere, here, chance)
    return np.exp(guess) / drift[:, :, history:]


def _guess(watched: Floats, usual: Floats, everywhere: Floats, here: Floats, chance: tuple[float, float]) -> Floats:
    """[R, H] log drift of one title from hours and usual hours [R, BINS]."""
    region, b = np.nonzero(usual > 0)
    if not len(b):
        return np.zeros((len(usual), len(here) - BINS))
    same = region[:, None] == region
    prior = everywhere[np.ix_(b, b)] + here[np.ix_(b, b)] * same
    log = np.zeros(len(b))
    for _ in range(ROUNDS):
        mean = usual[region, b] * np.exp(log)
        noise = chance[0] / BIN_DAYS + chance[1] / mean
        weights = np.linalg.solve(prior + np.diag(noise), log + watched[region, b] / mean - 1)
        log = np.clip(prior @ weights, -1, 1)
    mine = np.arange(len(usual))[:, None] == region
    return (mine * weights) @ here[BINS:, b].T + everywhere[BINS:, b] @ weights


def _bins(hours: Floats) -> Floats:
    return hours.reshape(*hours.shape[:2], BINS, BIN_DAYS).sum(axis=3)


def _kernel(days: Ints, step: float) -> Floats:
    """Covariance of the log drift in all bins of the history, then on the days of the horizon."""
    week, part = days // 7, days % 7 / 7
    knot = np.arange(week[0], week[-1] + 2)
    line = (knot == week[:, None]) * (1 - part)[:, None] + (knot == week[:, None] + 1) * part[:, None]
    history = line[: BINS * BIN_DAYS].reshape(BINS, BIN_DAYS, -1).mean(axis=1)
    place = np.concatenate([history, line[BINS * BIN_DAYS :]])
    walk = step**2 / (1 - DRIFT_KEEPS**2) * DRIFT_KEEPS ** np.abs(knot[:, None] - knot)
    return place @ walk @ place.T
