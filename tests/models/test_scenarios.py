from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import ndtri

from fillplan_models.dependence import USUAL, Dependence, Shares, measure_dependence
from fillplan_models.forecast import Forecast
from fillplan_models.marginals import marginals
from fillplan_models.scenarios import sample_demand, scenarios

REGIONS, TITLES, DAYS = 5, 40, 7


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    region, title = np.divmod(np.arange(REGIONS * TITLES), TITLES)
    mean = np.random.default_rng(3).uniform(6, 400, (len(region), DAYS))
    is_open = np.ones(mean.shape, dtype=bool)
    is_open[0, 3:] = False
    mean[~is_open] = 0.0
    return Forecast(
        plan_date=date(2026, 3, 2),
        regions=tuple("ABCDE"),
        titles=tuple(f"t{i}" for i in range(TITLES)),
        region=region,
        title=title,
        open=is_open,
        view_hours=mean,
        low=0.4 * mean,
        high=1.8 * mean,
        cold=title % 4 == 0,
        method="test",
    )


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


def test_what_was_sampled_is_measured_again(forecast):
    planted = Dependence(warm=Shares(0.3, 0.1, 0.2, 0.1), cold=Shares(0.6, 0.1, 0.1, 0.0))
    drawn = [hours.astype(np.float64) for hours in sample_demand(forecast, 60, 9, planted)]
    found = measure_dependence([forecast] * 60, drawn, [forecast.open] * 60)
    for name in Shares.__dataclass_fields__:
        assert getattr(found.warm, name) == pytest.approx(getattr(planted.warm, name), abs=0.05)
        assert getattr(found.cold, name) == pytest.approx(getattr(planted.cold, name), abs=0.07)


def test_too_little_evidence_leaves_the_usual_shares(forecast):
    nothing = np.zeros_like(forecast.open)
    assert measure_dependence([forecast], [forecast.view_hours], [nothing]) == USUAL
