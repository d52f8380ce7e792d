"""Joint scenarios of demand: what the coming days may hold, all series together.

A Gaussian copula over the forecast's own distributions (`marginals`): each cell keeps its mean and interval, while
surprises are shared within a title, a series and a region as they were in the past (`dependence`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from fillplan_data.arrays import Floats, Singles
from fillplan_models.dependence import USUAL, Dependence, Shares
from fillplan_models.forecast import Forecast
from fillplan_models.marginals import marginals


def sample_demand(forecast: Forecast, count: int, seed: int, dependence: Dependence = USUAL) -> Singles:
    """[count, N, H] view hours of `count` scenarios, 0 outside rights: 4 bytes x count x series x days of memory.

    Over many scenarios every cell has the forecast's mean, and its central 80 % within low .. high. Scenario i
    depends on `seed` and i alone, so that more of them begin with the same ones. Pass what `measure_dependence` gives
    to have surprises hang together as they did in past horizons.
    """
    hours = np.empty((count, *forecast.view_hours.shape), dtype=np.float32)
    for i, scenario in enumerate(scenarios(forecast, count, seed, dependence)):
        hours[i] = scenario
    return hours


def scenarios(forecast: Forecast, count: int, seed: int, dependence: Dependence = USUAL) -> Iterator[Floats]:
    """The same [N, H] scenarios one after the other, for panels whose samples do not fit into memory at once."""
    cells = marginals(forecast.view_hours, forecast.low, forecast.high)
    for number in range(count):
        score = _scores(forecast, np.random.default_rng([seed, number]), dependence)
        yield np.where(forecast.open, cells.hours(ndtr(score)), 0.0)


def _scores(forecast: Forecast, rng: np.random.Generator, dependence: Dependence) -> Floats:
    """[N, H] standard normal scores with the shared parts."""
    series, days = forecast.view_hours.shape
    part = {name: _loadings(forecast, dependence, name) for name in Shares.__dataclass_fields__}
    own = np.sqrt(np.maximum(1.0 - sum(loading**2 for loading in part.values()), 0.0))
    score = own * rng.standard_normal((series, days))
    score += part["title"] * rng.standard_normal(len(forecast.titles))[forecast.title, None]
    score += part["series"] * rng.standard_normal((series, 1))
    score += part["title_day"] * rng.standard_normal((len(forecast.titles), days))[forecast.title]
    score += part["region"] * rng.standard_normal(len(forecast.regions))[forecast.region, None]
    return score


def _loadings(forecast: Forecast, dependence: Dependence, name: str) -> Floats:
    """[N, 1] weight of a shared part in each series' score."""
    warm, cold = getattr(dependence.warm, name), getattr(dependence.cold, name)
    return np.sqrt(np.where(forecast.cold, cold, warm))[:, None]
