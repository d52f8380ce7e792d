"""`verify`, `reproduce`, `publish --rollback` and `nightly --allow` as users meet them."""

import json
from pathlib import Path

import pytest

from fillplan.cli.app import run
from fillplan.runs import latest_run
from fillplan.workspace import Workspace

from ..conftest import quick


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_verify_accepts_and_refuses(night_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    current, seen = str(night_copy / "published" / "current"), str(night_copy / "seen.json")
    day = latest_run(Workspace(night_copy)).plan_date.isoformat()
    assert run(["verify", current, "--date", day, "--seen", seen, "--json"]) == 0
    assert told(capsys)["version"] == 1
    assert run(["verify", current, "--date", day, "--seen", seen]) == 0
    assert "accepted" in capsys.readouterr().out
    assert run(["verify", current, "--date", "2190-01-01", "--json"]) == 16
    assert "expired" in str(told(capsys)["message"])
    assert run(["verify", current, "--date", day, "--key", "none.pem"]) == 5


def test_reproduce_says_what_came_out(night_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproduce", str(night_copy)]) == 0
    assert "byte for byte" in capsys.readouterr().out
    (latest_run(Workspace(night_copy)).folder / "demand.parquet").write_bytes(b"")
    assert run(["reproduce", str(night_copy), "--json"]) == 17
    assert "demand.parquet" in str(told(capsys)["message"])
    assert run(["reproduce", str(night_copy), "1999-01-01"]) == 5


def test_rollback_needs_something_to_go_back_to(night_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["publish", str(night_copy), "--rollback", "--date", "2026-01-01"]) == 2
    assert run(["publish", str(night_copy), "--rollback"]) == 5
    victim = min((night_copy / "published" / "current").glob("*.jsonl"))
    victim.write_bytes(victim.read_bytes() + b"\n")  # damaged in force: the run's own is put in force anew
    assert run(["publish", str(night_copy), "--json"]) == 0
    assert run(["publish", str(night_copy), "--rollback"]) == 5, "and what is damaged is nothing to go back to"
    capsys.readouterr()


def test_the_report_of_a_run_that_was_rolled_back_says_what_is_in_force(
    small_workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(small_workspace)
    settings, views = small_workspace / "fillplan.toml", small_workspace / "input" / "views.csv"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "ewma"\n')
    assert run(["nightly", str(small_workspace)]) == 0
    views.write_text(views.read_text() + "2026-03-08,FR,m1,12\n2026-03-08,DE,m2,6\n")
    assert run(["plan", str(small_workspace)]) == 0
    capsys.readouterr()
    assert run(["report", str(small_workspace)]) == 0
    assert "set 000001 of 2026-03-08; this run was not published" in _one_line(capsys)
    assert run(["nightly", str(small_workspace)]) == 0
    capsys.readouterr()
    assert run(["publish", str(small_workspace), "--rollback"]) == 0
    assert "set 000001 for 2026-03-08, to be followed up to the day before 2026-03-15\n" in capsys.readouterr().out
    assert run(["report", str(small_workspace)]) == 0
    assert "set 000003 of 2026-03-08; not this run, which was published as 000002" in _one_line(capsys)


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.parametrize(
    "command",
    [
        ("report", "--date", "2026-01-01"),
        ("publish", "--date", "2026-01-01"),
        ("reproduce", "2026-01-01"),
        ("explain", "--cache", "edge-br-1", "--asset", "x", "--date", "2026-01-01"),
    ],
    ids=lambda command: command[0],
)
def test_a_date_without_a_run_is_answered_with_those_there_are(
    command: tuple[str, ...], night_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command[0], str(night_copy), *command[1:]]) == 5
    told = capsys.readouterr().err
    assert "found plans of 2026-04-29; make one with: fillplan plan" in told


def test_unknown_gates_are_told(night_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nightly", str(night_copy), "--allow", "nonsense"]) == 4
    assert "hours_level" in capsys.readouterr().err
