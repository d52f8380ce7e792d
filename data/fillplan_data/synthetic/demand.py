"""Hours watched: what is expected of each title and day in a region, and what chance makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.dynamics import REGION_DRIFT, life_curve, premiere_size, weekly_drift
from fillplan_data.synthetic.events import hit_factor
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.world import World

REGION_DAY_NOISE = 0.035
"""Spread of what moves a whole region on one day: weather, football, an outage."""

_MISSING, _LATE = 0.003, 0.2
"""Part of the region-days without any record, and of the regions whose last day is incomplete."""
_SUBSTITUTION = 0.6
"""Part of the viewing of a busy day that is taken from other titles, not added."""


@dataclass(frozen=True, eq=False)
class RegionViews:
    """Demand of one region; both arrays [titles, days], days as in `World.day`."""

    expected_hours: Floats
    sittings: Ints
    """What was watched, in whole sittings, without the gaps of the records."""


def region_views(world: World, r: int) -> RegionViews:
    """Expected and sampled demand of region number `r`; a pure function of the world."""
    expected = expected_hours(world, r)
    return RegionViews(expected, _sample(world, r, expected))


def expected_hours(world: World, r: int) -> Floats:
    """[titles, days] expected view hours, 0 outside the rights window.

    taste x life since the window opened x drift x promotions x hits, less what titles take from each other,
    x week x level of the region, scaled so that the region
    watches its `hours_per_day` on an average day of the history.
    """
    region, start, end = world.regions[r], world.windows.start[:, r], world.windows.end[:, r]
    is_open = (world.day >= start[:, None]) & (world.day <= end[:, None])
    premiere = premiere_size(world.catalogue, (start - world.windows.start.min(1)).astype(np.float64))
    mean = life_curve(world.catalogue, world.dynamics, np.maximum(world.day - start[:, None], 0.0))
    mean *= (world.taste[:, r] * premiere)[:, None] * is_open
    mean *= world.dynamics.drift
    mean *= region_drift(world, r)
    _apply_events(world, r, mean)
    # an evening has so many hours: a big launch takes most of its viewers from other titles
    mean *= mean.sum(0) ** -_SUBSTITUTION
    scale = region.hours_per_day / mean[:, : world.spec.history_days].sum(0).mean()
    return mean * _week(world, r) * (region.level * scale)


def region_drift(world: World, r: int) -> Floats:
    """[titles, days] how titles drift in one region, beside their drift everywhere."""
    rng = generator(world.seed, Part.REGION_DRIFT, r)
    return weekly_drift(len(world.catalogue), len(world.day), REGION_DRIFT, rng)


def _week(world: World, r: int) -> Floats:
    """[titles, days] weekday factor: the region's profile, by kind of title."""
    monday_first = (world.spec.plan_date.weekday() + world.day.astype(np.int64)) % 7
    profile = world.regions[r].weekday ** np.unique(world.dynamics.weekend)[:, None]
    profile /= profile.mean(1, keepdims=True)
    which = np.searchsorted(np.unique(world.dynamics.weekend), world.dynamics.weekend)
    week: Floats = profile[:, monday_first][which]
    return week


def _apply_events(world: World, r: int, mean: Floats) -> None:
    past = world.spec.history_days
    for promotion in world.promotions:
        if r in promotion.regions and promotion.last >= -past:
            days = slice(max(promotion.first + past, 0), promotion.last + past + 1)
            lift = promotion.strength * world.dynamics.promotion_response[promotion.title]
            mean[promotion.title, days] *= 1 + lift
    for hit in world.hits:
        if r in hit.regions:
            mean[hit.title] *= hit_factor(hit, world.day)


def _sample(world: World, r: int, expected: Floats) -> Ints:
    """Gamma-Poisson sittings; the day's own noise is shared by all titles of the region."""
    rng = generator(world.seed, Part.VIEWS, r)
    sigma = REGION_DAY_NOISE
    of_day = rng.lognormal(-(sigma**2) / 2, sigma, expected.shape[1])
    title, day = np.nonzero(expected)
    shape = world.dynamics.noise_shape[title]
    expected_sittings = expected / world.dynamics.sitting_hours[:, None] * of_day
    sittings = np.zeros(expected.shape, dtype=np.int64)
    sittings[title, day] = rng.poisson(rng.standard_gamma(shape) * (expected_sittings[title, day] / shape))
    return sittings


def recorded_sittings(world: World, r: int, watched: RegionViews) -> Ints:
    """[titles, days] what the records of region `r` hold: days are missing, the last one may be incomplete."""
    rng = generator(world.seed, Part.GAPS, r)
    last = world.spec.history_days - 1
    late, part = rng.random() < _LATE, rng.uniform(0.35, 0.8)
    missing = rng.random(last + 1) < _MISSING
    if not world.spec.imperfect:
        return watched.sittings
    # the first and the last day are always there, so that the history spans the same days everywhere
    missing[[0, last]] = False
    sittings = watched.sittings.copy()
    sittings[:, : last + 1][:, missing] = 0
    if late:
        sittings[:, last] = rng.binomial(sittings[:, last], part)
    return sittings
