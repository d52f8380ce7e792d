"""docs/commands.md and the help of every command say the same."""

import re
from pathlib import Path

import pytest
from rich.text import Text
from typer.testing import CliRunner

from fillplan.cli.app import app
from fillplan.cli.documents import commands_document

ROOT = Path(__file__).parents[3]


def test_documents_are_current() -> None:
    assert (ROOT / "docs" / "commands.md").read_text() == commands_document(), "renew with: make docs"


def test_defaults_are_told_in_parentheses() -> None:
    """In brackets they would be markup, which the terminal does not show."""
    document = commands_document()
    assert "[default" not in document and "(default: the day after" in document
    for command in ("explain", "publish"):
        options = document.split(f"## fillplan {command}\n")[1].split("\n## ")[0]
        assert "plan date of the run (default: the latest)" in options


SECTIONS = commands_document().split("\n# Exit codes")[0].split("## fillplan ")[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.split("\n")[0])
def test_help_shows_every_word_of_the_document(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets included, which markup would swallow."""
    monkeypatch.setenv("COLUMNS", "2000")
    name, rest = section.split("\n", 1)
    prose, rows = rest.split("| | meaning |")
    meanings = [row.split(" | ", 1)[1].removesuffix(" |") for row in rows.splitlines() if row.startswith("| `")]
    words = [prose, *(re.sub(r" \((default: [^()]*|required)\)$", "", meaning) for meaning in meanings)]
    told = Text.from_ansi(CliRunner().invoke(app, [*name.split(), "--help"]).output).plain
    assert [text for text in words if _letters(text) not in _letters(told)] == []


def _letters(text: str) -> str:
    return "".join(text.split())
