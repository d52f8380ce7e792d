"""docs/planners.md: every command is run, and what the page shows is part of what the command says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fillplan.cli.app import run

PAGE = Path(__file__).parents[1] / "docs" / "planners.md"


def examples() -> list[tuple[str, list[str]]]:
    """Commands of the page with the lines shown under each."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def test_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")  # so that no line is broken
    assert len(examples()) >= 8
    for command, shown in examples():
        words, _, tells_code = command.partition("; echo $?")
        program, *arguments = shlex.split(words)
        assert program == "fillplan"
        code = run(arguments)
        said = " ".join(capsys.readouterr().out.split())
        if arguments[0] == "init":
            # the scalable solver alone: the exact one would plan and replay for a minute, to the same sentences
            (tmp_path / "demo" / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "decomposition"\n')
        if command.endswith("; echo $?"):
            assert tells_code == ""
            assert code == int(shown[-1]), command
            shown = shown[:-1]
        else:
            assert code == 0, command
        assert shown, command
        for line in shown:
            assert line in said, (command, line)
