"""Plans from every forecast, judged on the real demand."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan.problem import build_problem
from fillplan.settings import PlanSettings, Settings
from fillplan.workflow import regret
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from tests.fillplan.conftest import PLAN_DATE


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
