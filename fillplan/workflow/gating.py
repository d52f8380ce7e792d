"""Gates of the night: what the tables and the plan are compared with, and what follows from a stop."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.gates.data import goes_back, measure
from fillplan.gates.inventory import inventory_lost
from fillplan.gates.plan import launches_uncovered, measure_fallback, measure_plan
from fillplan.gates.profile import Profile, profile_tables, read_profile
from fillplan.gates.verdict import Verdict, judge
from fillplan.pointers import newest_set
from fillplan.publication import current_set, in_force, left_behind
from fillplan.runs import PROFILE, PUBLISHED_MARK, Run, published_version, read_run
from fillplan.settings import GateSettings
from fillplan.stages import Stages
from fillplan.workflow.inputs import Inputs
from fillplan.workflow.placing import Planned
from fillplan.workspace import Workspace
from fillplan_data.errors import GateStopped, NotFound, SettingsError, VerificationFailed
from fillplan_data.wording import counted
from fillplan_models.forecast import Forecast

GATES = tuple(name for name in GateSettings.model_fields if name not in ("warn_at", "baseline_days"))
"""Names of all gates."""
DRIFT_DAYS = 6
"""Good nights up to a week before tonight are compared with, too."""


@dataclass(frozen=True, eq=False)
class GatedNight:
    """What the gates know of tonight before it is planned."""

    profile: Profile
    compared_with: Run | None
    """The published run that tonight's tables are compared with."""
    last_good: Run | None
    """The same, unless it is older than `gates.baseline_days`: then its plan is no measure for tonight's."""
    verdicts: tuple[Verdict, ...]
    is_first: bool
    """Whether no set is in force yet."""

    def as_data(self, more: Sequence[Verdict] = ()) -> dict[str, object]:
        """plan.json's `gates`."""
        compared = None if self.compared_with is None else self.compared_with.plan_date.isoformat()
        return {"compared_with": compared, "verdicts": [v.as_data() for v in (*self.verdicts, *more)]}


def gate_plan(
    planned: Planned,
    forecast: Forecast | None,
    gated: GatedNight,
    inputs: Inputs,
    allow: frozenset[str],
    stages: Stages,
) -> tuple[Verdict, ...]:
    """Judge the plan before it is published; what follows from a stop is the caller's."""
    with stages.stage("plan gates") as stage:
        last = None if gated.last_good is None else gated.last_good.summary
        figures = list(measure_plan(planned.summary, planned.plan.rows, planned.manifests, last))
        if forecast is not None:
            days = inputs.settings.plan.horizon_days
            figures.append(launches_uncovered(inputs.tables, forecast, inputs.plan_date, days))
        verdicts = judge(figures, inputs.settings.gates, allow, gated.is_first)
        tell(verdicts, stages)
        stage.note(f"{len(verdicts)} gates", stopped=[v.gate for v in verdicts if v.stops])
    return verdicts


def gate_fallback(planned: Planned, last: Run, inputs: Inputs, allow: frozenset[str], stages: Stages) -> None:
    """Judge the last good plan after its repair. Raises GateStopped: then the set in force is the better one."""
    figures = measure_fallback(planned.summary, planned.plan.rows, planned.manifests, last.summary)
    verdicts = judge(figures, inputs.settings.gates, allow)
    tell((v for v in verdicts if v.stops), stages)
    stop(verdicts, inputs.workspace, inputs.plan_date)


def check_allowed(allow: Iterable[str]) -> frozenset[str]:
    """The gates to let pass. Raises SettingsError for a name that is no gate."""
    names = frozenset(allow)
    if unknown := sorted(names - set(GATES)):
        raise SettingsError(f"--allow {', '.join(unknown)}: no such gate; gates are: {', '.join(GATES)}")
    return names


def gate_data(inputs: Inputs, allow: frozenset[str], stages: Stages) -> GatedNight:
    """Judge the tables before anything uses them. Raises GateStopped; the set in force then stays in force."""
    limits = inputs.settings.gates
    with stages.stage("gates") as stage:
        profile = profile_tables(inputs.tables, inputs.plan_date)
        found, newest = last_good(inputs.workspace, inputs.plan_date), newest_set(inputs.workspace)
        run, then = found or (None, None)
        is_first = found is None and newest is None
        is_old = run is not None and (inputs.plan_date - run.plan_date).days > limits.baseline_days
        back = goes_back(inputs.plan_date, None if newest is None else date.fromisoformat(newest.plan_date))
        earlier = None if run is None or is_old else good_before(inputs.workspace, run)
        figures = [back, *measure(profile, then, is_old, earlier)]
        if run is not None and not is_old:
            figures.append(inventory_lost(inputs.tables.inventory, run.plan().rows))
        verdicts = judge(figures, limits, allow, is_first)
        tell(verdicts, stages)
        warned = sum(v.verdict != "pass" for v in verdicts)
        stage.note(f"{len(verdicts)} gates, {warned} not passed outright", verdicts=len(verdicts), warned=warned)
        stop(verdicts, inputs.workspace, inputs.plan_date)
    return GatedNight(profile, run, None if is_old else run, verdicts, is_first)


def last_good(workspace: Workspace, plan_date: date) -> tuple[Run, Profile] | None:
    """The newest whole published run of an earlier plan date, and its profile.

    Runs whose sets were rolled back are passed over, damaged ones too.
    """
    current = current_set(workspace)
    newest = current.newest_night if current else 2**62
    for day, version, folder in sorted(_published(workspace), reverse=True):
        if day < plan_date and 0 < version <= newest and (found := _whole(folder)):
            return found
    return None


def good_before(workspace: Workspace, last: Run) -> Profile | None:
    """Profile of the oldest good night within `DRIFT_DAYS` before the last one; not across an allowed change."""
    found, run = None, last
    for day, _, folder in sorted(_published(workspace), reverse=True):
        if day >= run.plan_date:
            continue
        if (last.plan_date - day).days > DRIFT_DAYS or _was_allowed(run):
            break
        try:
            run, found = read_run(folder), read_profile((folder / PROFILE).read_bytes())
        except (OSError, ValueError, NotFound, VerificationFailed):
            break
    return found


def _was_allowed(run: Run) -> bool:
    """Whether somebody let a gate pass that night: what changed then was meant to."""
    try:
        return any(verdict["allowed"] for verdict in run.summary["gates"]["verdicts"])
    except (KeyError, TypeError):  # a run that no gate has judged: nobody can tell
        return True


def _published(workspace: Workspace) -> list[tuple[date, int, Path]]:
    """(plan date, version, folder) of every published run, but those that were overtaken or gone back from."""
    left = left_behind(workspace)
    marked = [(_date_of(mark.parent), published_version(mark.parent), mark.parent) for mark in _marks(workspace)]
    return [run for run in marked if not any(run[1] in span for span in left)]


def _marks(workspace: Workspace) -> Iterator[Path]:
    return workspace.runs.glob(f"????-??-??*/{PUBLISHED_MARK}")


def _date_of(folder: Path) -> date:
    """The plan date in a run's name, the earliest date if there is none."""
    try:
        return date.fromisoformat(folder.name[:10])
    except ValueError:
        return date.min


def _whole(folder: Path) -> tuple[Run, Profile] | None:
    try:
        run = read_run(folder)
        run.plan(), run.demand()
        return run, read_profile((folder / PROFILE).read_bytes())
    except (OSError, ValueError, NotFound, VerificationFailed):
        return None


def tell(verdicts: Iterable[Verdict], stages: Stages) -> None:
    """Log what did not pass outright."""
    for verdict in verdicts:
        if verdict.verdict != "pass":
            stages.tell("gate", **verdict.as_data())


def stop(verdicts: Sequence[Verdict], workspace: Workspace, plan_date: date) -> None:
    """Raise GateStopped, naming every gate that stops, if any does."""
    if any(v.stops for v in verdicts) and (error := stopped(verdicts, in_force(workspace), workspace, plan_date)):
        raise error


def stopped(verdicts: Sequence[Verdict], now: str, workspace: Workspace, plan_date: date) -> GateStopped | None:
    """The error that names every gate that stops, and the command that lets them pass; None if none stops.

    now: which set is in force, in words.
    """
    stopping = [v for v in verdicts if v.stops]
    if not stopping:
        return None
    lines = [f"{v.gate}: {v.found} (figure {v.value:.4g}, limit {v.limit:.4g})" for v in stopping]
    allowed = [word for v in verdicts if v.verdict == "stop" for word in ("--allow", v.gate)]
    command = shlex.join(["fillplan", "nightly", str(workspace.root), "--date", plan_date.isoformat(), *allowed])
    return GateStopped(
        "\n  ".join([f"{counted(len(lines), 'gate')} stopped the night; {now}", *lines])
        + f"\nMend the feed and run again; if it is right, let it pass tonight: {command}",
        tuple(verdicts),
    )
