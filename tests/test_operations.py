"""docs/operations.md and docs/runbook.md: what they tell people to type and to install is what works."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from fillplan.cli.app import app
from fillplan.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / "operations.md", DOCS / "runbook.md"]


def blocks(page: Path) -> list[str]:
    """Indented blocks of code."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE).strip() + "\n" for block in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_and_options_exist(page: Path) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"fillplan[\s]+(\w+)((?:[\s]+[\w./=<>-]+)*)", page.read_text(encoding="utf-8"))
    used = [(command, re.findall(r"--[a-z-]+", rest)) for command, rest in named if command in commands]
    assert len(used) >= 5
    for command, options in used:
        known = {name for parameter in commands[command].params for name in parameter.opts}
        assert set(options) <= known, (command, options)


def test_settings_in_the_page_are_accepted() -> None:
    shown = [block for block in blocks(DOCS / "operations.md") if block.startswith("[publish]")]
    assert shown
    for block in shown:
        assert Settings.model_validate(tomllib.loads(block)).publish.first_groups == ("canary",)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is absent")
def test_units_are_sound(tmp_path: Path) -> None:
    service, timer = (
        next(block for block in blocks(DOCS / "operations.md") if block.startswith("[Unit]") and part in block)
        for part in ("[Service]", "[Timer]")
    )
    binary = shutil.which("true")
    (tmp_path / "fillplan-nightly.service").write_text(service.replace("/opt/fillplan/bin/fillplan", str(binary)))
    (tmp_path / "fillplan-nightly.timer").write_text(timer)
    (tmp_path / "alert@.service").write_text(f"[Service]\nExecStart={binary}\n")
    units = [str(path) for path in sorted(tmp_path.glob("fillplan-*"))]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "fillplan-nightly" in line or "alert@" in line]
    assert told == []
    calendar = re.search(r"OnCalendar=(.*)", timer)
    assert calendar is not None
    assert (
        subprocess.run(["systemd-analyze", "calendar", calendar[1]], capture_output=True, check=False).returncode == 0
    )


def test_the_cronjob_is_yaml_of_the_right_form() -> None:
    yaml = pytest.importorskip("yaml")
    text = next(block for block in blocks(DOCS / "operations.md") if "kind: CronJob" in block)
    job = yaml.safe_load(text)
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (job["apiVersion"], job["spec"]["concurrencyPolicy"]) == ("batch/v1", "Forbid")
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]} <= volumes
    assert len(job["spec"]["schedule"].split()) == 5


def test_the_crontab_line_has_its_fields() -> None:
    line = next(block for block in blocks(DOCS / "operations.md") if block.startswith("30 3 * * *"))
    assert len(line.splitlines()) == 1
    assert not re.search(r"(?<!\\)%", line), "cron takes it for a line end"
    assert "fillplan nightly" in line


def test_every_scheduler_names_the_plan_date(tmp_path: Path) -> None:
    """Each scheduler's own escapes undone, a shell runs the line with a stand-in that tells its arguments."""
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    cron = re.search(r"^    30 3 \* \* \*  fillplan  (.*?) >>", text, re.MULTILINE)
    service = re.search(r'^    ExecStart=/bin/sh -c "(.*)"$', text, re.MULTILINE)
    pod = re.search(r'command: \["/bin/sh", "-c", "(.*)"\]', text)
    assert cron
    assert service
    assert pod
    stand_in = tmp_path / "fillplan"
    stand_in.write_text('#!/bin/sh\necho "$@"\n')
    stand_in.chmod(0o755)
    for line in (cron[1].replace("\\%", "%"), service[1].replace("$$", "$").replace("%%", "%"), pod[1]):
        line = re.sub(r"\S*/fillplan(?= nightly)|(?<= )fillplan(?= nightly)", str(stand_in), line)
        told = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True).stdout
        assert re.fullmatch(r"nightly /\w+(/\w+)* --date \d{4}-\d\d-\d\d( --json)?\n", told), (line, told)
