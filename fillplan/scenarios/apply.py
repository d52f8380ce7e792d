"""Overrides in order on a workspace: every kind has one function, every fault of a file is listed at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from fillplan.scenarios import capacity, demand, files, launches
from fillplan.scenarios.faults import Misfit, Misfits, nearest, refuse, refuse_misfits
from fillplan.scenarios.file import Placed, Scenario, ScenarioFile
from fillplan.scenarios.kinds import ChangeSettings
from fillplan.scenarios.world import World
from fillplan.settings import ForecastSettings, PlanSettings
from fillplan_data import network
from fillplan_data.checks import check_columns
from fillplan_data.declarations import TABLES
from fillplan_data.errors import NotFound, SettingsError
from fillplan_data.faults import Fault, FaultLog, SourceFile
from fillplan_data.wording import in_house_words
from fillplan_optimizer.policy import load_policy

Group = TypeVar("Group", PlanSettings, ForecastSettings)


def change_settings(world: World, override: ChangeSettings) -> World:
    """Other keys of [plan] and [forecast]; another horizon or method is another forecast."""
    settings = world.settings
    refuse_misfits(
        [*_unknown(settings.plan, override.plan, "plan"), *_unknown(settings.forecast, override.forecast, "forecast")]
    )
    plan = _merged(settings.plan, _with_policy(override.plan, world), "plan")
    forecast = _merged(settings.forecast, override.forecast, "forecast")
    anew = plan.horizon_days != settings.plan.horizon_days or bool(override.forecast)
    changed = settings.model_copy(update={"plan": plan, "forecast": forecast})
    return replace(world, settings=changed, new_forecast=world.new_forecast or anew)


def _with_policy(keys: Mapping[str, Any], world: World) -> dict[str, Any]:
    """The keys with a policy's name, or its file in the workspace, replaced by what it says."""
    name = keys.get("policy")
    if not isinstance(name, str):
        return dict(keys)
    try:
        return {**keys, "policy": load_policy(world.root / name if name.endswith(".toml") else name)}
    except (NotFound, SettingsError) as error:
        raise Misfit(("plan", "policy"), "a policy", name, str(error)) from None


def _unknown(group: Group, keys: Mapping[str, Any], name: str) -> Iterator[Misfit]:
    known = list(type(group).model_fields)
    for key in keys:
        if key not in known:
            yield Misfit((name, key), f"a key of [{name}]", key, nearest(key, known, "keys"))


def _merged(group: Group, keys: Mapping[str, Any], name: str) -> Group:
    try:
        return type(group).model_validate({**group.model_dump(), **keys})
    except ValidationError as error:
        refuse_misfits([_outside(name, details) for details in error.errors()])
        raise


def _outside(name: str, details: Any) -> Misfit:
    """A value that a setting does not allow."""
    return Misfit(
        (name, *details["loc"]),
        in_house_words(details["msg"]).removeprefix("expected "),
        repr(details["input"]),
        "see docs/settings.md",
    )


APPLY: Mapping[str, Callable[[World, Any], World]] = {
    "offline": capacity.take_offline,
    "capacity": capacity.change_capacity,
    "new_cache": capacity.add_cache,
    "demand": demand.scale_demand,
    "forecast_end": demand.forecast_end,
    "move_launch": launches.move_launch,
    "add_launch": launches.add_launch,
    "cancel_launch": launches.cancel_launch,
    "promotion": launches.add_promotion,
    "drop_rung": files.drop_rung,
    "add_rung": files.add_rung,
    "codec": files.shrink,
    "add_language": files.add_language,
    "settings": change_settings,
}
"""What each kind of override does."""


@dataclass(frozen=True, eq=False)
class Point:
    """A scenario at one value of its sweep (None: not swept), as a world."""

    scenario: Scenario
    value: float | None
    world: World


def apply_file(file: ScenarioFile, base: World) -> list[Point]:
    """All scenarios at all points. Raises ScenarioError with every fault of the file's form, and every override that
    does not fit the workspace.
    """
    points, faults = [], dict[Any, Fault]()
    for scenario in file.scenarios:
        for value, overrides in scenario.points():
            world, found = _apply(file, overrides, base)
            points.append(Point(scenario, value, world))
            faults |= {(fault.row, fault.column, fault.found): fault for fault in found}
    refuse([*file.faults, *faults.values()])
    return points


def _apply(file: ScenarioFile, overrides: Sequence[Placed], world: World) -> tuple[World, list[Fault]]:
    faults = []
    for placed in overrides:
        override: BaseModel = placed.override
        try:
            after = APPLY[override.kind](world, override)  # type: ignore[attr-defined]
        except (Misfit, Misfits) as found:
            each = found.each if isinstance(found, Misfits) else (found,)
            faults += [file.fault((*placed.path, *m.keys), m.expected, m.found, m.remedy) for m in each]
            continue
        broken = [file.fault(placed.path, *words) for words in _broken(world, after)]
        faults += broken
        world = world if broken else after
    return world, faults


def _broken(before: World, after: World) -> Iterator[tuple[str, str, str]]:
    """What the tables' own declarations and the rules of networks say of the tables that an override changed."""
    frames: dict[str, pd.DataFrame] = {
        name: getattr(after.tables, name)
        for name in TABLES
        if getattr(after.tables, name) is not getattr(before.tables, name) and not TABLES[name].large
    }
    log = FaultLog(sources={name: [SourceFile(name, 0, len(frame), 1)] for name, frame in frames.items()})
    for name, frame in frames.items():
        blank_is_null = frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "str"], object)).replace("", None)
        check_columns(TABLES[name], blank_is_null, {}, log)
    if "caches" in frames:
        network.check({"caches": after.tables.caches, "routes": after.tables.routes}, log)
    for fault in log.faults:
        if fault.severity == "fault":
            yield f"{fault.table}: {fault.column}: {fault.expected}", fault.found, "correct the override"
