"""From a scenario's world to its placement problem, by the functions of the night: forecast, shares, problem."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from fillplan.problem import build_problem
from fillplan.scenarios.outages import without
from fillplan.scenarios.world import DemandChange, World
from fillplan.stages import Stages
from fillplan.workflow.base import Base
from fillplan.workflow.demand import forecast_demand, provenance
from fillplan.workflow.inputs import Inputs
from fillplan_data.arrays import Bools, Floats
from fillplan_data.errors import ModelError
from fillplan_data.tables import Tables
from fillplan_models.bytes import title_of_asset
from fillplan_models.demand import asset_demand, title_hours
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.policy import Policy
from fillplan_optimizer.problem import PlacementProblem


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
        if not world.demand_changes:
            return demand
        factor = factor_of(world.demand_changes, demand, world.tables, lambda: self.forecast(world))
        return replace(demand, expected_bytes=demand.expected_bytes * factor)

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

    Raises ModelError where that cannot be: demand was not forecast, or the model was trained anew since.
    """
    made_with = dict(base.run.summary["model"])
    settings = world.settings
    as_run = settings.forecast == base.inputs.settings.forecast
    if as_run:
        if made_with["name"] in ("given", "fallback"):
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


def factor_of(
    changes: Sequence[DemandChange], demand: AssetDemand, tables: Tables, forecast: Callable[[], Forecast]
) -> Floats:
    """[R, F] what changes together multiply demand by.

    Those that meet the same demand are reckoned day by day: parts of a horizon are no factors of each other.
    """
    factor, title = np.ones(demand.expected_bytes.shape), title_of_asset(tables)
    in_region = np.array([[name in change.regions for name in demand.regions] for change in changes])
    of_file = np.array([_files_of(change, tables) for change in changes])
    for region, regions in _alike(in_region):
        for file, files in _alike(of_file):
            met = [change for change, is_met in zip(changes, region & file, strict=True) if is_met]
            if any(change.needs_days for change in met):
                factor[np.ix_(regions, files)] = _by_days(met, forecast())[np.ix_(regions, title[files])]
            else:
                factor[np.ix_(regions, files)] = math.prod(change.scale for change in met)
    return factor


def _files_of(change: DemandChange, tables: Tables) -> Bools:
    """[F]."""
    mask: Bools = tables.assets["title_id"].isin(change.titles).to_numpy()
    return mask if change.assets is None else mask & tables.assets["asset_id"].isin(change.assets).to_numpy()


def _alike(met: Bools) -> Iterator[tuple[Bools, Bools]]:
    """Of [changes, things] each different column, and [things] which have it."""
    columns, which = np.unique(met, axis=1, return_inverse=True)
    for number, column in enumerate(columns.T):
        yield column, which.ravel() == number


def _by_days(changes: Sequence[DemandChange], forecast: Forecast) -> Floats:
    """[R, T] hours over the horizon after changes that meet the same demand, as a part of those before them; 1 where
    there are none. Of two ends of the interval on a day the later counts; factors multiply whichever it is.
    """
    hours, scale = forecast.view_hours, np.ones(forecast.view_hours.shape[1])
    days = [forecast.plan_date + timedelta(days=ahead) for ahead in range(len(scale))]
    for change in changes:
        first, last = change.first_day or date.min, change.last_day or date.max
        inside = np.array([first <= day <= last for day in days], dtype=np.bool_)
        hours = hours if change.end is None else np.where(inside, getattr(forecast, change.end), hours)
        scale = np.where(inside, scale * change.scale, scale)
    before, after = title_hours(forecast), title_hours(replace(forecast, view_hours=hours * scale))
    return np.divide(after, before, out=np.ones_like(before), where=before > 0)
