"""`rollout` on the command line: where it stands, and its end."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fillplan.cli.app import app, run
from fillplan.publication import publish
from fillplan.rollout import rollout_of
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace
from fillplan_data.errors import NotFound
from tests.fillplan.rollouts import STAGED, made, versions


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Nothing is published yet."""
    (tmp_path / "input").mkdir()
    return Workspace(tmp_path)


def test_on_the_command_line(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        rollout_of(workspace)
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    root = str(workspace.root)
    shown = json.loads(CliRunner().invoke(app, ["rollout", root, "--json"]).stdout)
    assert (shown["version"], shown["waiting"]) == (2, ["north", "south", "current"])
    done = CliRunner().invoke(app, ["rollout", root, "--finish", "--date", "2026-03-09"])
    assert done.exit_code == 0
    assert "waits" not in done.stdout
    assert set(versions(workspace).values()) == {2}
    shutil.rmtree(workspace.groups)
    assert json.loads(CliRunner().invoke(app, ["rollout", root, "--json"]).stdout)["pointers"] == {"current": 2}


def test_a_finish_with_nothing_to_finish_says_so(workspace: Workspace) -> None:
    publish(workspace, made(workspace, 8), PublishSettings())
    finish_now = ["rollout", str(workspace.root), "--finish", "--date", "2026-03-09"]
    told = CliRunner().invoke(app, finish_now).output
    assert "nothing to finish (no staged roll-out is set: publish.first_groups" in told
    assert "nothing" not in CliRunner().invoke(app, ["rollout", str(workspace.root)]).output
    publish(workspace, made(workspace, 9), STAGED)
    assert "nothing" not in CliRunner().invoke(app, finish_now).output
    assert CliRunner().invoke(app, finish_now).output.count("nothing waited") == 1


def test_who_waits_is_marked(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    assert run(["rollout", str(workspace.root)]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "newest set: 000002 of 2026-03-09, to be followed up to the day before 2026-03-16"
    assert [row.split() for row in rows] == [
        ["canary", "000002"],
        ["north", "000001", "waits"],
        ["south", "000001", "waits"],
        ["current", "000001", "waits"],
    ]


def test_what_was_accepted_counts_for_the_check_of_a_finish_alone(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(workspace, made(workspace, 8), STAGED)
    assert run(["rollout", str(workspace.root), "--accepted", "seen.json"]) == 2
    assert "--accepted is a part of the check of --finish" in capsys.readouterr().err
