"""Stages: seconds, the log for machines, silence on a pipe."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from fillplan.stages import Stages
from fillplan_data.errors import Infeasible


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_log_has_one_object_per_event(tmp_path: Path) -> None:
    with Stages("plan", tmp_path / "logs" / "log.jsonl") as stages, stages.stage("check") as stage:
        stage.note("fine", rows=3)
    started, finished = lines(tmp_path / "logs" / "log.jsonl")
    assert (started["event"], started["stage"], started["command"]) == ("stage_started", "check", "plan")
    assert finished["rows"] == 3
    assert {started["level"], finished["level"]} == {"info"}
    assert finished["seconds"] == stages.seconds["check"]
    assert finished["peak_memory_bytes"] > 10e6  # type: ignore[operator]


def test_failures_are_logged_with_their_exit_code(tmp_path: Path) -> None:
    with pytest.raises(Infeasible), Stages("plan", tmp_path / "log.jsonl") as stages, stages.stage("place"):
        raise Infeasible("pins do not fit")
    last = lines(tmp_path / "log.jsonl")[-1]
    assert (last["event"], last["error"], last["exit_code"]) == ("command_failed", "Infeasible", 7)
    assert (last["level"], last["message"]) == ("error", "pins do not fit")
    assert "place" not in stages.seconds


def test_nothing_is_shown_on_a_pipe() -> None:
    pipe = io.StringIO()
    with Stages("plan", console=Console(file=pipe)) as stages, stages.stage("check") as stage:
        stage.note("working")
    assert pipe.getvalue() == ""


def test_a_terminal_shows_stage_and_note() -> None:
    terminal = io.StringIO()
    with Stages("plan", console=Console(file=terminal, force_terminal=True)) as stages, stages.stage("check") as stage:
        stage.note("7 rows")
    assert "check" in terminal.getvalue()
    assert "7 rows" in terminal.getvalue()
