"""A night that died is taken up from its last finished stage, or starts clean; both end in the same bytes."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fillplan.model_store import champion_folder, complete_promotion
from fillplan.publication import set_folders
from fillplan.resumption import Resumption, key_of, packed, unpacked
from fillplan.runs import latest_run
from fillplan.stages import Stages
from fillplan.workflow import demand as demand_module
from fillplan.workflow import night as night_module
from fillplan.workflow.steps import nightly_step
from fillplan.workspace import Workspace
from fillplan_data.errors import StorageFailure
from fillplan_optimizer.result import Placement


class Died(BaseException):
    """The process is gone."""


def raising(error: BaseException) -> Any:
    def strike(*_: object, **__: object) -> None:
        raise error

    return strike


@pytest.fixture
def died(night_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose second night of a date died when all was computed and nothing written."""
    with monkeypatch.context() as patch:
        patch.setattr(night_module, "write_run", raising(Died()))
        with pytest.raises(Died):
            nightly_step(night_copy, None)
    assert sorted(path.name for path in (night_copy / "unfinished").iterdir()) == ["forecast", "place"]
    return night_copy


def log_of(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "logs" / "fillplan.jsonl").read_text().splitlines()]


def resumed(root: Path) -> list[str]:
    return [entry["stage"] for entry in log_of(root) if entry["event"] == "stage_resumed"]


def test_the_next_night_computes_nothing_again_and_ends_in_the_same_bytes(
    died: Path, night_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand_module, "_forecast", raising(AssertionError("it was forecast again")))
    nightly_step(died, None)
    assert resumed(died) == ["forecast", "place"]
    assert not (died / "unfinished").exists()
    clean, again = (latest_run(Workspace(root)).folder for root in (night_workspace, died))
    for name in ("plan.parquet", "forecast.parquet", "demand.parquet"):
        assert (clean / name).read_bytes() == (again / name).read_bytes()
    assert len(set_folders(Workspace(died))) == 1, "the same manifests: nothing new to publish"


@pytest.mark.parametrize("change", ["table", "setting", "damage"])
def test_other_inputs_start_clean(died: Path, change: str) -> None:
    if change == "table":
        path = died / "input" / "inventory.csv"
        path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    elif change == "setting":
        with (died / "fillplan.toml").open("a") as file:
            file.write("horizon_days = 6\n")
    else:
        for path in (died / "unfinished").iterdir():
            path.write_bytes(path.read_bytes()[:-7])
    nightly_step(died, None)
    assert resumed(died) == []
    assert not (died / "unfinished").exists()


def test_a_full_disk_leaves_the_work_to_be_taken_up_and_a_defect_does_not(
    night_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, expected, stays in ((OSError(28, "full"), StorageFailure, True), (ValueError("x"), ValueError, False)):
        with monkeypatch.context() as patch:
            patch.setattr(night_module, "write_run", raising(error))
            with pytest.raises(expected):
                nightly_step(night_copy, None)
        assert (night_copy / "unfinished").exists() == stays


def test_what_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_text("a file where a folder belongs")
    with Stages("test") as stages:
        kept = Resumption(Workspace(tmp_path), "key", stages)
        assert kept.once("place", lambda: 7) == 7


def test_what_cannot_be_read_is_computed(tmp_path: Path) -> None:
    (tmp_path / "unfinished" / "place").mkdir(parents=True)
    with Stages("test") as stages:
        assert Resumption(Workspace(tmp_path), "key", stages).once("place", lambda: 7) == 7


def test_values_come_back_as_they_were_and_only_for_their_key() -> None:
    value = (Placement((np.arange(3), np.array([], dtype=np.int64))), {"a": 0.1, "b": None}, "x", True, float("inf"))
    content = packed(value, "key")
    placement, *others = unpacked(content, "key")
    assert [files.tolist() for files in placement.files] == [[0, 1, 2], []]
    assert others == list(value[1:])
    assert unpacked(content, "other") is None
    for damaged in (b"", content[:40], content[:-1], bytes([content[0] ^ 1]) + content[1:]):
        assert unpacked(damaged, "key") is None


def test_the_key_follows_the_content() -> None:
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1}) != key_of({"a": 1, "b": 3})


def test_a_model_that_won_but_was_not_crowned_is_crowned(night_copy: Path) -> None:
    workspace = Workspace(night_copy)
    model = sorted(path for path in workspace.models.glob("????-??-??") if path.is_dir())[-1]
    link, history = workspace.models / "champion", next(workspace.models.glob("*.jsonl"))
    trial = json.loads((model / "trial.json").read_text())
    link.unlink(missing_ok=True)
    history.write_text("")
    for won in (False, True):
        (model / "trial.json").write_text(json.dumps({**trial, "promoted": won}))
        complete_promotion(workspace)
        assert (champion_folder(workspace) == model.resolve()) is won
    shutil.copytree(model, other := model.with_name("2020-01-01"))
    link.unlink()
    link.symlink_to(os.path.relpath(other, link.parent))
    complete_promotion(workspace)
    assert champion_folder(workspace) == other.resolve(), "an operator's choice stands: the newest was crowned once"
