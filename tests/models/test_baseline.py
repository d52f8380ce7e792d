"""The level of a series: its own hours drawn to its prior."""

from types import SimpleNamespace

import numpy as np
import pytest

from fillplan_models.appeal import fit_appeal, weighted_window
from fillplan_models.baseline import (
    DAY_VARIANCE,
    OWN_TRUST,
    SMALLEST_LEVEL,
    baseline_hours,
    posterior_level,
    title_factor,
)
from fillplan_models.history import make_recent
from tests.models.test_appeal import product_world
from tests.models.worlds import panel_of


def test_levels_follow_own_hours_when_there_are_many_and_the_prior_when_there_are_none():
    hours, _, appeal = product_world()
    hours["R1", "t00"] = hours["R1", "t00"] * 10  # far above what its title tells
    panel = panel_of(hours)
    recent = make_recent(panel)
    fitted = fit_appeal(recent)
    level = posterior_level(fitted, *weighted_window(recent, 4.0))
    series = int(np.flatnonzero((panel.region == 0) & (panel.title == 0))[0])
    assert level[series] == pytest.approx(10 * appeal[0], rel=0.1)
    assert fitted.prior_level[series] < 5 * appeal[0]
    assert np.all(level > 0)


def test_a_title_that_climbs_everywhere_is_told_by_all_regions_together() -> None:
    """Ten thin series of one title show half as much again as their levels say; a lone series of another title too."""
    title = np.array([0] * 10 + [1])
    appeal = SimpleNamespace(phi=1.0)
    level, usual = np.full(11, 4.0), np.full(11, 3.0)
    factor = title_factor(appeal, level, 1.5 * level * usual, usual, title)
    assert np.all(factor[:10] == factor[0])
    assert 1.3 < factor[0] < 1.5 and 1.0 < factor[10] < 1.25
    assert title_factor(appeal, level, level * usual, usual, title) == pytest.approx(np.ones(11))


def appeal_of(*prior: float, own_variance: float = 0.5) -> SimpleNamespace:
    return SimpleNamespace(prior_level=np.array(prior), phi=2.0, own_variance=own_variance)


def test_a_level_by_hand() -> None:
    """A prior of 4 hours a day, 30 hours watched on 5 usual days."""
    own, noise = 1 / (OWN_TRUST * 0.5), 2 + DAY_VARIANCE * 4
    expected = 4 * (own + 30 / noise) / (own + 20 / noise)
    levels = posterior_level(appeal_of(4.0, 4.0), np.array([30.0, 0.0]), np.array([5.0, 0.0]))
    assert levels == pytest.approx([expected, 4.0]), "where nothing was to be seen the prior stands"
    assert 4 < expected < 6


def test_some_series_have_priors_of_their_own() -> None:
    few = posterior_level(appeal_of(1.0, 7.0, 3.0), np.zeros(2), np.zeros(2), np.array([2, 0]))
    assert few == pytest.approx([3.0, 1.0])


def test_no_level_is_nothing() -> None:
    assert posterior_level(appeal_of(0.0), np.zeros(1), np.array([50.0]))[0] > 0
    usual = SimpleNamespace(usual_on=lambda series, days: np.zeros(np.broadcast(series, days).shape))
    hours = baseline_hours(usual, np.array([1.0, 2.0]), np.array([[0], [1]]), np.arange(3))
    assert hours.shape == (2, 3) and (hours == SMALLEST_LEVEL).all()


def test_a_day_has_what_is_usual_on_it() -> None:
    usual = SimpleNamespace(usual_on=lambda series, days: 1.0 + days + 0 * series)
    assert baseline_hours(usual, np.array([1.0, 2.0]), np.array([[1]]), np.arange(3)).tolist() == [[2.0, 4.0, 6.0]]
