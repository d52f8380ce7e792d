"""Answers and comparisons as text: the figures of their pages, names that stay text."""

from pathlib import Path

import pytest

from fillplan.report.answers import compare_markdown, failures_markdown, whatif_markdown
from fillplan.report.formats import short_change
from fillplan.workflow.comparing import compare_step
from fillplan.workflow.failures import Exercise, fail_in_turn
from fillplan.workflow.whatif import whatif
from fillplan.workspace import Workspace, synthetic_label
from tests.fillplan.report.test_markdown import HOSTILE

ASKED = f"""[[scenario]]
name = "{HOSTILE}"
[[scenario.override]]
kind = "capacity"
column = "storage_bytes"
scale = {{ from = 0.5, to = 1.0, steps = 2 }}

[[scenario]]
name = "none"
[[scenario.override]]
kind = "capacity"
column = "fill_hours"
set = 0
"""


@pytest.fixture(scope="module")
def workspace(shared_copy: Path) -> Path:
    (shared_copy.parent / "q.toml").write_text(ASKED)
    return shared_copy


def test_scenarios(workspace: Path) -> None:
    answer = whatif(workspace, workspace.parent / "q.toml", None)
    text = (answer.folder / "report.md").read_text(encoding="utf-8")
    assert text == whatif_markdown(answer.content, synthetic_label(Workspace(workspace)))
    assert "**SYNTHETIC workspace" in text
    half = answer.content["scenarios"][0]["points"][0]
    assert f"| 0.5 | {short_change(half['plain_value_difference'])} |" in text
    assert "| none | – | no plan can be |" in text
    assert "pinned files" in text
    assert "<b>" not in text
    made = compare_step(answer.run.folder, Path(f"{answer.folder}#{HOSTILE}@0.5"), [])
    compared = compare_markdown(made)
    assert "## What the difference is due to" in compared
    assert f"| Value | {made['a']['figures']['value']:,.0f}"[:10] in compared
    assert "<b>" not in compared
    assert compared.count("**SYNTHETIC workspace") == 1, "both sides are of one workspace"


def test_failures(workspace: Path) -> None:
    answer = fail_in_turn(workspace, Exercise("all", False, 0.05), None)
    text = (answer.folder / "report.md").read_text(encoding="utf-8")
    assert text == failures_markdown(answer.content, synthetic_label(Workspace(workspace)))
    assert "**SYNTHETIC workspace" in text
    assert text.count("\n| ") == 2 * 1 + 3 + len(answer.content["failures"]), (
        "two headings, two plans and their difference, every outage"
    )
