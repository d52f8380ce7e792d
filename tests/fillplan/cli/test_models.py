"""`models` on the command line: list, show, promote and the way back."""

import json

import pytest

from fillplan.cli.app import run
from fillplan.workspace import Workspace


def test_models_on_the_command_line(workspace: Workspace, model_name: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(workspace.root)
    assert run(["models", "list", root, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(m["name"], m["champion"]) for m in told["models"]] == [(model_name, True)]
    assert run(["models", "show", model_name, root]) == 0
    assert "WAPE" in capsys.readouterr().out
    assert run(["models", "show", "none", root]) == 5
    assert run(["models", "promote", model_name, root]) == 0
    assert run(["models", "rollback", root]) == 5


def test_cards_are_for_show_alone(workspace: Workspace, model_name: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(workspace.root)
    cards = {}
    for command in (["list"], ["show", model_name], ["promote", model_name]):
        capsys.readouterr()
        assert run(["models", *command, root, "--json"]) == 0
        (model,) = json.loads(capsys.readouterr().out)["models"]
        cards[command[0]] = "card" in model
    assert cards == {"list": False, "show": True, "promote": False}


def test_an_unknown_model_is_told_in_one_line(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "promote", "2001-01-01", str(workspace.root)]) == 5
    told = capsys.readouterr().err
    assert "no model '2001-01-01'" in told and "Traceback" not in told
