"""The last good plan repaired for tonight's tables, in a workspace reckoned by hand."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan.runs import Run
from fillplan.stages import Stages
from fillplan.workflow.demand import Demand
from fillplan.workflow.fallback import STATUS, fall_back, only_held_by
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, Inputs, load_inputs
from fillplan.workflow.placing import Planned, place_and_plan
from fillplan.workflow.steps import plan_step
from fillplan_data.errors import Infeasible
from fillplan_optimizer.problem import PlacementProblem

from ..conftest import PLAN_DATE

NEXT = PLAN_DATE + timedelta(days=1)
ASKED = [("FR", "m1v", 1000.0), ("FR", "m1fr", 100.0), ("DE", "m2v", 600.0), ("DE", "m2de", 40.0)]
Rewrite = Callable[[Path, str, Callable[[pd.DataFrame], pd.DataFrame]], None]


def left(problem: PlacementProblem) -> dict[str, set[str]]:
    """What each cache may still hold."""
    found = {}
    for cache, name in enumerate(problem.cache_ids):
        free = np.ones(problem.file_count, dtype=np.bool_)
        free[problem.blocked[cache]] = False
        found[name] = {problem.file_ids[file] for file in np.flatnonzero(free)}
    return found


def rows_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cache_id", "asset_id", "action"]).astype("category")


def test_what_was_not_held_is_blocked_but_pins_and_main_audios(problem: PlacementProblem) -> None:
    rows = rows_of(
        ("de1", "m2v", "keep"),
        ("de1", "m2es", "evict"),
        ("mid", "m2de", "add"),
        ("mid", "gone", "keep"),
        ("gone", "m3v", "keep"),
        ("fr1", "m1en", "keep"),
    )
    # m1v is pinned everywhere and m1fr its main audio, but fr1 blocks the title; m2v brings its own, m2de, along
    assert left(only_held_by(rows, problem)) == {
        "mid": {"m1v", "m1fr", "m2de"},
        "fr1": set(),
        "de1": {"m1v", "m1fr", "m2v", "m2de"},
    }


def test_of_a_plan_that_held_nothing_the_pins_are_left(problem: PlacementProblem) -> None:
    narrowed = only_held_by(rows_of(("de1", "m2v", "evict")), problem)
    assert left(narrowed) == {"mid": {"m1v", "m1fr"}, "fr1": set(), "de1": {"m1v", "m1fr"}}
    assert narrowed.demand_bytes is problem.demand_bytes and narrowed.pinned is problem.pinned


@pytest.fixture
def last(small_workspace: Path) -> Run:
    """A plan for the day before, made for a demand by hand."""
    path = small_workspace / "demand.parquet"
    pd.DataFrame(ASKED, columns=["region", "asset_id", "expected_bytes"]).to_parquet(path, index=False)
    return plan_step(small_workspace, PLAN_DATE, path).run


def tonight(workspace: Path) -> Inputs:
    return load_inputs(workspace, FOR_GIVEN_DEMAND, NEXT, Stages("test"))


def fallen_back(workspace: Path, last: Run) -> tuple[Planned, Demand]:
    return fall_back(tonight(workspace), last, Stages("test"))


def held(rows: pd.DataFrame) -> set[tuple[str, str]]:
    kept = rows[rows["action"] != "evict"]
    return set(zip(kept["cache_id"].astype(str), kept["asset_id"].astype(str), strict=True))


def test_where_nothing_changed_the_plan_stays_and_says_what_it_is(small_workspace: Path, last: Run) -> None:
    planned, demand = fallen_back(small_workspace, last)
    assert held(planned.plan.rows) == held(last.plan().rows)
    assert demand.model == {"name": STATUS, "plan_of": "2026-03-08"}
    assert demand.forecast is None
    assert planned.summary["status"] == planned.result.solver == STATUS
    assert planned.summary["plan_date"] == "2026-03-09"
    assert planned.result.value == pytest.approx(last.summary["value"])
    rows = demand.assets.to_frame()
    told = set(zip(rows["region"].astype(str), rows["asset_id"].astype(str), rows["expected_bytes"], strict=True))
    assert told == set(ASKED)


def test_nothing_new_comes_in_and_the_bound_is_that_of_all_plans(small_workspace: Path, last: Run) -> None:
    rows = last.plan().rows
    rows[rows["asset_id"] != "m2v"].to_parquet(last.folder / "plan.parquet", index=False)
    planned, demand = fallen_back(small_workspace, last)
    best = place_and_plan(tonight(small_workspace), demand, Stages("test"))
    assert "m2v" in {asset for _, asset in held(best.plan.rows)}
    assert "m2v" not in {asset for _, asset in held(planned.plan.rows)}
    assert planned.result.value < best.result.value <= planned.result.bound
    assert planned.result.status == "feasible"
    proven = [group["bound"] for group in planned.summary["groups"]]
    assert sum(proven) == planned.result.bound, "questions go by the proofs of groups"
    assert sum(group["value"] for group in planned.summary["groups"]) == planned.result.value


def test_prices_are_those_of_all_that_might_be_held(small_workspace: Path, last: Run) -> None:
    rows = last.plan().rows
    rows[rows["asset_id"] != "m2v"].to_parquet(last.folder / "plan.parquet", index=False)
    planned, _ = fallen_back(small_workspace, last)
    prices = {c["cache_id"]: (c["storage_price"], c["fill_price"]) for c in planned.summary["caches"]}
    assert max(prices["de1"]) > 0, "m2v is asked for there, and has no room"


def test_rights_files_and_regions_are_those_of_tonight(small_workspace: Path, last: Run, rewrite: Rewrite) -> None:
    assert {asset for _, asset in held(last.plan().rows)} >= {"m1v", "m1fr", "m2v", "m2de"}
    rewrite(small_workspace, "availability", lambda frame: frame.assign(end_date=PLAN_DATE.isoformat()))
    rewrite(small_workspace, "assets", lambda frame: frame[frame["asset_id"] != "m1fr"])
    rewrite(small_workspace, "pins", lambda frame: frame[frame["asset_id"] != "m1fr"])
    demand_path = last.folder / "demand.parquet"
    strange = pd.DataFrame([("XX", "m1v", 5.0)], columns=["region", "asset_id", "expected_bytes"])
    known = pd.DataFrame(ASKED, columns=list(strange))
    pd.concat([known, strange]).astype({"region": "category", "asset_id": "category"}).to_parquet(demand_path)
    planned, demand = fallen_back(small_workspace, last)
    # m2 has no rights left, m1fr is gone, and with it m1en is the main audio
    assert held(planned.plan.rows) == {(cache, file) for cache in ("mid", "de1") for file in ("m1v", "m1en")}
    assert demand.assets.expected_bytes.sum() == 1000.0 + 600.0 + 40.0


def test_where_the_pins_no_longer_fit_there_is_no_fallback(small_workspace: Path, last: Run, rewrite: Rewrite) -> None:
    rewrite(small_workspace, "caches", lambda frame: frame.assign(storage_bytes="899"))
    with pytest.raises(Infeasible, match="899"):
        fallen_back(small_workspace, last)
