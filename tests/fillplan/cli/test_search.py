"""`fillplan models search` end to end on a small workspace."""

import json
import os
import shutil
from pathlib import Path

import pytest

from fillplan.cli.app import run
from fillplan_models.spec import load_spec

pytest.importorskip("optuna")

SPEC = """name = "quick"
[sampling]
cutoffs = 7
rows = 2000
[booster]
rounds = 8
num_leaves = 7
"""
SPACE = '[search]\n"booster.learning_rate" = { low = 0.01, high = 0.2, log = true }\n'


@pytest.fixture
def workspace(night_workspace: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    shutil.copytree(night_workspace, folder, ignore=shutil.ignore_patterns("runs", "models", "published"))
    (folder / "fillplan.toml").write_text('[train]\nspec = "quick.toml"\n')
    (folder / "quick.toml").write_text(SPEC + SPACE)
    return folder


def test_it_writes_a_spec_to_train_with_and_goes_on(workspace: Path, capsys: pytest.CaptureFixture) -> None:
    command = ["models", "search", str(workspace), "--origins", "1", "--json"]
    assert run([*command, "--trials", "1"]) == 0
    first = json.loads(capsys.readouterr().out)
    folder = workspace / "searches" / "quick"
    os.link(folder / "best.toml", folder / "read.toml")
    (folder / "read.toml").write_text("as a reader sees it")
    assert run([*command, "--trials", "2"]) == 0
    assert (folder / "read.toml").read_text() == "as a reader sees it", "replaced as a whole"
    answer = json.loads(capsys.readouterr().out)
    assert (first["trials"], answer["trials"]) == (1, 2) and first["study"] == answer["study"]
    assert answer["present"]["values"] == {"booster.learning_rate": 0.05}
    assert answer["best"][0]["score"] == min(t["score"] for t in answer["best"])
    found = load_spec(folder / "best.toml")
    assert found.name == "quick-found" and found.sampling == load_spec(workspace / "quick.toml").sampling
    assert found.value("booster.learning_rate") == answer["best"][0]["values"]["booster.learning_rate"]
    assert json.loads((folder / "search.json").read_text())["best"] == answer["best"]


def test_another_question_is_another_study(workspace: Path, capsys: pytest.CaptureFixture) -> None:
    command = ["models", "search", str(workspace), "--origins", "1", "--trials", "1"]
    assert run([*command, "--json"]) == 0
    study = json.loads(capsys.readouterr().out)["study"]
    (workspace / "quick.toml").write_text(SPEC.replace("rounds = 8", "rounds = 9") + SPACE)
    assert run(command) == 0
    shown = capsys.readouterr().out
    assert study not in shown and "trial 0 (present)" in shown and "best.toml" in shown


def test_workspaces_in_folders_of_one_name_all_count(workspace: Path, capsys: pytest.CaptureFixture) -> None:
    also = shutil.copytree(workspace, workspace.parent / "other" / workspace.name)
    command = ["models", "search", str(workspace), "--also", str(also), "--origins", "1", "--trials", "1", "--json"]
    assert run(command) == 0
    answer = json.loads(capsys.readouterr().out)
    one, other = answer["origins"]
    assert one != other and answer["best"][0]["by_origin"].keys() == {one, other}


def test_a_spec_without_a_search_space_is_refused(workspace: Path, capsys: pytest.CaptureFixture) -> None:
    (workspace / "quick.toml").write_text(SPEC)
    assert run(["models", "search", str(workspace)]) == 6
    assert "[search]" in capsys.readouterr().err


def test_a_short_history_is_told_without_the_words_of_another_command(
    workspace: Path, capsys: pytest.CaptureFixture
) -> None:
    (workspace / "fillplan.toml").write_text('[train]\nspec = "quick.toml"\n[plan]\nhorizon_days = 50\n')
    assert run(["models", "search", str(workspace)]) == 6
    told = capsys.readouterr().err
    assert "days of views" in told and "backtest" not in told and "--horizon" not in told
