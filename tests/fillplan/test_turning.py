"""At what demand a decision turns: what is said was planned, and `whatif` plans the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fillplan import turning
from fillplan.cli.app import run
from fillplan.stages import Stages
from fillplan.turning import CLOSE, REACH, turn
from fillplan.workflow import explaining
from fillplan.workflow.sides import side_of
from fillplan.workflow.steps import plan_step
from fillplan.workflow.whatif import whatif
from fillplan_data.errors import SolverFailure

from .conftest import PLAN_DATE
from .test_explanation import asked


@pytest.mark.parametrize("at", [1.01, 1.5, 3.0, 15.9, 1 / 1.01, 0.5, 0.07])
def test_a_turn_lies_between_two_factors_that_were_tried(at: float) -> None:
    seen: dict[float, bool] = {}

    def stays(factor: float) -> bool:
        seen[factor] = factor < at if at > 1 else factor > at
        return seen[factor]

    stands, turns = turn(stays, REACH if at > 1 else 1 / REACH)
    assert turns is not None
    assert min(stands, turns) <= at <= max(stands, turns) <= CLOSE * min(stands, turns)
    assert seen[turns] is False and (stands == 1.0 or seen[stands])
    assert all(float(f"{factor:.3g}") == factor for factor in seen), "what is told is what was tried"
    assert len(seen) <= 7


def test_what_no_demand_in_reach_turns_takes_one_plan() -> None:
    tried: list[float] = []
    assert turn(lambda factor: tried.append(factor) is None, REACH) == (REACH, None)
    assert tried == [REACH]


@pytest.fixture
def rivals(small_workspace: Path) -> Path:
    """One cache with room for one of two films: m1 is worth 1,500 there, m2 600, and both take as much room."""
    tables = small_workspace / "input"
    for name in ("inventory", "pins", "availability"):
        (tables / f"{name}.csv").unlink()
    caches = pd.read_csv(tables / "caches.csv", dtype=str, keep_default_na=False)
    caches = caches[caches["cache_id"] == "fr1"].assign(
        parent_id="", region_share="1", storage_bytes="1000", fill_rate_bps="80", serve_rate_bps="", fill_cost_per_gb=""
    )
    caches.to_csv(tables / "caches.csv", index=False)
    assets = pd.read_csv(tables / "assets.csv", dtype=str, keep_default_na=False)
    assets[assets["kind"] == "video"].assign(size_bytes="900").to_csv(tables / "assets.csv", index=False)
    wanted = pd.DataFrame({"region": ["FR", "FR"], "asset_id": ["m1v", "m2v"], "expected_bytes": [1500.0, 600.0]})
    wanted.to_parquet(small_workspace / "wanted.parquet", index=False)
    plan_step(small_workspace, PLAN_DATE, small_workspace / "wanted.parquet")
    return small_workspace


def test_two_rivals_for_one_place_turn_where_they_are_worth_the_same(
    rivals: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, into = asked(rivals, "fr1", "m2v"), asked(rivals, "fr1", "m1v")
    assert (out["held"], into["held"]) == (False, True)
    assert out["demand_tried"]["stands_at"] <= 2.5 <= out["demand_tried"]["turns_at"] <= 2.5 * CLOSE
    assert into["demand_tried"]["stands_at"] >= 0.4 >= into["demand_tried"]["turns_at"] >= 0.4 / CLOSE
    (change,) = (change for change in out["would_change"] if change["what"] == "demand")
    assert change["factor"] == out["demand_tried"]["turns_at"]
    assert f"{change['factor']:.3g} times the demand for it (planned anew, the cache holds it" in change["says"]
    monkeypatch.setattr(turning, "REACH", 2.0)
    far = asked(rivals, "fr1", "m2v")
    assert far["demand_tried"] == {"stands_at": 2.0, "turns_at": None}
    assert "demand" not in [change["what"] for change in far["would_change"]]
    assert run(["explain", str(rivals), "--cache", "fr1", "--asset", "m2v"]) == 0
    assert "would not change it: 2 times the demand for it (planned anew)" in capsys.readouterr().out


def test_what_cannot_be_planned_anew_stays_an_estimate(rivals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def estimated(found: dict[str, Any]) -> bool:
        says = next(change["says"] for change in found["would_change"] if change["what"] == "demand")
        return found["demand_tried"] is None and "by prices as they stand" in says

    def fail(*_: object) -> None:
        raise SolverFailure("no")

    with monkeypatch.context() as patched:
        patched.setattr(explaining, "with_turn", fail)
        assert estimated(asked(rivals, "fr1", "m2v"))
    titles = rivals / "input" / "titles.csv"
    titles.write_text(titles.read_text().replace("One", "Won"))
    assert estimated(asked(rivals, "fr1", "m2v")), "the plan is not of these tables"


def test_whatif_plans_the_same(night_copy: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(next((night_copy / "runs").glob("*/plan.parquet")))
    evicted, told = rows[rows["action"] == "evict"], 0
    for row in pd.concat([evicted.head(15), rows[rows["action"] == "keep"].sample(15, random_state=3)]).itertuples():
        found = asked(night_copy, str(row.cache_id), str(row.asset_id))
        tried = found["demand_tried"]
        if tried is None or tried["turns_at"] is None:
            continue
        told += 1
        for factor, holds in ((tried["stands_at"], found["held"]), (tried["turns_at"], not found["held"])):
            (tmp_path / "q.toml").write_text(
                '[[scenario]]\nname = "x"\n[[scenario.override]]\nkind = "demand"\n'
                f'files = {{ asset_id = "{row.asset_id}" }}\nscale = {factor}\n'
            )
            made = side_of(whatif(night_copy, tmp_path / "q.toml", None).folder, Stages("test")).run.plan().rows
            here = made[(made["cache_id"] == row.cache_id) & (made["asset_id"] == row.asset_id)]
            assert (here["action"] != "evict").any() == holds
        if told == 2:
            break
    assert told == 2
