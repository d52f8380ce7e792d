"""`explain` finds the run, the names and the tables as the plan had them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan.runs import read_run
from fillplan.workflow.explaining import explain_step
from fillplan.workflow.steps import plan_step, publish_step
from fillplan_data.errors import NotFound, VerificationFailed

from ..conftest import PLAN_DATE
from ..test_explanation import asked


def test_the_inventory_is_the_one_that_was_planned_with(planned: Path) -> None:
    """After publication the caches fill, and the inventory table follows; the reasons stay those of the plan."""
    before = asked(planned, "de1", "m1v")
    (planned / "input" / "inventory.csv").write_text("cache_id,asset_id\nde1,m1v\n")
    assert asked(planned, "de1", "m1v") == before
    assert before["action"] == "add"


def test_unknown_names_are_answered_with_the_nearest(planned: Path) -> None:
    with pytest.raises(NotFound, match=r"a cache, found 'DE1'; the nearest known: de1$"):
        asked(planned, "DE1", "m1v")
    with pytest.raises(NotFound, match=r"an asset, found 'm1vv'; the nearest known: m1v"):
        asked(planned, "de1", "m1vv")
    with pytest.raises(NotFound, match=r"'\?'; known: (\w+, ){6}\w+$"):
        asked(planned, "de1", "?")


def test_every_row_of_a_plan_is_explained_in_line_with_it(night_workspace: Path) -> None:
    """Held rows have reasons for holding, the forecast is there for every region that asks."""
    folder = next((night_workspace / "runs").glob("????-??-??"))
    rows = read_run(folder).plan().rows.sample(12, random_state=1)
    for row in rows.itertuples():
        found = asked(night_workspace, str(row.cache_id), str(row.asset_id))
        assert (found["held"], found["action"]) == (row.action != "evict", row.action)
        assert (found["reason"] in ("pinned", "worth", "main_audio", "room", "whole_files")) or not found["held"]
        assert all(region["view_hours"] >= 0 for region in found["demand"] if region["requested_bytes"] > 0)


def test_a_plan_without_any_row_is_explained_too(small_workspace: Path, tmp_path: Path) -> None:
    for name in ("inventory", "pins"):
        (small_workspace / "input" / f"{name}.csv").unlink()
    nothing = pd.DataFrame({"region": ["FR"], "asset_id": ["m1v"], "expected_bytes": [0.0]})
    nothing.to_parquet(tmp_path / "nothing.parquet", index=False)
    plan_step(small_workspace, PLAN_DATE, tmp_path / "nothing.parquet")
    assert asked(small_workspace, "fr1", "m1v")["reason"] == "no_demand"


def test_the_latest_run_is_the_one_meant_and_another_is_told_of(planned: Path) -> None:
    assert explain_step(planned, PLAN_DATE, "de1", "m1fr") == explain_step(planned, None, "de1", "m1fr")
    with pytest.raises(NotFound, match="2026-03-01"):
        explain_step(planned, date(2026, 3, 1), "de1", "m1fr")


def test_nothing_is_written(planned: Path) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in planned.rglob("*") if path.is_file()}

    before = files()
    asked(planned, "mid", "m1v")
    assert files() == before


def test_a_run_of_other_tables_is_refused(
    planned: Path, rewrite: Callable[[Path, str, Callable[[pd.DataFrame], pd.DataFrame]], None]
) -> None:
    rewrite(planned, "assets", lambda frame: frame[frame["asset_id"] != "m1v"])
    rewrite(planned, "pins", lambda frame: frame[frame["asset_id"] != "m1v"])
    with pytest.raises(VerificationFailed, match=r"expected an asset_id of the assets table, found m1v\. Tab"):
        explain_step(planned, PLAN_DATE, "de1", "m2v")
    with pytest.raises(VerificationFailed, match=r"plan that date again"):
        publish_step(planned, PLAN_DATE)
