from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan_data.synthetic.demand import RegionViews, expected_hours, recorded_sittings, region_views
from fillplan_data.synthetic.works import MOVIE
from fillplan_data.synthetic.world import World, make_world


def _hours(world: World, views: RegionViews) -> np.ndarray:
    return views.sittings * world.dynamics.sitting_hours[:, None]


def test_demand_lies_within_the_rights_windows_and_nowhere_else(world: World) -> None:
    for r in range(len(world.regions)):
        expected = expected_hours(world, r)
        opens, closes = world.windows.start[:, [r]], world.windows.end[:, [r]]
        is_open = (world.day >= opens) & (world.day <= closes)
        assert ((expected > 0) == is_open).all() and np.isfinite(expected).all()


def test_the_sample_is_unbiased_and_follows_the_expectation(small_world: World, small_views: list[RegionViews]) -> None:
    sampled = np.stack([_hours(small_world, v) for v in small_views])
    expected = np.stack([v.expected_hours for v in small_views])
    assert (sampled >= 0).all() and (sampled[expected == 0] == 0).all()
    assert sampled.sum() == pytest.approx(expected.sum(), rel=0.01)
    for kind in range(4):
        of_kind = small_world.catalogue.kind == kind
        assert sampled[:, of_kind].sum() == pytest.approx(expected[:, of_kind].sum(), rel=0.02)
    busy = expected > 5
    assert np.corrcoef(sampled[busy], expected[busy])[0, 1] > 0.9


def test_chance_is_over_dispersed(small_world: World, small_views: list[RegionViews]) -> None:
    """Variance over mean of the sittings of busy movies: 1 if Poisson, more by gamma-Poisson."""
    movie = small_world.catalogue.kind == MOVIE
    mean = np.stack([v.expected_hours[movie] / small_world.dynamics.sitting_hours[movie, None] for v in small_views])
    sittings = np.stack([v.sittings[movie] for v in small_views])
    busy = mean > 10
    excess = ((sittings - mean)[busy] ** 2 / mean[busy]).mean() - 1
    shape = small_world.dynamics.noise_shape[movie][0]
    assert excess == pytest.approx(mean[busy].mean() / shape, rel=0.15)


def test_the_noise_floor_is_realistic_and_smoothing_stays_clearly_above_it(
    small_world: World, small_views: list[RegionViews]
) -> None:
    past = small_world.spec.history_days
    week = slice(past, past + 7)
    sampled = np.stack([_hours(small_world, v) for v in small_views])
    expected = np.stack([v.expected_hours for v in small_views])
    smooth = sampled[:, :, 0]
    for day in range(1, past):
        smooth = smooth + 0.2 * (sampled[:, :, day] - smooth)
    actual = sampled[:, :, week]
    floor = np.abs(actual - expected[:, :, week]).sum() / actual.sum()
    ewma = np.abs(actual - smooth[:, :, None] * (expected[:, :, week] > 0)).sum() / actual.sum()
    assert 0.22 < floor < 0.36
    assert ewma > 1.3 * floor


def test_a_region_watches_its_hours(small_world: World, small_views: list[RegionViews]) -> None:
    past = small_world.spec.history_days
    for region, views in zip(small_world.regions, small_views, strict=True):
        daily = views.expected_hours[:, :past].sum(0) / region.level[:past]
        assert daily.mean() == pytest.approx(region.hours_per_day, rel=0.02)


def test_the_week_shows(small_world: World, small_views: list[RegionViews]) -> None:
    past = small_world.spec.history_days // 7 * 7
    monday = -(small_world.spec.plan_date.weekday() + small_world.day[0]) % 7
    for region, views in zip(small_world.regions, small_views, strict=True):
        days = views.expected_hours.sum(0)[int(monday) : int(monday) + past - 7].reshape(-1, 7).mean(0)
        assert days[region.country.weekend] > 1.15 * days[:4].mean()


def test_launches_fade(small_world: World, small_views: list[RegionViews]) -> None:
    start = small_world.windows.start
    promoted = {p.title for p in small_world.promotions} | {h.title for h in small_world.hits}
    ratio = [
        small_views[r].expected_hours[t, s + 120 : s + 127].sum()
        / small_views[r].expected_hours[t, s + 155 :][:7].sum()
        for t, r in np.argwhere((start > -110) & (start < -50) & (small_world.catalogue.kind == MOVIE)[:, None])
        if t not in promoted
        for s in [start[t, r]]
        if small_world.windows.end[t, r] > 0
    ]
    assert len(ratio) > 20 and np.median(ratio) > 2


def test_gaps_only_where_records_are_imperfect(small_world: World, small_views: list[RegionViews]) -> None:
    past = small_world.spec.history_days
    gaps = late = 0
    for seed in range(5):
        imperfect = replace(small_world, seed=seed, spec=replace(small_world.spec, imperfect=True))
        for r, views in enumerate(small_views):
            assert recorded_sittings(small_world, r, views) is views.sittings
            kept = recorded_sittings(imperfect, r, views)
            there = kept.sum(0) > 0
            gaps += int((~there).sum())
            late += int(kept[:, past - 1].sum() < views.sittings[:, past - 1].sum())
            assert there[0] and there[past - 1] and there[past:].all()
            same = there & (np.arange(len(there)) != past - 1)
            assert (kept[:, same] == views.sittings[:, same]).all() and (kept <= views.sittings).all()
    region_days = 5 * past * len(small_views)
    assert 0.001 * region_days < gaps < 0.01 * region_days and 0 < late < 25


def test_a_region_does_not_depend_on_the_others(world: World) -> None:
    alone = region_views(make_world(world.spec, world.seed), 3)
    region_views(world, 0)
    assert (region_views(world, 3).sittings == alone.sittings).all()
