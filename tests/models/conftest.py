"""Fixtures of the model tests; the makers of small worlds stand in `worlds.py`."""

from typing import Any

import pytest

from fillplan_models.spec import Booster, ModelSpec, Sampling
from tests.models.worlds import simulate


@pytest.fixture(scope="session")
def small_world() -> dict[str, list[dict[str, Any]]]:
    """70 days, 3 regions that are no ISO codes, 30 titles, launches in the history and in the horizon."""
    return simulate()


@pytest.fixture(scope="session")
def quick_spec() -> ModelSpec:
    """Small enough to train in a second."""
    return ModelSpec(name="quick", sampling=Sampling(cutoffs=7, rows=4000), booster=Booster(rounds=20, num_leaves=7))
