from __future__ import annotations

import numpy as np

from fillplan_data.synthetic.dynamics import life_curve, make_dynamics, weekly_drift
from fillplan_data.synthetic.world import World


def test_without_luck_titles_of_a_kind_are_alike(small_world: World) -> None:
    usual = make_dynamics(small_world.spec, small_world.catalogue, small_world.seed, luck=0.0)
    for kind in np.unique(small_world.catalogue.kind):
        of_kind = small_world.catalogue.kind == kind
        for name in ("fast", "fast_days", "slow", "slow_days", "stays"):
            usual_value, drawn = getattr(usual, name)[of_kind], getattr(small_world.dynamics, name)[of_kind]
            assert np.ptp(usual_value) == 0
            assert (drawn > 0).all() == (usual_value[0] > 0)
            if len(drawn) >= 30 and usual_value[0] > 0:
                assert 0.8 < np.median(drawn) / usual_value[0] < 1.25
    assert (usual.drift == 1).all() and np.ptp(small_world.dynamics.drift) > 0


def test_demand_falls_with_age_and_keeps_a_tail(small_world: World) -> None:
    """From one week to the next, so that the bumps of weekly episodes meet each other."""
    catalogue = small_world.catalogue
    age = np.tile(np.array([70.0, 77.0, 140.0, 364.0]), (len(catalogue), 1))
    curve = life_curve(catalogue, small_world.dynamics, age)
    assert (np.diff(curve, axis=1) < 0).all() and (curve > 0).all()


def test_drift_reverts_to_its_mean_with_the_spread_of_its_steps() -> None:
    drift = np.log(weekly_drift(4000, 7 * 60, 0.1, np.random.default_rng(3)))[:, ::7]
    assert abs(drift.mean()) < 0.02
    assert 0.9 < drift.std() / (0.1 / np.sqrt(1 - 0.85**2)) < 1.1
