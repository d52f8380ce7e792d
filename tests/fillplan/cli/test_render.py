"""What commands show, on a pipe as these tests read it."""

from dataclasses import replace
from pathlib import Path

import pytest

from fillplan.cli import render
from fillplan.runs import Run
from fillplan.workflow.checking import CheckResult
from fillplan_data.faults import Fault, message

FAR = "/data/a[red]b/" + "long-folder-name/" * 8


def test_paths_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    render.started({"workspace": FAR, "size": "tiny", "seed": 1}, as_json=False)
    render.trained({"model": "m[b]", "champion": True, "trial": "won", "folder": FAR}, as_json=False)
    made = {"view_hours": 1.0, "plan_date": "2026-03-08", "method": "m[b]", "cold_series": 0, "file": FAR}
    render.forecasted(made, as_json=False)
    told = capsys.readouterr().out
    assert told.count(FAR) == 4
    assert told.count("m[b]") == 2


FAULT = Fault("fault", "views", FAR, 4, "view_hours", "hours of at least 0", "-5", "correct it [or delete it]")
HEADLINE = "the input tables have 1 fault:"


def test_a_pipe_gets_every_fault_once_and_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    render.show_faults([FAULT], message([FAULT]))
    assert capsys.readouterr().err == f"{HEADLINE}\n  {FAULT}\n"
    render.checked(CheckResult((FAULT,), (), {}), as_json=False)
    told = capsys.readouterr().out.splitlines()
    assert told == [f"fault: {FAULT}", "1 fault, 0 warnings: faults: nothing will run until they are mended"]


def test_check_counts_rows_as_all_commands_do(capsys: pytest.CaptureFixture[str]) -> None:
    faults = (FAULT, replace(FAULT, row=None, count=1_199))
    render.checked(CheckResult(faults, (), {}), as_json=False)
    assert "1,200 faults" in capsys.readouterr().out and "1,200 faults" in message(faults)


def test_a_terminal_gets_every_fault_once_as_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")
    render.show_faults([FAULT], message([FAULT]))
    told = capsys.readouterr().err
    assert told.startswith(HEADLINE)
    assert told.count(FAULT.remedy) == 1


@pytest.mark.parametrize(
    ("model", "place"),
    [("ewma", "with: fillplan check '/data/my nights' --date 2026-03-08"), ("given", "in the report")],
)
def test_the_place_of_the_warnings_is_told(model: str, place: str) -> None:
    run = Run(Path("/data/my nights/runs/2026-03-08"), {"plan_date": "2026-03-08", "model": {"name": model}})
    assert render._place_of_warnings(run) == f"see them {place}"


def test_no_fault_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    render.checked(CheckResult((replace(FAULT, file="\x1b[31m.csv"),), (), {}), as_json=False)
    told = capsys.readouterr().out
    assert "\x1b" not in told and "\\x1b[31m.csv" in told
