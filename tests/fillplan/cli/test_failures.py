"""Failures as a person and as a machine hear of them, and the exit code that both get."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from fillplan.cli.app import run
from fillplan.cli.failures import exit_code_of, exit_codes
from fillplan.gates.verdict import Verdict
from fillplan_data.errors import FillplanError, GateStopped, InputFaults, NotFound, StorageFailure
from fillplan_data.faults import Fault
from tests.fillplan.cli.test_app import ROOT, fillplan

Capture = pytest.CaptureFixture[str]
FAULT = Fault("fault", "views", "views.csv", 4, "view_hours", "hours of at least 0", "-5", "correct it")


def told_of(error: BaseException, capsys: Capture, as_json: bool = False) -> tuple[int, str, str]:
    code = exit_code_of(error, as_json)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_kind_of_failure_has_a_code_of_its_own() -> None:
    def kinds(root: type[FillplanError]) -> list[type[FillplanError]]:
        return [root, *(kind for below in root.__subclasses__() for kind in kinds(below))]

    codes = [kind.exit_code for kind in kinds(FillplanError)]
    assert len(set(codes)) == len(codes)
    assert set(exit_codes()) == {0, 2, 130, *codes}
    assert list(exit_codes()) == sorted(exit_codes())


def test_what_may_not_be_read_is_told_as_such_by_every_command(capsys: Capture) -> None:
    """A name that no folder takes stands for a folder of somebody else's, which root may always read."""
    name = "x" * 300
    for command in ("check", "report", "rollout", "reproduce", "nightly"):
        assert run([command, name]) == 11
        assert re.fullmatch(rf"fillplan: while .*{name}.*: File name too long\. .*\n", capsys.readouterr().err)


def test_a_failure_is_one_line_on_stderr_and_an_object_on_stdout_where_asked_for(capsys: Capture) -> None:
    assert told_of(NotFound("a: no such folder"), capsys) == (5, "", "fillplan: a: no such folder\n")
    code, out, err = told_of(NotFound("a: no such folder"), capsys, as_json=True)
    assert json.loads(out) == {"ok": False, "error": "NotFound", "exit_code": code, "message": "a: no such folder"}
    assert err == "fillplan: a: no such folder\n"


def test_faults_and_gates_that_stop_are_listed_as_data(capsys: Capture) -> None:
    _, out, _ = told_of(InputFaults((FAULT,), "one fault"), capsys, as_json=True)
    assert json.loads(out)["faults"] == [vars(FAULT)]
    verdicts = (
        Verdict("rows_lost", "stop", 0.5, 0.2, "half of the rows are gone"),
        Verdict("churn", "pass", 0.0, 0.2, "as ever"),
    )
    _, out, _ = told_of(GateStopped("stopped", verdicts), capsys, as_json=True)
    assert [gate["gate"] for gate in json.loads(out)["gates"]] == ["rows_lost"]


def test_a_defect_shows_where_it_is_and_is_called_one(capsys: Capture) -> None:
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        code, _, err = told_of(error, capsys)
    assert code == FillplanError.exit_code
    assert "Traceback" in err and "ZeroDivisionError: by nothing" in err
    assert err.endswith(f"fillplan: {FillplanError.meaning}\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()])
def test_an_interruption_says_that_what_stood_still_stands(error: BaseException, capsys: Capture) -> None:
    code, _, err = told_of(error, capsys)
    assert (code, err) == (130, "fillplan: interrupted; what stood before still stands\n")


def test_an_exit_of_a_commands_own_says_nothing_more(capsys: Capture) -> None:
    assert told_of(typer.Exit(14), capsys, as_json=True) == (14, "", "")


def test_wrong_usage_names_the_command_to_look_up(capsys: Capture) -> None:
    assert run(["models", "show"]) == 2
    assert capsys.readouterr().err.endswith("See: fillplan models show --help\n")


@pytest.mark.parametrize("message", ["\x1b[2J\x1b]0;owned\x07", "a\u202eb", "\x9b31m"])
def test_no_message_steers_the_terminal(message: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code_of(NotFound(f"{message}: no such\nfile"), as_json=True)
    told = capsys.readouterr()
    for text in (told.err, told.out, json.loads(told.out)["message"]):
        assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_the_help_page_has_a_line_for_every_exit_code() -> None:
    told = fillplan("--help").stdout
    for code, meaning in exit_codes().items():
        assert re.search(rf"(?m)^ +{code}  {re.escape(meaning.split()[0])}", told), code


def test_a_reader_that_has_had_enough_changes_no_failure() -> None:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in (".", "models", "optimizer", "data"))
    }
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fillplan", "plan", "nowhere", "--json"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    os.close(writing)
    assert done.returncode == 5
    assert "no such folder" in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_wrong_calls_as_json() -> None:
    done = fillplan("plan", "--json", "--date", "9999-12-31")
    assert done.returncode == 2
    assert json.loads(done.stdout)["exit_code"] == 2


FULL = Path("/dev/full")
"""Linux's file on a disk without room."""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("full", ["stdout", "stderr", "both"])
@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["check", "nowhere"], 5), (["nothing"], 2)])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_output_on_a_full_disk_hides_no_failure(full: str, arguments: list[str], code: int, buffered: str) -> None:
    """Nights whose log is on the full disk: the exit code still says what went wrong, if it was only the log."""
    command = [sys.executable, "-m", "fillplan", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": buffered}
    with FULL.open("w") as nothing:
        streams = {name: nothing if full in (name, "both") else subprocess.PIPE for name in ("stdout", "stderr")}
        done = subprocess.run(command, **streams, text=True, env=environment, check=False)  # type: ignore[call-overload]
    output_lost = code == 0 and full != "stderr"
    assert done.returncode == (StorageFailure.exit_code if output_lost else code)
    if output_lost and full == "stdout":
        assert "standard output takes no more" in done.stderr
    assert "Traceback" not in (done.stderr or "")
