"""Workspaces that are not shipped: `FILLPLAN_WORLDS` names the folder that they stand in."""

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.panel import build_panel
from tests.benchmarks.demand import HORIZON_DAYS, baseline_alone, hours_in, wape
from tests.benchmarks.earlier import LATE_DAYS, bare

FOLDER = os.environ.get("FILLPLAN_WORLDS", "")
WORLDS = sorted(path.parent for path in Path(FOLDER).glob("*/input")) if FOLDER else []

pytestmark = [
    pytest.mark.worlds,
    pytest.mark.skipif(not WORLDS, reason="FILLPLAN_WORLDS names no folder with workspaces"),
]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_baseline_beats_the_seasonal_naive(world: Path) -> None:
    """As the simple method comes, with nothing for series without views; the last whole week that is known."""
    tables, _ = read_tables(world / "input")
    panel = build_panel(tables, default_plan_date(tables) - timedelta(days=HORIZON_DAYS + LATE_DAYS), HORIZON_DAYS)
    actual = hours_in(tables.views, panel)
    everywhere, errors = np.ones(actual.shape[:2], dtype=bool), []
    for forecast in (baseline_alone(panel), bare(SeasonalNaive().forecast(panel))):
        hours = np.zeros_like(actual)
        hours[forecast.region, forecast.title] = forecast.view_hours
        errors.append(wape(hours, actual, everywhere))
    assert errors[0] < 0.95 * errors[1]
