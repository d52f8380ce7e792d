"""From a scenario's world to its placement problem, by the functions of the night: forecast, shares, problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from fillplan.problem import build_problem
from fillplan.scenarios.outages import without
from fillplan.scenarios.world import DemandChange, World
from fillplan.stages import Stages
from fillplan.workflow.base import Base
from fillplan.workflow.demand import forecast_demand, provenance
from fillplan.workflow.inputs import Inputs
from fillplan_data.errors import ModelError
from fillplan_data.tables import Tables
from fillplan_models.bytes import title_of_asset
from fillplan_models.demand import asset_demand, title_hours
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.policy import Policy
from fillplan_optimizer.problem import PlacementProblem

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Supposing:
    """Demand and problems of worlds. Forecasts and splits are kept while the tables they depend on stay the same."""

    base: Base
    stages: Stages
    _forecasts: dict[tuple[int, ...], tuple[World, Forecast]] = field(default_factory=dict)
    _demands: dict[tuple[int, ...], tuple[World, AssetDemand]] = field(default_factory=dict)

    def problem(self, world: World) -> PlacementProblem:
        """The placement problem of a world; the base's own where nothing was overridden."""
        demand = self.demand(world)
        problem = build_problem(world.tables, demand, world.plan_date, world.settings.plan)
        return without(problem, world.outages)

    def plain(self, world: World) -> PlacementProblem | None:
        """The problem without its policy; None where the policy is neutral."""
        plan = world.settings.plan
        if plan.policy.is_neutral:
            return None
        neutral = plan.model_copy(update={"policy": Policy()})
        return self.problem(replace(world, settings=world.settings.model_copy(update={"plan": neutral})))

    def demand(self, world: World) -> AssetDemand:
        """Bytes per region and file. Raises ModelError where a forecast is needed that cannot be made."""
        demand = self._split(world) if world.new_forecast or world.new_shares else self._resized(world)
        factor = np.ones(demand.expected_bytes.shape)
        for change in world.demand_changes:
            factor *= factor_of(change, demand, world.tables, lambda: self.forecast(world))
        return replace(demand, expected_bytes=demand.expected_bytes * factor) if world.demand_changes else demand

    def _resized(self, world: World) -> AssetDemand:
        """The base's demand, moving as many bytes as the files have now."""
        base = self.base.demand
        before = self.base.inputs.tables.assets["size_bytes"].to_numpy(np.float64)
        now = world.tables.assets["size_bytes"].to_numpy(np.float64)
        if np.array_equal(before, now):
            return base
        return replace(base, expected_bytes=base.expected_bytes * (now / before))

    def _split(self, world: World) -> AssetDemand:
        key = (*_ids(world.tables, "titles", "assets", "availability", "promotions"), *_forecast_settings(world))
        if key not in self._demands:
            forecast = self.forecast(world)
            with self.stages.stage("demand"):
                demand = asset_demand(world.tables, forecast)
            # in rows, as the base's: sums in another order differ in the last bit
            demand = replace(demand, expected_bytes=np.ascontiguousarray(demand.expected_bytes))
            self._demands[key] = world, demand
        return self._demands[key][1]

    def forecast(self, world: World) -> Forecast:
        """The run's forecast, or where its features changed, another by the run's method."""
        if not world.new_forecast:
            return self.base.forecast
        key = (*_ids(world.tables, "titles", "availability", "promotions", "calendar"), *_forecast_settings(world))
        if key not in self._forecasts:
            self._forecasts[key] = world, forecast_by_run(self.base, world, self.stages)
        return self._forecasts[key][1]


def _ids(tables: Tables, *names: str) -> tuple[int, ...]:
    """Which frames these are; the worlds kept beside the results keep them from being reused for others."""
    return tuple(id(getattr(tables, name)) for name in names)


def _forecast_settings(world: World) -> tuple[int, ...]:
    settings = world.settings
    return hash(settings.forecast), settings.plan.horizon_days


def forecast_by_run(base: Base, world: World, stages: Stages) -> Forecast:
    """A forecast of changed tables by the method (and the very model) that the run was made with.

    Raises ModelError where that cannot be: demand was given, or the model was trained anew since.
    """
    made_with = dict(base.run.summary["model"])
    settings = world.settings
    as_run = settings.forecast == base.inputs.settings.forecast
    if as_run:
        if made_with["name"] == "given":
            base.forecast  # noqa: B018  raises: there is none to go by
        method = "model" if "sha256" in made_with else made_with["name"]
        settings = settings.model_copy(update={"forecast": settings.forecast.model_copy(update={"method": method})})
    inputs = Inputs(base.inputs.workspace, settings, world.tables, base.inputs.plan_date, ())
    forecast = forecast_demand(inputs, stages)
    found = provenance(inputs, forecast)
    if as_run and found != made_with:
        raise ModelError(
            f"expected the model that {base.run.folder} was made with ({made_with}), found {found}; "
            "plan that date again with the model as it is: fillplan plan"
        )
    return forecast


def factor_of(change: DemandChange, demand: AssetDemand, tables: Tables, forecast: Callable[[], Forecast]) -> Floats:
    """[R, F] what a change multiplies demand by."""
    region = np.array([name in change.regions for name in demand.regions], dtype=np.bool_)
    file = tables.assets["title_id"].isin(change.titles).to_numpy()
    if change.assets is not None:
        file = file & tables.assets["asset_id"].isin(change.assets).to_numpy()
    factor = np.ones(demand.expected_bytes.shape)
    if not change.needs_days:
        factor[np.ix_(region, file)] = change.scale
        return factor
    by_title = _by_days(change, forecast())[:, title_of_asset(tables)]
    where = np.ix_(region, file)
    factor[where] = by_title[where]
    return factor


def _by_days(change: DemandChange, forecast: Forecast) -> Floats:
    """[R, T] hours over the horizon after the change, as a part of those before it; 1 where there are none."""
    after = forecast.view_hours if change.end is None else getattr(forecast, change.end)
    days = [forecast.plan_date + timedelta(days=int(ahead)) for ahead in range(after.shape[1])]
    first, last = change.first_day or date.min, change.last_day or date.max
    inside = np.array([first <= day <= last for day in days], dtype=np.bool_)
    changed = replace(forecast, view_hours=np.where(inside, after * change.scale, forecast.view_hours))
    before = title_hours(forecast)
    return np.divide(title_hours(changed), before, out=np.ones_like(before), where=before > 0)
