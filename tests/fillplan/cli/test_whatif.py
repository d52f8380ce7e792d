"""`fillplan whatif` in a process of its own."""

import json
from pathlib import Path

import pytest

from fillplan.cli.app import run

from .test_app import fillplan

ASKED = '[[scenario]]\nname = "half"\n[[scenario.override]]\nkind = "capacity"\ncolumn = "storage_bytes"\nscale = 0.5\n'


def test_answers_for_people_and_machines(night_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "asked.toml"
    path.write_text(ASKED)
    told = fillplan("whatif", night_copy, path)
    assert told.returncode == 0, told.stderr
    assert "half" in told.stdout and "−" in told.stdout
    assert Path(told.stdout.rsplit("Report: ", 1)[1].strip()).exists()
    data = json.loads(fillplan("whatif", night_copy, path, "--json").stdout)
    assert (data["ok"], data["cached"]) == (True, True)
    assert data["scenarios"][0]["points"][0]["difference"]["value"] < 0


def test_bad_files_have_an_exit_code_of_their_own(night_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "asked.toml"
    path.write_text(ASKED.replace("scale", "scal"))
    done = fillplan("whatif", night_copy, path)
    assert done.returncode == 13
    assert "line 6" in done.stderr and "did you mean `scale`?" in done.stderr
    told = json.loads(fillplan("whatif", night_copy, path, "--json").stdout)
    assert {fault["row"] for fault in told["faults"]} == {6}
    assert fillplan("whatif", night_copy).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("q.toml", "--replan"), "--replan: goes with --failures only"),
        (("q.toml", "--robust", "0.05"), "--robust: goes with --failures only"),
        (("--failures", "caches", "--samples", "20"), "--samples: goes with a scenario file only"),
        (("--failures", "caches", "--seed", "4"), "--seed: goes with a scenario file only"),
        (("q.toml", "--seed", "4"), "--seed: goes with --samples only"),
    ],
)
def test_options_that_do_not_apply_are_refused(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["whatif", "demo", *arguments]) == 2
    assert said in capsys.readouterr().err
