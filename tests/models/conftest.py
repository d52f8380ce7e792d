"""Fixtures of the model tests; the makers of small worlds stand in `worlds.py`."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from fillplan_models.forecast import Forecast
from fillplan_models.model import TrainedModel
from fillplan_models.panel import Panel, build_panel
from fillplan_models.spec import Booster, ModelSpec, Sampling
from fillplan_models.training import train
from tests.models.worlds import day, simulate, tables_of


@pytest.fixture(scope="session")
def small_world() -> dict[str, list[dict[str, Any]]]:
    """70 days, 3 regions that are no ISO codes, 30 titles, launches in the history and in the horizon."""
    return simulate()


@pytest.fixture(scope="session")
def quick_spec() -> ModelSpec:
    """Small enough to train in a second."""
    return ModelSpec(name="quick", sampling=Sampling(cutoffs=7, rows=4000), booster=Booster(rounds=20, num_leaves=7))


@pytest.fixture(scope="session")
def panel(small_world: dict[str, list[dict[str, Any]]]) -> Panel:
    return build_panel(tables_of(**small_world), day(70), 7)


@pytest.fixture(scope="session")
def model(panel: Panel, quick_spec: ModelSpec) -> TrainedModel:
    return train(panel, quick_spec, seed=3)


@pytest.fixture(scope="session")
def forecast() -> Forecast:
    """Five regions, forty titles, a week; every fourth title is new, the first series closes after three days."""
    region, title = np.divmod(np.arange(5 * 40), 40)
    mean = np.random.default_rng(3).uniform(6, 400, (len(region), 7))
    is_open = np.ones(mean.shape, dtype=bool)
    is_open[0, 3:] = False
    mean[~is_open] = 0.0
    return Forecast(
        plan_date=date(2026, 3, 2),
        regions=tuple("ABCDE"),
        titles=tuple(f"t{i}" for i in range(40)),
        region=region,
        title=title,
        open=is_open,
        view_hours=mean,
        low=0.4 * mean,
        high=1.8 * mean,
        cold=title % 4 == 0,
        method="test",
    )
