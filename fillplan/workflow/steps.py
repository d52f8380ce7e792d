"""One function per command: lock, log, call the recipe, give what is to be shown."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fillplan.metrics import NightFacts, renew_pointers, write_metrics
from fillplan.model_store import StoredModel, list_models, promote, prune_models
from fillplan.model_store import roll_back as roll_back_champion
from fillplan.pointers import CURRENT
from fillplan.publication import PublishedSet, current_set, roll_back
from fillplan.resumption import forget
from fillplan.rollout import Rollout, rollout_of
from fillplan.rollout import finish as finish_rollout
from fillplan.runs import Run, prune_runs, published_version, run_of_date, write_forecast
from fillplan.sets import SetInfo, digest_of, read_set_info
from fillplan.settings import Settings, read_settings
from fillplan.stages import Stages
from fillplan.workflow.inputs import FOR_DEMAND, FOR_GIVEN_DEMAND, load_inputs
from fillplan.workspace import Workspace, locked, open_workspace, real, storage_errors, sweep_workspace
from fillplan_data.errors import FillplanError, NotFound, StorageFailure, code_of
from fillplan_data.faults import Fault

if TYPE_CHECKING:
    from fillplan.workflow.night import Night


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a planning command did, for the terminal and for `--json`."""

    run: Run
    warnings: tuple[Fault, ...]
    published: PublishedSet | None
    seconds: dict[str, float]
    other_in_force: str | None = None
    """Where not this run but another set is in force: which one, and what became of this run, in words."""


@contextmanager
def writing(root: Path, command: str) -> Iterator[tuple[Workspace, Stages]]:
    """The lock, the log and a swept workspace around one command that writes."""
    workspace = open_workspace(root)
    with storage_errors(doing := f"writing in {workspace.root}"), locked(workspace):
        _bound_log(workspace)
        # storage_errors inside, too, so that the log names the same failure and exit code
        with Stages(command, workspace.log) as stages, storage_errors(doing):
            sweep_workspace(workspace)
            yield workspace, stages


def _bound_log(workspace: Workspace) -> None:
    """A log that has grown too large becomes the one before. Where settings say nothing it grows on: the command
    that fails of them must tell so there.
    """
    log = workspace.log
    with suppress(FillplanError, OSError):
        if log.exists() and log.stat().st_size > read_settings(workspace.root).retention.log_bytes:
            log.replace(log.with_name(f"{log.name}.1"))


def train_step(root: Path, plan_date: date | None) -> dict[str, object]:
    """`train`."""
    from fillplan.workflow.training import train_model

    with writing(root, "train") as (workspace, stages):
        inputs = load_inputs(root, FOR_DEMAND, plan_date, stages)
        model, folder, trial = train_model(inputs, stages)
        prune_models(workspace, inputs.settings.retention.models)
    return {
        "ok": True,
        "model": model.name,
        "folder": str(folder),
        "champion": trial.promoted,
        "trial": trial.reason,
        "seconds": stages.seconds,
    }


def forecast_step(root: Path, plan_date: date | None) -> dict[str, object]:
    """`forecast`: writes `runs/<plan date>/forecast.parquet`."""
    from fillplan.workflow.demand import forecast_demand

    with writing(root, "forecast") as (workspace, stages):
        inputs = load_inputs(root, FOR_DEMAND, plan_date, stages)
        forecast = forecast_demand(inputs, stages)
        path = write_forecast(workspace, inputs.plan_date, forecast.to_frame())
    return {
        "ok": True,
        "plan_date": inputs.plan_date.isoformat(),
        "method": forecast.method,
        "view_hours": float(forecast.view_hours.sum()),
        "cold_series": int(forecast.cold.sum()),
        "file": str(path),
        "seconds": stages.seconds,
    }


def plan_step(root: Path, plan_date: date | None, demand_file: Path | None) -> Outcome:
    """`plan`."""
    from fillplan.workflow.night import plan_night

    with writing(root, "plan") as (_, stages):
        night, _ = plan_night(root, plan_date, stages, demand_file)
    return Outcome(night.run, night.inputs.warnings, None, stages.seconds)


def publish_step(root: Path, plan_date: date | None) -> Outcome:
    """`publish`: judge the run as it stands on disk against the tables as they are now."""
    from fillplan.workflow.night import verify_and_publish

    with writing(root, "publish") as (workspace, stages):
        run = run_of_date(workspace, plan_date)
        inputs = load_inputs(root, FOR_GIVEN_DEMAND, run.plan_date, stages)
        published = verify_and_publish(run, inputs, stages)
        _tell_pointers(workspace, published.version)
    return Outcome(run, inputs.warnings, published, stages.seconds)


def models_step(root: Path, action: str, name: str | None) -> list[StoredModel]:
    """`models`: list, show NAME, promote NAME or rollback; gives the models that are to be shown."""
    workspace = open_workspace(root)
    if action in ("promote", "rollback"):
        with writing(root, f"models {action}") as (workspace, stages):
            folder = promote(workspace, str(name)) if action == "promote" else roll_back_champion(workspace)
            stages.tell("champion", model=folder.name, by=action)
            name = folder.name
    found = [model for model in list_models(workspace) if name in (None, model.name)]
    if name is not None and not found:
        raise NotFound(f"{workspace.models}: no model {name!r}; see: fillplan models list {root}")
    return found


def rollback_step(root: Path) -> dict[str, object]:
    """`publish --rollback`: the earlier set under a new version."""
    with writing(root, "rollback") as (workspace, stages), stages.stage("publish") as stage:
        published = roll_back(workspace, read_settings(workspace.root).publish)
        stage.note(f"set {published.version:06d} in force", version=published.version)
        _tell_pointers(workspace, published.version)
    info = read_set_info(published.folder)
    dates = {"plan_date": info.plan_date, "expires": info.expires}
    told = {"version": info.version, **dates, "rollback_of": info.rollback_of}
    return {"ok": True, **told, "folder": str(published.folder)}


def rollout_step(root: Path, finish: bool, today: date, accepted: Sequence[Path] = ()) -> Rollout:
    """`rollout`: where it stands; with `finish` the rest follows, if the check passes."""
    if not finish:
        return rollout_of(open_workspace(root))
    with writing(root, "rollout") as (workspace, stages), stages.stage("rollout") as stage:
        done = finish_rollout(workspace, read_settings(workspace.root).publish, today, accepted)
        stage.note(f"set {done.newest.version:06d} in force everywhere", version=done.newest.version)
        _tell_pointers(workspace, done.newest.version)
    return done


def nightly_step(root: Path, plan_date: date | None, allow: Iterable[str] = ()) -> Outcome:
    """`nightly`; allow: names of gates that may stop nothing tonight. Metrics are written also if it fails."""
    from fillplan.workflow.gating import check_allowed
    from fillplan.workflow.night import nightly

    allowed = check_allowed(allow)
    with writing(root, "nightly") as (workspace, stages):
        try:
            with storage_errors(f"writing in {workspace.root}"):
                night = nightly(root, plan_date, stages, allowed)
                forget(workspace)
                _prune(workspace, night.inputs.settings)
        except (Exception, KeyboardInterrupt) as error:
            # these may pass, and the work is then taken up
            if not isinstance(error, OSError | StorageFailure | KeyboardInterrupt):
                forget(workspace)
            with suppress(OSError):  # a full disk must not hide what the night failed of
                _write_metrics(workspace, stages, code_of(error), None, error)
            raise
        _end(night, workspace, stages)
    return Outcome(night.run, night.inputs.warnings, night.published, stages.seconds)


def _end(night: Night, workspace: Workspace, stages: Stages) -> None:
    """Tell of a night whose set is in force, be it its own or the last good plan, which is its failure."""
    done = "" if night.published is None else f"set {night.published.version:06d} of tonight is in force, but "
    with _metrics_alone_may_fail(workspace, done):
        _write_metrics(workspace, stages, 0 if night.failure is None else night.failure.exit_code, night.run)
    if night.failure is not None:
        raise night.failure
    stages.tell("night_done", **_summary_line(night, stages))


def _tell_pointers(workspace: Workspace, version: int) -> None:
    """Alerts must not wait for the next night to learn what a command has put in force."""
    with _metrics_alone_may_fail(workspace, f"set {version:06d} is in force, but "):
        renew_pointers(workspace)


@contextmanager
def _metrics_alone_may_fail(workspace: Workspace, done: str) -> Iterator[None]:
    """Say what was done where its metrics cannot be written."""
    try:
        yield
    except OSError as error:
        raise StorageFailure(f"{done}its metrics could not be written to {workspace.metrics}: {error}") from error


def _summary_line(night: Night, stages: Stages) -> dict[str, object]:
    """The whole night on one line of the log; a failed one has `command_failed` in its place."""
    summary, published = night.run.summary, night.published
    figures = {key: summary[key] for key in ("plan_date", "status", "expected_offload", "value", "gap")}
    warned = [v["gate"] for v in summary["gates"]["verdicts"] if v["verdict"] != "pass"]
    return {
        **figures,
        "model": summary["model"]["name"],
        "fill_bytes": sum(cache["fill_bytes"] for cache in summary["caches"]),
        "version": None if published is None else published.version,
        "waiting": [] if published is None else list(published.waiting),
        "gates_not_passed": warned,
        "seconds": stages.seconds,
    }


def _prune(workspace: Workspace, settings: Settings) -> None:
    current = current_set(workspace)
    prune_models(workspace, settings.retention.models)
    prune_runs(workspace, settings.retention.runs, current.newest_night if current else 0)


def _write_metrics(
    workspace: Workspace, stages: Stages, exit_code: int, run: Run | None, error: BaseException | None = None
) -> None:
    verdicts = [v.as_data() for v in getattr(error, "verdicts", ())]
    if run is not None:
        verdicts = run.summary["gates"]["verdicts"]
    summary = None if run is None else run.summary
    write_metrics(workspace, NightFacts(time.time(), exit_code, summary, verdicts, stages.seconds))


def report_step(root: Path, plan_date: date | None) -> Outcome:
    """`report`: what stands in a run's folder."""
    workspace = open_workspace(root)
    run = run_of_date(workspace, plan_date)
    current = current_set(workspace)
    seconds = dict(run.summary["seconds"])
    if current is None or not _is_of(run, current):
        return Outcome(run, (), None, seconds, _other_in_force(current, run))
    folder = real(workspace.published / CURRENT)
    return Outcome(run, (), PublishedSet(current.version, folder), seconds)


def _is_of(run: Run, info: SetInfo) -> bool:
    """Whether a set holds the run's manifests: a date may have been planned again since it was published."""
    return info.plan_date == run.plan_date.isoformat() and info.digest == digest_of(run.folder / "manifests")[0]


def _other_in_force(current: SetInfo | None, run: Run) -> str | None:
    if current is None:
        return None
    version = published_version(run.folder)
    fate = f"not this run, which was published as {version:06d}" if version else "this run was not published"
    return f"set {current.version:06d} of {current.plan_date}; {fate}"
