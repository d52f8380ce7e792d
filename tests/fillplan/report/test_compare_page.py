"""The page of a comparison: figures in their units, the ways that are drawn, text that stays text."""

from pathlib import Path
from typing import Any

import pytest

from fillplan.report.compare_page import (
    CAUSE_WORDS,
    FIGURES,
    figure_change,
    figure_text,
    waterfalls,
    write_compare_page,
)
from fillplan.report.formats import NARROW
from fillplan.workflow.comparing import compare_step


@pytest.mark.parametrize(
    ("name", "number", "text", "change"),
    [
        ("offload", 0.123, "12.3 %", "+12.3 points"),
        ("gap", 0.0, "0.0 %", "±0"),
        ("churn", -0.5, "−50.0 %", "−50.0 points"),
        ("fill_bytes", 2.5e9, "2.50 GB", "+2.50 GB"),
        ("origin_bytes", -1e12, "−1.00 TB", "−1.00 TB"),
        ("value", 1234.0, "1.23 k", "+1.23 k"),
        ("bound", -5.0, "−5.00", "−5.00"),
    ],
)
def test_figures_and_differences_have_their_units(name: str, number: float, text: str, change: str) -> None:
    assert figure_text(name, number).replace(NARROW, " ") == text
    assert figure_change(name, number).replace(NARROW, " ") == change


def made(**attribution: dict[str, float]) -> dict[str, Any]:
    figures = dict.fromkeys(FIGURES, 0.0)
    return {"a": {"figures": {**figures, "value": 10.0, "offload": 0.5}}, "attribution": attribution or None}


def parts(**changed: float) -> dict[str, float]:
    return {**dict.fromkeys(CAUSE_WORDS, 0.0), **changed}


def test_the_way_leads_from_one_side_over_the_causes_that_had_a_part_to_the_other() -> None:
    (drawn,) = waterfalls(made(value=parts(demand=4.0, policy=-1.0, total=3.0)))
    assert drawn.name == "Value"
    assert [bar.kind for bar in drawn.bars] == ["whole", "up", "down", "whole"]
    first, up, down, last = (bar.words for bar in drawn.bars)
    assert "10.0" in first and "+4.00" in up and "−1.00" in down and "13.0" in last


def test_what_did_not_move_and_what_has_no_causes_is_not_drawn() -> None:
    assert waterfalls(made()) == []
    assert (
        waterfalls(made(value=parts(demand=1.0, policy=-1.0), offload=parts(demand=0.1, total=0.1)))[0].name
        == "Offload"
    )
    assert waterfalls(made(requested_bytes=parts(demand=1e9, total=1e9))) == []


def test_the_page_of_a_run_with_itself_has_no_ways_and_no_addresses(planned: Path, tmp_path: Path) -> None:
    answer = compare_step(planned, planned, [])
    answer["notes"] = ["<b>a note</b>"]
    answer["a"]["synthetic"] = answer["b"]["synthetic"] = "SYNTHETIC <data>"
    write_compare_page(answer, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<svg" not in text and "://" not in text
    assert text.count('<p class="banner">SYNTHETIC &lt;data&gt;</p>') == 1
    assert "&lt;b&gt;a note" in text and "<b>a note" not in text
    assert all(f'<tr><th scope="row">{cache}</th>' in text for cache in ("mid", "fr1", "de1"))
