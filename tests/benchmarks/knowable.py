"""What could be known about launches at best: the true demand of a simulated world less what only viewing reveals.

The noise floor forgives nothing of a new title: it knows how good the film is. Here the forecaster knows everything of
the world (sizes, tastes, seasons, what launches of a kind are like) but the luck of what nobody has watched yet: the
titles' own worth, that of their work and franchise where no other title of it is out, how fast they fade, their
drift, their answer to promotions, and the regions' private quirks. `filtered` is not told the drift of titles that are
out either, nor hits that are still to come: it knows the hours that were watched, and is the best filter of these.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.synthetic.catalogue import Catalogue, Luck, appeal_of_rank
from fillplan_data.synthetic.demand import region_drift
from fillplan_data.synthetic.dynamics import Dynamics, life_curve, make_dynamics
from fillplan_data.synthetic.events import hit_factor
from fillplan_data.synthetic.world import QUIRK_SPREAD, World
from fillplan_models.panel import Panel
from tests.benchmarks.filtering import best_drift

QUANTILES = (np.arange(400) + 0.5) / 400


def knowable_hours(world: World, panel: Panel, truth: Floats) -> dict[str, Floats]:
    """Name -> [R, T, H] the best forecasts of the mean, the median, and that with drift told by hours alone."""
    catalogue = world.catalogue
    title = _places(list(catalogue.table["title_id"]), panel.titles)
    region = _places([region.code for region in world.regions], panel.regions)
    unseen = catalogue.release_day >= 0
    relative = _relative_appeal(catalogue, unseen)[:, title]
    life = np.stack([_relative_life(world, r, truth.shape[2]) for r in region])
    known = truth * np.where(unseen[:, None], life, 1.0)[:, title]
    # what varies around a median of 1 has a mean above it
    mean_quirk = np.where(unseen, np.exp(QUIRK_SPREAD**2 / 2), 1.0)[title]
    mean, median = relative.mean(axis=0) * mean_quirk, np.median(relative, axis=0)
    drift = np.where(unseen[title][None, :, None], 1.0, best_drift(world, panel, region, title))
    return {
        "knowable mean": known * mean[:, None],
        "knowable median": known * median[:, None],
        "knowable, filtered": known * median[:, None] * drift / _coming_hits(world, region, title, truth.shape[2]),
    }


def _coming_hits(world: World, region: Ints, title: Ints, days: int) -> Floats:
    """[R, T, H] factor of hits that begin within the horizon."""
    factor = np.ones((len(world.regions), len(world.catalogue), days))
    for hit in world.hits:
        if hit.day >= 0:
            factor[list(hit.regions), hit.title] *= hit_factor(hit, np.arange(days, dtype=np.float64))
    return factor[np.ix_(region, title)]


def _relative_appeal(catalogue: Catalogue, unseen: Bools) -> Floats:
    """[quantiles, titles] appeal as it might have been, relative to what it is; 1 for titles that are out."""
    from scipy.special import ndtri

    luck = catalogue.luck
    of_franchise = unseen & (catalogue.franchise >= 0)
    parts = (
        (luck.title, Luck.title_spread, unseen),
        (luck.work, Luck.work_spread, unseen & ~_shared(catalogue.work, ~unseen)),
        (luck.franchise, Luck.franchise_spread, of_franchise & ~_shared(catalogue.franchise + 1, ~unseen)),
    )
    told, variance = catalogue.score.copy(), np.zeros(len(catalogue))
    for drawn, spread, hidden in parts:
        told -= np.where(hidden, drawn, 0.0)
        variance += np.where(hidden, spread**2, 0.0)
    possible = told + np.sqrt(variance) * ndtri(QUANTILES)[:, None]
    rank = np.searchsorted(np.sort(-catalogue.score), -possible, side="left")
    appeal = appeal_of_rank(np.minimum(rank, len(catalogue) - 1), len(catalogue)) / catalogue.appeal
    return np.where(unseen, appeal, 1.0)


def _relative_life(world: World, r: int, days: int) -> Floats:
    """[titles, days] of one region: usual life of a title of its kind, without drift and quirk, over its own life."""
    usual = make_dynamics(world.spec, world.catalogue, world.seed, luck=0.0)
    ahead = slice(world.spec.history_days, world.spec.history_days + days)
    age = np.maximum(world.day[ahead] - world.windows.start[:, r][:, None], 0.0)
    life, own = (life_curve(world.catalogue, d, age) * _promoted(world, d, r, ahead) for d in (usual, world.dynamics))
    drift = world.dynamics.drift[:, ahead] * region_drift(world, r)[:, ahead]
    return life / (own * drift * np.exp(world.quirk[:, r])[:, None])


def _promoted(world: World, dynamics: Dynamics, r: int, ahead: slice) -> Floats:
    """[titles, days] factor of all promotions in one region."""
    day = world.day[ahead]
    lift = np.ones((len(world.catalogue), len(day)))
    for promotion in world.promotions:
        if r in promotion.regions:
            on = (day >= promotion.first) & (day <= promotion.last)
            lift[promotion.title, on] *= 1 + promotion.strength * dynamics.promotion_response[promotion.title]
    return lift


def _shared(group: Ints, out: Bools) -> Bools:
    """[titles] whether any title of the same group is out."""
    return np.bincount(group, out)[group] > 0


def _places(names: list[str], order: tuple[str, ...] | list[str]) -> Ints:
    """Place in `names` of each of `order`."""
    place = {name: k for k, name in enumerate(names)}
    return np.array([place[name] for name in order], dtype=np.int64)
