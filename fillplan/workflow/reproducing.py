"""`reproduce`: compute a run again from the inputs that it names, and compare every file byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fillplan.gates.profile import profile_tables
from fillplan.publication import left_behind
from fillplan.runs import PROFILE, Run, contents, latest_run, not_planned, published_version, read_run, sha256_of
from fillplan.stages import Stages
from fillplan.summary import versions
from fillplan.workflow.base import changed_tables, settings_as_in
from fillplan.workflow.demand import Demand, demand_of, demand_of_run, panel_of
from fillplan.workflow.fallback import STATUS, fall_back
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan.workflow.night import night_result
from fillplan.workflow.placing import Planned, place_and_plan
from fillplan.workspace import Workspace, open_workspace
from fillplan_data.errors import NotFound, NotReproduced
from fillplan_models.forecasters.choice import SIMPLE_METHODS
from fillplan_models.forecasters.protocol import Forecaster
from fillplan_models.model import MODEL_FILE, load

NOT_COMPARED = ("seconds", "gates", "versions")
"""Of plan.json: wall-clock times, verdicts against other runs, and the versions that ran."""


@dataclass(frozen=True)
class Reproduced:
    """What was found equal."""

    run: Run
    files: tuple[str, ...]
    versions_differ: tuple[str, ...]


def reproduce(root: Path, which: str | None, stages: Stages) -> Reproduced:
    """Compute a run (a plan date, the name of a folder in runs/; default: the latest) again, in memory.

    Raises NotReproduced naming every table that is not the one it was made from, or every file that came out
    otherwise; NotFound where the run, its model or the run that it fell back to is gone.
    """
    workspace = open_workspace(root)
    run = _run_named(workspace, which)
    given = run.summary["model"]["name"] == "given"
    inputs = load_inputs(root, FOR_GIVEN_DEMAND if given else FOR_PLAN, run.plan_date, stages)
    if changed := changed_tables(run, inputs.tables, leave_out=frozenset()):
        raise NotReproduced(
            f"{run.folder}: made from other tables than those in input/ now: {', '.join(changed)}; "
            "put those back whose sha256 plan.json names, and run this again"
        )
    inputs = replace(inputs, settings=settings_as_in(run, inputs.settings))
    planned, demand = _computed(run, inputs, stages)
    profile = profile_tables(inputs.tables, inputs.plan_date) if (run.folder / PROFILE).exists() else None
    again = dict(contents(night_result(inputs, demand, planned, {}, profile)))
    with stages.stage("compare") as stage:
        differing = _differences(run, again, planned.summary)
        others = _other_versions(run.summary)
        stage.note(f"{len(again)} files, {len(differing)} differ", differing=differing)
    if differing:
        why = f"; computed with other versions: {', '.join(others)}" if others else ""
        raise NotReproduced(f"{run.folder}: differs when computed again: {', '.join(differing[:20])}{why}")
    return Reproduced(run, (*again, "plan.json"), others)


def _run_named(workspace: Workspace, which: str | None) -> Run:
    """A run by its plan date or the name of its folder. Raises NotFound with the runs that there are."""
    if which is None:
        return latest_run(workspace)
    folder = workspace.runs / Path(which).name
    if not (folder / "plan.json").exists():
        raise not_planned(workspace, f"named {folder.name}", "YYYY-MM-DD")
    return read_run(folder)


def _computed(run: Run, inputs: Inputs, stages: Stages) -> tuple[Planned, Demand]:
    model = run.summary["model"]
    if run.summary["status"] == STATUS:
        return fall_back(inputs, _fell_back_to(run, inputs.workspace), stages)
    if model["name"] == "given":
        assets = demand_of_run(run, inputs.tables)
        demand = Demand(assets, None, dict(model))
    else:
        with stages.stage("forecast"):
            forecast = _forecaster(model, inputs).forecast(panel_of(inputs))
        demand = replace(demand_of(inputs, forecast, stages), model=dict(model))
    return place_and_plan(inputs, demand, stages), demand


def _fell_back_to(run: Run, workspace: Workspace) -> Run:
    """The run that was the last good one: the newest of its date that was published before and not left behind by
    then. Others of the date, planned or published since, may stand beside it.
    """
    day, own = run.summary["model"].get("plan_of"), published_version(run.folder) or 2**62
    folders = {published_version(folder): folder for folder in workspace.runs.glob(f"{day}*")}
    left = [span for span in left_behind(workspace) if span.stop <= own]
    earlier = [version for version in folders if 0 < version < own and not any(version in span for span in left)]
    if not earlier:
        raise NotFound(f"{workspace.runs}: the run of {day}, which this one fell back to, is gone")
    return read_run(folders[max(earlier)])


def _forecaster(model: dict[str, Any], inputs: Inputs) -> Forecaster:
    """The very model, by its digest, or the simple method by its name."""
    if "sha256" not in model:
        return next(method for method in SIMPLE_METHODS if method.name == model["name"])
    for path in sorted(inputs.workspace.models.glob(f"*/{MODEL_FILE}")):
        if sha256_of(path) == model["sha256"]:
            return load(path.parent).with_threads(inputs.settings.run.threads)
    raise NotFound(f"{inputs.workspace.models}: no model with sha256 {model['sha256']}, which the run was made with")


def _differences(run: Run, again: dict[str, bytes], summary: dict[str, object]) -> list[str]:
    found = [name for name, content in again.items() if _bytes(run.folder / name) != content]
    there = {f"manifests/{path.name}" for path in (run.folder / "manifests").iterdir()}
    found += sorted(there - again.keys())
    stored, now = ({k: v for k, v in s.items() if k not in NOT_COMPARED} for s in (run.summary, summary))
    now["settings"] = _as_far_as(stored["settings"], now["settings"])
    return found + [f"plan.json ({key})" for key in sorted(stored.keys() | now) if stored.get(key) != now.get(key)]


def _as_far_as(stored: Any, now: Any) -> Any:
    """`now` without the keys that `stored` has not: settings that came later have their defaults."""
    if not isinstance(stored, dict) or not isinstance(now, dict):
        return now
    return {key: _as_far_as(stored[key], value) for key, value in now.items() if key in stored}


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _other_versions(summary: Any) -> tuple[str, ...]:
    then, now = summary.get("versions", {}), versions()
    return tuple(f"{name} {now[name]} (then {then.get(name)})" for name in now if now[name] != then.get(name))
