"""docs/analysts.md: every file is written, every command run, and what the page shows is part of what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fillplan.cli.app import run

PAGE = (Path(__file__).parents[1] / "docs" / "analysts.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """(language, text) of the page's blocks, in order."""
    return re.findall(r"```(console|toml)\n(.*?)```", PAGE, re.DOTALL)


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Commands of a block with the lines shown under each."""
    parts = [part.strip().split("\n") for part in text.split("$ ") if part.strip()] if "; echo $?" not in text else []
    if not parts:
        first, *shown = text.strip().split("\n")
        parts = [[first.removeprefix("$ "), *shown]]
    return [(command, shown) for command, *shown in parts]


def test_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")  # so that no line is broken
    ran = 0
    for language, text in blocks():
        if language == "toml":
            name = text.split("\n", 1)[0].removeprefix("# ")
            (tmp_path / name).write_text(text, encoding="utf-8")
            continue
        for command, shown in commands(text):
            words, _, tells_code = command.partition("; echo")
            program, *arguments = shlex.split(words)
            assert program == "fillplan"
            code = run(arguments)
            said = " ".join(capsys.readouterr().out.split())
            if arguments[0] == "init":
                # the scalable solver alone: the exact one would take a minute, to the same sentences
                (tmp_path / "demo" / "fillplan.toml").write_text(
                    '[run]\nthreads = 1\n[plan]\nsolver = "decomposition"\n'
                )
            assert code == (int(shown.pop()) if tells_code else 0), command
            for line in shown:
                assert line in said, (command, line)
            ran += 1
    assert ran >= 7
