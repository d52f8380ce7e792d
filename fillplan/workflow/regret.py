"""What forecast error costs: the plan from each forecast, judged on the real demand, beside the plan from that demand.

All plans of an origin start from the same inventory and split hours by the same shares, those known at the
origin, so that nothing but the forecast differs. Each is searched for as far as a night's, and none from another's
plan: that would lend it what the other forecast knew. They are made side by side; forecasts that come to the same
bytes share one, for two searches from numbers that differ in rounding end up within the gap of each other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan.problem import build_problem
from fillplan.settings import PlanSettings, Settings
from fillplan.workflow.inputs import FOR_PLAN, Inputs
from fillplan_data.arrays import Floats
from fillplan_data.history import before
from fillplan_data.tables import Tables
from fillplan_models.demand import asset_demand
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.panel import build_panel
from fillplan_models.shares.estimate import variant_shares
from fillplan_optimizer.auto import placer
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify

FORESIGHT = "perfect foresight"
STALE_DAYS = 2
"""A night's inventory was chosen before the last days' views were known."""
_ROUNDING = 1e-9
"""Relative difference of bytes that come by other sums."""
ROOMY = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, eq=False)
class Regret:
    """Plans and what they served, origin by origin."""

    settings: Settings
    plan: PlanSettings
    """With the backtest's horizon."""
    rows: list[dict[str, object]] = field(default_factory=list)

    @classmethod
    def for_inputs(cls, inputs: Inputs, horizon_days: int) -> Regret | None:
        """None where the workspace has no assets or caches."""
        if not inputs.tables.present >= FOR_PLAN:
            return None
        plan = inputs.settings.plan.model_copy(update={"horizon_days": horizon_days})
        return cls(inputs.settings, plan)

    def judge(self, tables: Tables, forecasts: list[Forecast], hours: Floats) -> None:
        """Plan from every forecast and from the real `hours` [N, H] of the same series; tables as of the origin."""
        origin = forecasts[0].plan_date
        tables = dataclasses.replace(tables, inventory=earlier_inventory(tables, origin, self.plan))
        shares = variant_shares(tables, forecasts[0].regions, origin)
        real = dataclasses.replace(forecasts[0], view_hours=hours, low=hours, high=hours, method=FORESIGHT)
        truth = build_problem(tables, asset_demand(tables, real, shares), origin, self.plan)
        requested = float(truth.demand_bytes.sum())
        demands = [asset_demand(tables, forecast, shares) for forecast in forecasts]
        problems = [build_problem(tables, demand, origin, self.plan) for demand in demands]
        placements = self._placements([*problems, truth])
        for forecast, placement in zip([*forecasts, real], placements, strict=True):
            verdict = verify(truth, placement)
            self.rows.append(
                {
                    "origin": origin,
                    "method": forecast.method,
                    "offload": verdict.offload,
                    "value": verdict.value,
                    "requested_bytes": requested,
                    "served_bytes": verdict.offload * requested,
                }
            )

    def _placements(self, problems: Sequence[PlacementProblem]) -> list[Placement]:
        """One for each problem, in their order; the same on any number of threads."""
        solver = placer(self.plan.solver, seed=self.settings.run.seed)
        firsts = [next(k for k, other in enumerate(problems) if _asks_the_same(other, one)) for one in problems]
        with ThreadPoolExecutor(self.settings.run.threads) as pool:
            found = {first: pool.submit(solver.place, problems[first]) for first in dict.fromkeys(firsts)}
            return [found[first].result().placement for first in firsts]

    def table(self) -> pd.DataFrame:
        """Offload and value per method over all origins, and what is lost against foresight."""
        sums = pd.DataFrame(self.rows).groupby("method", sort=False)[["served_bytes", "requested_bytes", "value"]].sum()
        offload = sums["served_bytes"] / sums["requested_bytes"].where(sums["requested_bytes"] > 0)
        best = sums.loc[FORESIGHT]
        table = pd.DataFrame(
            {
                "offload": offload,
                "value": sums["value"],
                "lost_offload": offload[FORESIGHT] - offload,
                "lost_value_share": (best["value"] - sums["value"]) / best["value"] if best["value"] else np.nan,
            }
        )
        return table.reset_index()


def _asks_the_same(one: PlacementProblem, other: PlacementProblem) -> bool:
    """Whether two problems of an origin ask for the same bytes, but for rounding."""
    return np.allclose(one.demand_bytes, other.demand_bytes, rtol=_ROUNDING, atol=0.0)


def earlier_inventory(tables: Tables, plan_date: date, plan: PlanSettings) -> pd.DataFrame:
    """What caches might have held on the eve of `plan_date`: a greedy fill, without fill limits, on the views of the
    week up to two days before. Today's inventory would know what was popular later.
    """
    stale = plan_date - timedelta(days=STALE_DAYS)
    known = before(tables, stale)
    forecast = SeasonalNaive().forecast(build_panel(known, stale, plan.horizon_days))
    problem = build_problem(known, asset_demand(known, forecast), stale, plan)
    empty = tuple(np.zeros(0, dtype=np.int64) for _ in problem.cache_ids)
    roomy = dataclasses.replace(
        problem, held=empty, fill_budget_bytes=np.full(problem.cache_count, ROOMY, dtype=np.int64)
    )
    files = DensityGreedy().place(roomy).placement.files
    ids = np.array(problem.file_ids, dtype=object)
    rows = {
        "cache_id": np.repeat(np.array(problem.cache_ids, dtype=object), [len(held) for held in files]),
        "asset_id": ids[np.concatenate(files)] if files else ids[:0],
    }
    return pd.DataFrame(rows).astype("category")
