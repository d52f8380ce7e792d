"""The command line as users meet it: in a process of its own."""

import html
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

from fillplan.cli.app import app

from ..conftest import quick

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "data" / "sample"


def fillplan(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in (".", "models", "optimizer", "data"))
    }
    command = [sys.executable, "-m", "fillplan", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return quick(Path(shutil.copytree(SAMPLE, tmp_path / "sample")))


def test_help_imports_nothing_heavy() -> None:
    heavy = {"pandas", "numpy", "lightgbm", "sklearn", "pulp", "highspy", "numba", "plotly", "pandera", "pyarrow"}
    code = (
        "import sys; from fillplan.cli.app import run; run(['--help']); "
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    assert "nightly" in done.stdout


@pytest.mark.parametrize("command", typer.main.get_command(app).commands.values(), ids=lambda command: command.name)
def test_every_command_has_help_with_an_example(command: Any) -> None:
    assert f"Example: fillplan {command.name} " in command.help.replace("Examples:", "Example:")


def test_the_report_of_a_night_tells_the_warnings_that_the_command_tells(night_copy: Path) -> None:
    told = json.loads(fillplan("check", night_copy, "--json").stdout)["warnings"]
    page = html.unescape(next((night_copy / "runs").glob("*/report.html")).read_text(encoding="utf-8"))
    assert told, "the sample has warnings"
    assert all(f"{warning['expected']}, found {warning['found']}" in page for warning in told)


def test_plan_then_publish_then_report(sample: Path) -> None:
    planned = json.loads(fillplan("plan", sample, "--json").stdout)
    assert planned["published"] is None
    published = json.loads(fillplan("publish", sample, "--json").stdout)
    assert published["published"]["version"] == 1
    shown = fillplan("report", sample)
    assert shown.returncode == 0
    assert "expected offload" in shown.stdout
    assert str(sample / "runs") in shown.stdout
    assert shown.stderr == "", "no progress on a pipe"


def test_nightly_shows_the_result_and_where_the_report_is(sample: Path) -> None:
    done = fillplan("nightly", sample)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("report.html")
    assert Path(done.stdout.rsplit("Report: ", 1)[1].strip()).exists()


def test_given_demand_needs_no_views(night_copy: Path) -> None:
    demand = next((night_copy / "runs").glob("*/demand.parquet"))
    plan_date = demand.parent.name
    given = night_copy / "given.parquet"
    shutil.copy(demand, given)
    (night_copy / "input" / "views.csv").unlink()
    done = fillplan("plan", night_copy, "--demand", given, "--date", plan_date, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"]["name"] == "given"
    assert not (night_copy / "runs" / plan_date / "forecast.parquet").exists()


def test_all_contradictions_in_given_demand_are_counted(night_copy: Path) -> None:
    run = next((night_copy / "runs").iterdir())
    once, given = pd.read_parquet(run / "demand.parquet"), night_copy / "given.parquet"
    pd.concat([once, once.assign(expected_bytes=1.5)]).to_parquet(given)
    done = fillplan("plan", night_copy, "--demand", given, "--date", run.name, "--json")
    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert sum(fault["count"] for fault in told["faults"]) == len(once)
    assert told["message"].startswith(f"{len(once):,} fault")


def test_init_makes_a_workspace_and_never_overwrites(tmp_path: Path) -> None:
    made = fillplan("init", tmp_path / "new", "--size", "tiny", "--seed", 5)
    assert made.returncode == 0, made.stderr
    assert "SYNTHETIC" in made.stdout
    assert fillplan("init", tmp_path / "new").returncode == 12


def test_check_lists_faults_and_has_its_own_exit_code(sample: Path) -> None:
    views = sample / "input" / "views.csv"
    lines = views.read_text().splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ",-5"
    lines[7] = lines[7].rsplit(",", 1)[0] + ",soon"
    views.write_text("\n".join(lines) + "\n")
    done = fillplan("check", sample, "--json")
    assert done.returncode == 3
    found = {(f["file"], f["row"], f["column"], f["found"]) for f in json.loads(done.stdout)["faults"]}
    assert found == {("input/views.csv", 4, "view_hours", "-5"), ("input/views.csv", 8, "view_hours", "soon")}
    assert fillplan("nightly", sample).returncode == 3
    assert not (sample / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "No such command"),
        (["plan", "--date", "tomorrow"], 2, "--date"),
        (["plan", "nowhere"], 5, "no such folder"),
        (["init", "x", "--size", "enormous"], 2, "tiny, small, medium, large"),
        (["init", "x", "--seed", "-1"], 2, "'--seed': expected at least 0; found '-1'\nSee: fillplan init --help"),
        (["plan", "--date", "2026-13-01"], 2, "'--date': expected a date as YYYY-MM-DD; found '2026-13-01'\n"),
        (["models", "list", "--oops"], 2, "No such option: --oops\nSee: fillplan models list --help"),
        (["compare", "a"], 2, "Missing argument 'SECOND'"),
        (["nonsense"], 2, "\nSee: fillplan --help"),
        (["plan", __file__], 5, "found a file. Name the folder"),
        (["whatif", "demo"], 2, "expected either a scenario file or --failures; found neither"),
        (["whatif", __file__], 2, f"after the workspace; found only {__file__}, as in: fillplan whatif . {__file__}"),
        (["whatif", "demo", "q.toml", "--failures", "all"], 2, "; found both"),
    ],
)
def test_wrong_calls(arguments: list[str], code: int, said: str) -> None:
    done = fillplan(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_failures_as_json(sample: Path) -> None:
    (sample / "fillplan.toml").write_text("[plan]\nhorizon_day = 3\n")
    done = fillplan("nightly", sample, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], told["error"]) == (4, 4, "SettingsError")
    assert "plan.horizon_days" in told["message"]


def test_a_date_without_history(sample: Path) -> None:
    done = fillplan("nightly", sample, "--date", "1999-01-01")
    assert done.returncode == 3
    assert "before the plan date 1999-01-01" in done.stderr


def test_pins_that_cannot_fit(sample: Path) -> None:
    caches = sample / "input" / "caches.csv"
    header, *rows = caches.read_text().splitlines()
    column = header.split(",").index("storage_bytes")
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[column] = "1"
    caches.write_text("\n".join([header, *(",".join(row) for row in cells)]) + "\n")
    done = fillplan("plan", sample)
    assert done.returncode == 7, done.stderr
    assert "pinned" in done.stderr
    assert not (sample / "runs").exists()


def test_forecast_alone_never_parts_a_plan_from_its_own(sample: Path) -> None:
    assert fillplan("forecast", sample).returncode == 0
    assert fillplan("plan", sample).returncode == 0, "a forecast gives way to a plan"
    assert fillplan("forecast", sample).returncode == 0, "the same forecast stands there already"
    settings = sample / "fillplan.toml"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "seasonal_naive"\n')
    done = fillplan("forecast", sample)
    assert done.returncode == 12
    assert "fillplan plan" in done.stderr
    assert fillplan("report", sample).returncode == 0


def test_a_reader_that_has_had_enough_is_no_failure(sample: Path) -> None:
    command = f"{sys.executable} -m fillplan check {sample} --json | head -c 5; exit ${{PIPESTATUS[0]}}"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in (".", "models", "optimizer", "data"))
    }
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_check_needs_what_a_night_needs(sample: Path) -> None:
    (sample / "input" / "caches.csv").unlink()
    done = fillplan("check", sample, "--json")
    assert done.returncode == 3
    assert "caches" in {fault["table"] for fault in json.loads(done.stdout)["faults"]}


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_night_that_its_scheduler_ends_says_so(sample: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in (".", "models", "optimizer", "data"))
    }
    (sample / "fillplan.toml").write_text("[run]\nthreads = 1\n")
    command = [sys.executable, "-m", "fillplan", "nightly", str(sample), "--json"]
    night = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    log = sample / "logs" / "fillplan.jsonl"
    while night.poll() is None and not (log.exists() and '"stage": "train"' in log.read_text()):
        time.sleep(0.05)
    night.send_signal(signal.SIGTERM)
    told, _ = night.communicate(timeout=120)
    assert night.returncode == 130
    assert json.loads(told)["exit_code"] == 130
    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["event"], last["exit_code"], last["level"]) == ("command_failed", 130, "error")
    assert last["message"] == "interrupted; what stood before still stands"
    assert "fillplan_night_exit_code 130\n" in (sample / "metrics" / "fillplan.prom").read_text()
