"""Metrics in Prometheus' text format, whole after every night, done or failed."""

import json
import re
import shutil
from pathlib import Path

import pytest

from fillplan.metrics import HELP, NightFacts, metrics_text, write_metrics
from fillplan.runs import latest_run
from fillplan.workflow.steps import nightly_step, publish_step, rollback_step, rollout_step
from fillplan.workspace import Workspace
from fillplan_data.errors import GateStopped, StorageFailure

# Prometheus exposition format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r'^[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"\})? [-+0-9.e]+$')


def values(path: Path) -> dict[str, float]:
    lines = path.read_text().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


def test_a_night_tells_its_figures(night_workspace: Path) -> None:
    path = Workspace(night_workspace).metrics / "fillplan.prom"
    for line in path.read_text().splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line
    told = values(path)
    assert told["fillplan_night_exit_code"] == 0
    assert told["fillplan_in_force_version"] == 1
    assert 0 < told["fillplan_expected_offload_ratio"] < 1
    assert 0 <= told["fillplan_gap_ratio"] < 0.1
    assert told['fillplan_gate_verdict{gate="hours_level"}'] in (0, 1)
    assert told['fillplan_stage_seconds{stage="forecast"}'] >= 0
    assert {name.split("{")[0] for name in told} == set(HELP) - {"fillplan_group_version"}, "which only groups have"


def test_a_failed_night_keeps_the_time_of_the_last_success(night_copy: Path) -> None:
    path = Workspace(night_copy).metrics / "fillplan.prom"
    before = values(path)
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + "[gates]\nrow_spike = 0\n")
    with pytest.raises(GateStopped):
        nightly_step(night_copy, None)
    after = values(path)
    assert after["fillplan_night_exit_code"] == 15
    assert after["fillplan_last_success_timestamp_seconds"] == before["fillplan_last_success_timestamp_seconds"]
    assert after["fillplan_night_timestamp_seconds"] >= before["fillplan_night_timestamp_seconds"]
    assert after['fillplan_gate_verdict{gate="row_spike"}'] == 2
    assert after["fillplan_in_force_version"] == 1


def test_a_disk_that_fails_is_told_by_its_own_exit_code(night_copy: Path) -> None:
    """In the metrics and in the log: exit code 1 would send people after a defect."""
    workspace = Workspace(night_copy)
    shutil.rmtree(workspace.runs)
    workspace.runs.write_text("a file where a folder belongs")
    with pytest.raises(StorageFailure, match=re.escape(str(workspace.runs))):
        nightly_step(night_copy, None)
    assert values(workspace.metrics / "fillplan.prom")["fillplan_night_exit_code"] == StorageFailure.exit_code
    last = json.loads(workspace.log.read_text().splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("command_failed", StorageFailure.exit_code)


def test_metrics_that_cannot_be_written_do_not_hide_what_is_in_force(night_copy: Path) -> None:
    workspace = Workspace(night_copy)
    shutil.rmtree(workspace.metrics)
    workspace.metrics.write_text("a file where a folder belongs")
    with pytest.raises(StorageFailure, match="set 000001 of tonight is in force, but its metrics"):
        nightly_step(night_copy, None)


def test_pointers_that_move_between_two_nights_are_told_at_once(night_copy: Path) -> None:
    """Otherwise a roll-out that is finished every day looks for ever as if its rest was forgotten."""
    path, settings = Workspace(night_copy).metrics / "fillplan.prom", night_copy / "fillplan.toml"
    own, first = settings.read_text(), values(path)
    staged = '[publish]\ngroups = ["canary", "north"]\nfirst_groups = ["canary"]\n'
    settings.write_text(own + '[forecast]\nmethod = "ewma"\n' + staged)
    nightly_step(night_copy, None)
    night = values(path)
    assert night["fillplan_rollout_waiting"] == 2
    rollout_step(night_copy, True, latest_run(Workspace(night_copy)).plan_date)
    assert values(path) == night | {
        "fillplan_rollout_waiting": 0,
        "fillplan_in_force_version": 2,
        'fillplan_group_version{group="north"}': 2,
    }
    rollback_step(night_copy)
    assert values(path)["fillplan_in_force_version"] == 3
    settings.write_text(own)
    publish_step(night_copy, None)
    assert values(path)["fillplan_in_force_version"] == 4
    assert values(path)["fillplan_in_force_expires_seconds"] == first["fillplan_in_force_expires_seconds"]
    path.unlink()
    publish_step(night_copy, None)
    assert not path.exists(), "figures of a night come from a night"


def test_a_first_night_that_fails_and_labels_that_need_escaping(tmp_path: Path) -> None:
    facts = NightFacts(1e9, 3, None, [], {'a "stage"\\': 1.5})
    text = metrics_text(Workspace(tmp_path), facts, None)
    assert 'fillplan_stage_seconds{stage="a \\"stage\\"\\\\"} 1.5' in text
    assert "last_success" not in text
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "fillplan.prom").write_bytes(b"\xff junk")
    assert "last_success" not in write_metrics(Workspace(tmp_path), facts).read_text()
