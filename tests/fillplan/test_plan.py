"""The plan's rows: actions, fill order, sources, figures."""

import dataclasses
import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from fillplan.plan import COLUMNS, Plan, make_plan
from fillplan.problem import build_problem
from fillplan.settings import PlanSettings
from fillplan_data.errors import VerificationFailed
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import serve

from .conftest import PLAN_DATE


def placed(problem: PlacementProblem, wanted: dict[str, list[str]]) -> Placement:
    ids = problem.file_ids
    return Placement(
        tuple(np.array(sorted(ids.index(a) for a in wanted.get(c, [])), dtype=np.int64) for c in problem.cache_ids)
    )


def plan_of(tables: Tables, problem: PlacementProblem, placement: Placement) -> Plan:
    return make_plan(tables, problem, placement, serve(problem, placement))


WANTED = {"mid": ["m1v", "m1fr", "m2v"], "fr1": [], "de1": ["m1v", "m1fr", "m2v", "m2de"]}


@pytest.fixture
def rows(small_tables: Tables, problem: PlacementProblem) -> pd.DataFrame:
    return plan_of(small_tables, problem, placed(problem, WANTED)).rows.astype({"cache_id": str, "asset_id": str})


def test_columns_are_the_contracts(rows: pd.DataFrame) -> None:
    assert tuple(rows.columns) == COLUMNS


def test_a_plan_of_nothing_is_stored_in_the_same_types(small_tables: Tables, problem: PlacementProblem) -> None:
    bare = dataclasses.replace(problem, held=tuple(held[:0] for held in problem.held))
    tables = dataclasses.replace(small_tables, inventory=small_tables.inventory.iloc[:0])
    stored = [io.BytesIO(), io.BytesIO()]
    plan_of(tables, bare, placed(bare, {})).rows.to_parquet(stored[0], index=False)
    plan_of(small_tables, problem, placed(problem, WANTED)).rows.to_parquet(stored[1], index=False)
    none, some = (pq.read_schema(file).remove_metadata() for file in stored)
    assert none == some


def test_every_inventory_row_is_kept_or_evicted(rows: pd.DataFrame) -> None:
    actions = {(r.cache_id, r.asset_id): r.action for r in rows.itertuples()}
    assert actions["fr1", "m1en"] == "evict"
    assert actions["de1", "m2v"] == "keep"
    assert actions["de1", "ghost"] == "evict", "unknown to the catalogue"
    assert actions["de1", "m2de"] == "add"
    assert len(actions) == len(rows) == 3 + 1 + 5


def test_unknown_files_have_no_size(rows: pd.DataFrame) -> None:
    assert rows.loc[rows["asset_id"] == "ghost", "size_bytes"].isna().all()
    assert rows.loc[rows["asset_id"] != "ghost", "size_bytes"].notna().all()


def test_only_adds_have_priority_and_source(rows: pd.DataFrame) -> None:
    added = rows["action"] == "add"
    assert rows.loc[added, ["priority", "source"]].notna().all(axis=None)
    assert rows.loc[~added, ["priority", "source"]].isna().all(axis=None)
    for _, fill in rows[added].groupby("cache_id"):
        assert sorted(fill["priority"]) == list(range(1, len(fill) + 1))


def test_pins_are_filled_first(rows: pd.DataFrame) -> None:
    fill = rows[(rows["cache_id"] == "de1") & (rows["action"] == "add")].sort_values("priority")
    assert list(fill["asset_id"]) == ["m1v", "m1fr", "m2de"] or list(fill["asset_id"]) == ["m1fr", "m1v", "m2de"]


def test_main_audio_goes_before_its_video(small_tables: Tables, small_demand: AssetDemand) -> None:
    tables = dataclasses.replace(
        small_tables, pins=small_tables.pins.iloc[:0], inventory=small_tables.inventory.iloc[:0]
    )
    problem = build_problem(tables, small_demand, PLAN_DATE, PlanSettings())
    fill = plan_of(tables, problem, placed(problem, {"de1": ["m2v", "m2de"]})).rows
    order = fill[fill["cache_id"] == "de1"].sort_values("priority")
    # the video is worth more per byte than its audio (600/800 against 40/40 is less: so force it the other way)
    assert list(order["asset_id"]) == ["m2de", "m2v"]


def test_source_is_the_parent_if_it_holds_the_file(rows: pd.DataFrame) -> None:
    source = {(r.cache_id, r.asset_id): r.source for r in rows.itertuples() if r.action == "add"}
    assert source["de1", "m1v"] == "mid"
    assert source["de1", "m2de"] == "origin", "the parent does not hold it"
    assert source["mid", "m1v"] == "origin"


def test_values_add_up(rows: pd.DataFrame, problem: PlacementProblem) -> None:
    placement = placed(problem, WANTED)
    service = serve(problem, placement)
    cost = 0.1e-9 * (900 + 60 + 40)
    assert rows["value"].sum() == pytest.approx(service.total_worth - cost)
    assert rows["expected_bytes"].sum() == pytest.approx(service.total_bytes)
    assert (rows.loc[rows["action"] == "evict", ["value", "expected_bytes"]] == 0).all(axis=None)


def test_placement_is_read_back(small_tables: Tables, problem: PlacementProblem) -> None:
    placement = placed(problem, WANTED)
    back = plan_of(small_tables, problem, placement).placement(problem)
    assert [f.tolist() for f in back.files] == [f.tolist() for f in placement.files]


@pytest.mark.parametrize("lost", ["cache_ids", "file_ids"])
def test_a_placement_on_other_tables_is_refused(small_tables: Tables, problem: PlacementProblem, lost: str) -> None:
    """What a lost cache held must not be counted as held by another one."""
    plan = plan_of(small_tables, problem, placed(problem, WANTED))
    others = tuple(f"other-{name}" for name in getattr(problem, lost))
    with pytest.raises(VerificationFailed, match=r"the plan has \w+ hold \w+, found tables that do not know both"):
        plan.placement(dataclasses.replace(problem, **{lost: others}))


def test_empty_plan(small_tables: Tables, small_demand: AssetDemand) -> None:
    tables = dataclasses.replace(
        small_tables, pins=small_tables.pins.iloc[:0], inventory=small_tables.inventory.iloc[:0]
    )
    problem = build_problem(tables, small_demand, PLAN_DATE, PlanSettings())
    plan = plan_of(tables, problem, placed(problem, {}))
    assert plan.rows.empty
    assert tuple(plan.rows.columns) == COLUMNS
