"""Plans from every forecast, judged on the real demand, and the caches as they might have been filled before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan.problem import build_problem
from fillplan.settings import PlanSettings, Settings
from fillplan.workflow import regret
from fillplan.workflow.regret import earlier_inventory
from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from tests.fillplan.conftest import PLAN_DATE


def test_the_earlier_inventory_fits_its_caches_and_knows_nothing_later(night_workspace: Path) -> None:
    tables, _ = read_tables(night_workspace / "input")
    day = default_plan_date(tables) - timedelta(days=7)
    held = earlier_inventory(tables, day, PlanSettings())
    size = tables.assets.set_index("asset_id")["size_bytes"]
    used = size.loc[held["asset_id"].astype(str)].groupby(held["cache_id"].astype(str).to_numpy()).sum()
    storage = tables.caches.set_index("cache_id")["storage_bytes"]
    assert (used <= storage.loc[used.index]).all() and used.sum() > 0
    shaken = tables.views.copy()
    later = shaken["date"] >= pd.Timestamp(day - timedelta(days=2))
    shaken.loc[later, "view_hours"] = shaken.loc[later, "view_hours"].to_numpy()[::-1]
    again = earlier_inventory(replace(tables, views=shaken), day, PlanSettings())
    pd.testing.assert_frame_equal(held, again)


class Counting:
    """The greedy, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[PlacementProblem] = []

    def place(self, problem: PlacementProblem) -> PlacementResult:
        self.asked.append(problem)
        return DensityGreedy().place(problem)


@pytest.mark.parametrize("threads", [1, 2])
def test_forecasts_of_the_same_bytes_share_a_plan(
    small_tables: Tables, small_demand: AssetDemand, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week's mean and last week's days add up to the same, but for rounding."""
    problem = build_problem(small_tables, small_demand, PLAN_DATE, PlanSettings())
    rounded = replace(problem, demand_bytes=problem.demand_bytes * (1 + 2**-52))
    other = replace(problem, demand_bytes=problem.demand_bytes[::-1].copy())
    assert not np.array_equal(rounded.demand_bytes, problem.demand_bytes)
    counting = Counting()
    monkeypatch.setattr(regret, "placer", lambda *_, **__: counting)
    settings = Settings.model_validate({"run": {"threads": threads}})
    placements = regret.Regret(settings, settings.plan)._placements([other, problem, rounded])
    assert [id(asked) for asked in counting.asked] == [id(other), id(problem)]
    assert placements[2] is placements[1] is not placements[0]
    for held, expected in zip(placements[0].files, DensityGreedy().place(other).placement.files, strict=True):
        np.testing.assert_array_equal(held, expected)
