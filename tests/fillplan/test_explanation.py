"""`explain`, from a run's files and the tables back to demand, price and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fillplan import turning
from fillplan.cli.app import run
from fillplan.runs import read_run
from fillplan.workflow.explaining import explain_step
from fillplan_data.errors import NotFound


def asked(folder: Path, cache: str, asset: str) -> dict[str, Any]:
    return explain_step(folder, None, cache, asset)


@pytest.mark.parametrize(
    ("cache", "asset", "reason", "action"),
    [
        ("de1", "m1fr", "pinned", "add"),
        ("fr1", "m1v", "blocked", "none"),
        ("fr1", "m1en", "blocked", "evict"),
        ("de1", "m3v", "rights", "none"),
        ("de1", "m2es", "no_demand", "none"),
        ("mid", "m1v", "pinned", "add"),
    ],
)
def test_reasons_by_hand(planned: Path, cache: str, asset: str, reason: str, action: str) -> None:
    found = asked(planned, cache, asset)
    assert (found["reason"], found["action"], found["held"]) == (reason, action, action in ("add", "keep"))


def test_demand_is_traced_to_regions_and_to_the_cache(planned: Path) -> None:
    found = asked(planned, "mid", "m1v")
    assert found["requested_bytes"] == pytest.approx(800), "fr1's clients are 80 % of FR"
    by_region = {row["region"]: row for row in found["demand"]}
    assert by_region["FR"] == {
        "region": "FR",
        "requested_bytes": 1000.0,
        "share_asking_here": 0.8,
        "view_hours": None,
        "cold": None,
    }
    assert (found["title"], found["kind"], found["bitrate_kbps"], found["language"]) == ("One", "video", 2000, None)


def test_what_lies_outside_its_window_says_when_it_opens(planned: Path) -> None:
    table = planned / "input" / "availability.csv"
    table.write_text(table.read_text() + "m3,DE,2026-06-01,\n")
    found = asked(planned, "de1", "m3v")
    assert "2026-06-01" in found["would_change"][0]["says"]
    assert found["changed_tables"] == ["availability"]


def test_a_turn_of_demand_is_told_for_the_estimate_that_it_is(
    night_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turning, "MOST_PAIRS", 0)
    folder = next((night_workspace / "runs").glob("????-??-??"))
    rows = read_run(folder).plan().rows
    priced = (asked(night_workspace, str(row.cache_id), str(row.asset_id)) for row in rows.itertuples())
    turns = (change for found in priced for change in found["would_change"] if change["what"] == "demand")
    change = next(turns)
    assert f"about {change['factor']:.2f} times what is expected, by prices as they stand" in change["says"]


def test_a_cache_that_came_after_the_plan_is_told_apart(planned: Path) -> None:
    table = planned / "input" / "caches.csv"
    like = next(row for row in table.read_text().splitlines() if row.startswith("de1"))
    table.write_text(table.read_text() + like.replace("de1", "at1").replace("DE", "") + "\n")
    assert asked(planned, "de1", "m1v")["cache"]["cache_id"] == "de1"
    with pytest.raises(NotFound, match="a plan with cache at1, found one made without it"):
        asked(planned, "at1", "m1v")


def test_what_would_change_it_says_whether_that_is_enough(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody watches the asset: without its block it would still not be held."""
    (planned / "input" / "pins.csv").write_text("cache_id,asset_id,title_id,rule\nde1,m2es,,block\n")
    assert [(change["what"], change["alone"]) for change in asked(planned, "de1", "m2es")["would_change"]] == [
        ("pins", False)
    ]
    assert run(["explain", str(planned), "--cache", "de1", "--asset", "m2es"]) == 0
    assert "not alone: delete the block" in capfd.readouterr().out


def test_the_command_prints_one_object_or_a_page(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = ["explain", str(planned), "--cache", "de1", "--asset", "m1v"]
    assert run([*command, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["reason"] == "pinned"
    assert run(command) == 0
    page = capfd.readouterr().out
    assert "a pin asks for it" in page and "delete the pin" in page
    assert run(["explain", str(planned), "--cache", "nope", "--asset", "m1v"]) == NotFound.exit_code
