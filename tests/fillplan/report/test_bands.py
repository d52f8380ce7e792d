"""Intervals of summed hours: against the covariance of all pairs, and against sampled demand."""

from datetime import date

import numpy as np
import pytest

from fillplan.report.bands import Cells, bands
from fillplan_models.dependence import USUAL
from fillplan_models.forecast import Forecast
from fillplan_models.scenarios import sample_demand

REGIONS, TITLES, DAYS = 3, 25, 2


@pytest.fixture
def forecast() -> Forecast:
    rng = np.random.default_rng(3)
    series = np.flatnonzero(rng.random(REGIONS * TITLES) < 0.8)
    mean = rng.lognormal(3, 1, (len(series), DAYS))
    return Forecast(
        plan_date=date(2026, 7, 1),
        regions=tuple("abc"),
        titles=tuple(f"t{i}" for i in range(TITLES)),
        region=series // TITLES,
        title=series % TITLES,
        open=np.ones(mean.shape, dtype=np.bool_),
        view_hours=mean,
        low=mean * 0.6,
        high=mean * 1.5,
        cold=rng.random(len(series)) < 0.3,
        method="by hand",
    )


def cells_of(forecast: Forecast) -> Cells:
    series, day = np.indices(forecast.view_hours.shape).reshape(2, -1)
    figures = (forecast.view_hours, forecast.low, forecast.high)
    flat = [figure[series, day] for figure in figures]
    return Cells(forecast.region[series], forecast.title[series], day, *flat, forecast.cold[series])


def slow_spread(cells: Cells, far: np.ndarray, chosen: np.ndarray) -> float:
    """Deviation of a sum from the covariance of every pair of its cells."""
    loadings = {
        name: np.sqrt(np.where(cells.cold, getattr(USUAL.cold, name), getattr(USUAL.warm, name)))
        for name in ("title", "title_day", "region")
    }
    variance = 0.0
    for i in chosen:
        for j in chosen:
            shared = 0.0
            if i == j:
                shared = 1.0
            else:
                if cells.title[i] == cells.title[j]:
                    total = [np.sqrt(loadings["title"][k] ** 2 + loadings["title_day"][k] ** 2) for k in (i, j)]
                    shared += total[0] * total[1]
                if cells.region[i] == cells.region[j]:
                    shared += loadings["region"][i] * loadings["region"][j]
            variance += far[i] * far[j] * shared
    return float(np.sqrt(variance))


def test_sums_spread_as_the_covariance_of_all_pairs(forecast: Forecast) -> None:
    cells = cells_of(forecast)
    made = bands(cells, REGIONS, TITLES, DAYS)
    for day in range(DAYS):
        today = np.flatnonzero(cells.day == day)
        assert made.total_below[day] == pytest.approx(slow_spread(cells, cells.mean - cells.low, today))
        assert made.total_above[day] == pytest.approx(slow_spread(cells, cells.high - cells.mean, today))
        here = today[cells.region[today] == 1]
        assert made.below[1, day] == pytest.approx(slow_spread(cells, cells.mean - cells.low, here))
        assert made.mean[1, day] == pytest.approx(cells.mean[here].sum())
        assert made.low[1, day] <= made.mean[1, day] - made.below[1, day], "the widest case is wider"


def test_sampled_totals_lie_about_where_the_interval_says(forecast: Forecast) -> None:
    made = bands(cells_of(forecast), REGIONS, TITLES, DAYS)
    totals = sample_demand(forecast, 600, seed=1).sum(axis=1)
    mean = made.mean.sum(axis=0)
    inside = (totals >= mean - made.total_below) & (totals <= mean + made.total_above)
    assert 0.7 <= inside.mean() <= 0.9
