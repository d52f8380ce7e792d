"""The page of a what-if answer: points told apart, curves over what has a plan, outages counted."""

from pathlib import Path
from typing import Any

import pytest

from fillplan.report.formats import NARROW
from fillplan.report.whatif_page import (
    rows,
    scenario_curves,
    several_demands,
    swept_texts,
    write_failures_page,
)

DIFFERENCE = {"value": 99.0, "offload": 0.1, "origin_bytes": -1e9, "fill_bytes": 2e9}


def point(value: float | None, plain: float | None = 1.0) -> dict[str, Any]:
    """A point; without a plan where plain is None."""
    difference = None if plain is None else DIFFERENCE
    return {"swept_value": value, "difference": difference, "plain_value_difference": plain}


def scenario(name: str, *points: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": "", "swept": "scale", "points": list(points)}


def test_no_two_points_of_a_scenario_are_called_alike() -> None:
    close = scenario("close", point(1.0001), point(1.0002))
    far = scenario("far", point(0.5), point(2.0))
    texts = swept_texts({"scenarios": [close, far]})
    assert texts["far", 0.5] == "0.5" and texts["far", 2.0] == "2"
    assert texts["close", 1.0001] != texts["close", 1.0002]


def test_a_row_per_point_with_an_id_of_its_own() -> None:
    found = rows({"scenarios": [scenario("plain", point(None)), scenario("swept", point(0.5), point(2.0))]})
    told = [(row["id"], row["name"], row["swept_text"]) for row in found]
    assert told == [("s0-0", "plain", "–"), ("s1-0", "swept", "0.5"), ("s1-1", "swept", "2")]
    assert rows({"scenarios": []}) == []


def test_curves_show_worth_without_policy_and_leave_out_what_has_no_plan() -> None:
    curves = scenario_curves(scenario("s", point(0.5, 3.0), point(1.0, None), point(2.0, -4.0)))
    assert [curve.name.split(",")[0] for curve in curves] == [
        "Value",
        "Offload",
        "Origin egress",
        "Fill tonight",
    ]
    value, offload, origin, _ = ([dot.words.replace(NARROW, " ") for dot in curve.dots] for curve in curves)
    assert len(value) == 2
    assert "+3.00" in value[0] and "−4.00" in value[1], "not the 99 that the policy counts"
    assert "+10.0 points" in offload[0] and "−1.00 GB" in origin[0]


def test_nothing_is_drawn_where_no_value_has_a_plan() -> None:
    assert scenario_curves(scenario("s", point(0.5, None))) == []


@pytest.mark.parametrize(("demands", "several"), [(["base"], False), (["base", "base"], False), (["base", "x"], True)])
def test_other_demand_is_known_by_its_name(demands: list[str], several: bool) -> None:
    assert several_demands({"plans": [{"demand_of": name} for name in demands]}) is several
    assert not several_demands(None)


def outage(name: str, lost: float, over: bool) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "cache",
        "caches": 1,
        "lost_value": lost,
        "lost_bytes": 1e9,
        "taken_over_bytes": 1e9,
        "served_bytes": 2e9,
        "overflows": [{"cache_id": "x", "over_bytes": 1e9}] if over else [],
        "takers": [],
        "regained_value": None,
    }


def failures(*outages: dict[str, Any]) -> dict[str, Any]:
    return {
        "plan_date": "2026-03-08",
        "horizon_days": 7,
        "what": "caches",
        "base": {"value": 10.0, "offload": 0.5, "origin_bytes": 1e9},
        "failures": list(outages),
        "replan": False,
        "robust": None,
        "notes": [],
    }


def test_outages_that_overload_a_cache_are_counted(tmp_path: Path) -> None:
    answer = failures(outage("<b>edge", 5.0, True), outage("mid", 3.0, False))
    write_failures_page(answer, tmp_path / "page.html", "SYNTHETIC")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<dd class="figure">1</dd><dd class="words">of 2:' in text
    assert '<p class="banner">SYNTHETIC</p>' in text
    assert "&lt;b&gt;edge" in text and "<b>edge" not in text


def test_a_page_without_outages_says_none(tmp_path: Path) -> None:
    write_failures_page(failures(), tmp_path / "page.html", None)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<dt>Worst outage</dt><dd class="figure">–</dd>' in text
    assert 'class="banner"' not in text
