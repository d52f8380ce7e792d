from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from fillplan_models.dependence import USUAL
from fillplan_models.marginals import marginals
from fillplan_models.scenarios import sample_demand, scenarios

REGIONS, TITLES, DAYS = 5, 40, 7


@pytest.fixture(scope="module")
def samples(forecast):
    return sample_demand(forecast, 1500, seed=5)


def test_scenarios_keep_the_forecasts_mean(forecast, samples):
    assert samples.mean() == pytest.approx(forecast.view_hours.mean(), rel=0.02)
    some = forecast.view_hours > 0
    ratio = samples.mean(axis=0)[some] / forecast.view_hours[some]
    assert np.abs(ratio - 1).max() < 0.09  # five standard errors of a mean of 1,500


def test_four_fifths_of_the_scenarios_lie_within_the_interval(forecast, samples):
    some = forecast.open
    inside = ((samples >= forecast.low - 1e-3) & (samples <= forecast.high + 1e-3)).mean(axis=0)[some]
    assert inside.mean() == pytest.approx(0.8, abs=0.01)
    assert inside.min() > 0.74 and inside.max() < 0.86


def test_nothing_is_watched_outside_rights_nor_less_than_nothing(forecast, samples):
    assert (samples[:, ~forecast.open] == 0).all() and samples.min() >= 0


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ((1, 0), (1, 4), ("title", "series", "region")),  # a series on two days
        ((1, 2), (1 + TITLES, 2), ("title", "title_day")),  # a title in two regions on one day
        ((1, 2), (1 + TITLES, 5), ("title",)),
        ((1, 2), (2, 5), ("region",)),  # two titles of a region
        ((4, 2), (4 + TITLES, 5), ("title",)),  # a launch in two regions
    ],
)
def test_surprises_are_shared_as_measured(forecast, samples, first, second, shared):
    shares = USUAL.cold if forecast.cold[first[0]] else USUAL.warm
    cells = marginals(forecast.view_hours, forecast.low, forecast.high)
    score = [
        ndtri(replace_cell(cells, place).probability(samples[(slice(None), *place)].astype(np.float64)))
        for place in (first, second)
    ]
    found = np.corrcoef(np.clip(score, -4, 4))[0, 1]
    assert found == pytest.approx(sum(getattr(shares, name) for name in shared), abs=0.08)


def replace_cell(cells, place):
    return replace(cells, **{name: np.array(values[place]) for name, values in vars(cells).items()})


def test_a_scenario_depends_on_the_seed_and_its_number_alone(forecast):
    few, more = sample_demand(forecast, 2, seed=1), sample_demand(forecast, 4, seed=1)
    assert (few == more[:2]).all() and (more[0] != more[1]).any()
    assert (sample_demand(forecast, 1, seed=2) != few[:1]).any()
    assert (np.stack([s.astype(np.float32) for s in scenarios(forecast, 2, seed=1)]) == few).all()
