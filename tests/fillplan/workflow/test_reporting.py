"""A run's report as text: three forms of one content, made anew; the stored page stays as it is."""

import json
from datetime import date
from pathlib import Path

import pytest

from fillplan.workflow.reporting import FORMATS, report_text
from fillplan_data.errors import InputFaults, NotFound


def test_three_forms_of_one_content(night_workspace: Path) -> None:
    page = next(night_workspace.glob("runs/*/report.html"))
    before = page.read_bytes()
    said = {form: report_text(night_workspace, None, form) for form in FORMATS}
    content = json.loads(said["json"])
    offload = f"{content['headline']['expected_offload']:.1%}".replace("%", "")
    assert offload in said["html"]
    assert offload in said["md"]
    assert len(content["caches"]) == said["html"].count('<tr id="cache-')
    assert page.read_bytes() == before


def test_what_is_synthetic_is_called_so_in_every_form(night_workspace: Path, planned: Path) -> None:
    assert all("SYNTHETIC" in report_text(night_workspace, None, form) for form in ("html", "md"))
    assert not any("SYNTHETIC" in report_text(planned, None, form) for form in ("html", "md"))


def test_json_ends_its_line_and_has_no_numbers_that_json_does_not_know(planned: Path) -> None:
    text = report_text(planned, None, "json")
    assert text.endswith("}\n")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    json.loads(text, parse_constant=refuse)


def test_without_the_run_or_with_faults_there_is_no_report(planned: Path) -> None:
    with pytest.raises(NotFound, match="2026-01-01"):
        report_text(planned, date(2026, 1, 1), "md")
    caches = planned / "input" / "caches.csv"
    caches.write_text(caches.read_text().replace("0.8,1000", "0.8,-1"))
    with pytest.raises(InputFaults, match="storage_bytes"):
        report_text(planned, None, "md")
