"""What every command that writes does around its recipe, and what it tells."""

import errno
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest

from fillplan.workflow.steps import (
    Outcome,
    forecast_step,
    models_step,
    nightly_step,
    plan_step,
    publish_step,
    report_step,
    rollback_step,
    rollout_step,
    writing,
)
from fillplan.workspace import PARTIAL, Workspace
from fillplan_data.errors import NotFound, SettingsError, SolverFailure, StorageFailure, WorkspaceBusy, code_of

from ..conftest import PLAN_DATE


def test_a_large_log_becomes_the_one_before(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + "[retention]\nlog_bytes = 10000\n")
    log = Workspace(night_copy).log
    log.write_text("x" * 20_000)
    nightly_step(night_copy, None)
    assert log.with_name("fillplan.jsonl.1").read_text() == "x" * 20_000
    assert log.read_text().startswith("{")


@pytest.fixture
def workspace(small_workspace: Path) -> Workspace:
    """The workspace by hand, with a demand to plan for."""
    rows = [("FR", "m1v", 1000.0), ("FR", "m1fr", 100.0), ("DE", "m2v", 600.0), ("DE", "m2de", 40.0)]
    demand = pd.DataFrame(rows, columns=["region", "asset_id", "expected_bytes"])
    demand.to_parquet(small_workspace / "demand.parquet", index=False)
    (small_workspace / "fillplan.toml").write_text('[forecast]\nmethod = "recent_mean"\n')
    return Workspace(small_workspace)


def planned(workspace: Workspace, days: int = 0) -> Outcome:
    return plan_step(workspace.root, PLAN_DATE + timedelta(days=days), workspace.root / "demand.parquet")


def log_of(workspace: Workspace) -> list[dict[str, Any]]:
    return [json.loads(line) for line in workspace.log.read_text().splitlines()]


def test_a_log_that_is_not_too_large_is_written_on(workspace: Workspace) -> None:
    (workspace.root / "fillplan.toml").write_text("[retention]\nlog_bytes = 10000\n")
    workspace.log.parent.mkdir()
    workspace.log.write_text("x" * 9_999 + "\n")
    with writing(workspace.root, "x"):
        pass
    assert workspace.log.read_text().startswith("x")
    assert not workspace.log.with_name("fillplan.jsonl.1").exists()


def test_settings_that_are_broken_are_told_in_the_log_and_the_metrics(workspace: Workspace) -> None:
    with writing(workspace.root, "before"):
        pass
    (workspace.root / "fillplan.toml").write_text("[retention]\nlog_bits = 10000\n")
    with pytest.raises(SettingsError, match="log_bits"):
        nightly_step(workspace.root, None)
    assert log_of(workspace)[-1]["exit_code"] == 4
    assert "\nfillplan_night_exit_code 4\n" in (workspace.metrics / "fillplan.prom").read_text()


def test_one_command_writes_at_a_time_and_sweeps_what_a_dead_one_left(workspace: Workspace) -> None:
    left = workspace.runs / f".2026-03-08{PARTIAL}"
    left.mkdir(parents=True)
    with writing(workspace.root, "first") as (inside, stages):
        assert inside == workspace
        assert not left.exists()
        stages.tell("here")
        with pytest.raises(WorkspaceBusy), writing(workspace.root, "second"):
            pass
    with writing(workspace.root, "third") as (_, stages):
        stages.tell("here")
    assert [line["command"] for line in log_of(workspace)] == ["first", "third"], "who had to stay out wrote nothing"


def test_a_disk_that_fails_is_the_same_failure_in_the_log_and_for_the_caller(workspace: Workspace) -> None:
    with pytest.raises(StorageFailure, match=f"writing in {workspace.root}"), writing(workspace.root, "x"):
        raise OSError(errno.ENOSPC, "full")
    (failed,) = [line for line in log_of(workspace) if line["event"] == "command_failed"]
    assert failed["exit_code"] == StorageFailure.exit_code
    with writing(workspace.root, "y"):
        pass


def test_a_forecast_is_written_and_told(workspace: Workspace) -> None:
    told = forecast_step(workspace.root, PLAN_DATE)
    frame = pd.read_parquet(str(told["file"]))
    assert (told["ok"], told["plan_date"], told["method"]) == (True, "2026-03-08", "recent_mean")
    # every day so far nine hours of m1 in FR and five of m2 in DE; seven days ahead
    assert told["view_hours"] == pytest.approx(frame["view_hours"].sum())
    assert told["view_hours"] == pytest.approx(7 * (9 + 5), rel=1e-6)
    assert told["cold_series"] == frame[frame["cold"]].groupby(["region", "title_id"], observed=True).ngroups
    assert Path(str(told["file"])) == workspace.run(PLAN_DATE) / "forecast.parquet"


def test_a_plan_is_published_from_disk_and_taken_back(workspace: Workspace) -> None:
    first = planned(workspace)
    assert first.published is None and first.run.plan_date == PLAN_DATE
    assert {"place", "write"} <= set(first.seconds)
    planned(workspace, days=1)
    published = publish_step(workspace.root, PLAN_DATE)
    assert published.published is not None and published.published.version == 1
    assert published.run.folder == first.run.folder, "not the latest"
    newer = publish_step(workspace.root, None).published
    assert newer is not None and newer.version == 2
    back = rollback_step(workspace.root)
    assert {name: back[name] for name in ("ok", "version", "plan_date", "rollback_of")} == {
        "ok": True,
        "version": 3,
        "plan_date": "2026-03-08",
        "rollback_of": 1,
    }
    assert Path(str(back["folder"])) == workspace.published / "sets" / "000003"


def test_a_report_says_which_set_is_in_force_where_it_is_not_this_run(workspace: Workspace) -> None:
    planned(workspace)
    nothing = report_step(workspace.root, None)
    assert (nothing.published, nothing.other_in_force) == (None, None)
    publish_step(workspace.root, None)
    own = report_step(workspace.root, PLAN_DATE)
    assert own.published is not None and own.published.version == 1
    assert own.published.folder == workspace.published / "sets" / "000001"
    assert own.seconds == own.run.summary["seconds"]
    planned(workspace, days=1)
    newer = report_step(workspace.root, None)
    assert newer.published is None
    assert newer.other_in_force == "set 000001 of 2026-03-08; this run was not published"
    publish_step(workspace.root, None)
    older = report_step(workspace.root, PLAN_DATE)
    assert older.other_in_force == "set 000002 of 2026-03-09; not this run, which was published as 000001"


def test_models_that_are_not_there(workspace: Workspace) -> None:
    assert models_step(workspace.root, "list", None) == []
    with pytest.raises(NotFound, match="no model 'x'"):
        models_step(workspace.root, "show", "x")


def test_where_a_rollout_stands_is_told_without_the_lock(workspace: Workspace) -> None:
    planned(workspace)
    publish_step(workspace.root, None)
    with writing(workspace.root, "other"):
        assert rollout_step(workspace.root, False, PLAN_DATE).newest.version == 1
        with pytest.raises(WorkspaceBusy):
            rollout_step(workspace.root, True, PLAN_DATE)


class Night:
    """A night that ends as it is told, in place of `nightly`."""

    def __init__(self, workspace: Workspace, error: BaseException | None = None) -> None:
        self.error, self.kept = error, workspace.unfinished / "place"
        self.allowed: frozenset[str] | None = None
        workspace.unfinished.mkdir()
        self.kept.write_text("work")

    def __call__(self, root: Path, plan_date: object, stages: object, allowed: frozenset[str]) -> NoReturn:
        self.allowed = allowed
        assert self.error is not None
        raise self.error


@pytest.mark.parametrize(
    ("error", "exit_code", "taken_up"),
    [
        (SolverFailure("no"), SolverFailure.exit_code, False),
        (ValueError("a defect"), 1, False),
        (OSError(errno.ENOSPC, "full"), StorageFailure.exit_code, True),
        (StorageFailure("full"), StorageFailure.exit_code, True),
        (KeyboardInterrupt(), code_of(KeyboardInterrupt()), True),
    ],
)
def test_what_may_pass_leaves_its_work_and_every_end_is_measured(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: BaseException, exit_code: int, taken_up: bool
) -> None:
    night = Night(workspace, error)
    monkeypatch.setattr("fillplan.workflow.night.nightly", night)
    with pytest.raises((type(error), StorageFailure)):
        nightly_step(workspace.root, None, allow=["row_spike"])
    assert night.allowed == {"row_spike"}
    assert night.kept.exists() == taken_up
    assert f"\nfillplan_night_exit_code {exit_code}\n" in (workspace.metrics / "fillplan.prom").read_text()


def test_a_gate_that_is_none_stops_before_anything_is_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fillplan.workflow.night.nightly", Night(workspace, ValueError("not reached")))
    with pytest.raises(SettingsError, match="no_gate"):
        nightly_step(workspace.root, None, allow=["no_gate"])
    assert not workspace.log.exists() and not workspace.metrics.exists()


def test_metrics_that_cannot_be_written_hide_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fillplan.workflow.night.nightly", Night(workspace, SolverFailure("no plan")))
    workspace.metrics.write_text("a file where a folder belongs")
    with pytest.raises(SolverFailure, match="no plan"):
        nightly_step(workspace.root, None)


def test_a_date_that_was_planned_again_is_not_what_is_in_force(night_copy: Path) -> None:
    outcome = report_step(night_copy, None)
    assert outcome.published is not None
    plan_step(night_copy, None, None)
    same = report_step(night_copy, None)
    assert same.published is not None, "the manifests are the same, byte for byte"
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "recent_mean"\n')
    plan_step(night_copy, None, None)
    other = report_step(night_copy, None)
    assert other.published is None
    day = outcome.run.plan_date
    assert other.other_in_force == f"set 000001 of {day}; this run was not published"
