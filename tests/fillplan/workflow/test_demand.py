"""Demand from a forecast or from a file: bytes, where they come from, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fillplan.model_store import list_models, promote
from fillplan.runs import Run, sha256_of
from fillplan.stages import Stages
from fillplan.workflow.base import Base
from fillplan.workflow.demand import (
    Demand,
    _read_demand,
    demand_of,
    demand_of_run,
    forecast_demand,
    given_demand,
    provenance,
)
from fillplan.workflow.inputs import FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan.workspace import Workspace
from fillplan_data.errors import InputFaults, ModelError, NotFound, VerificationFailed

from ..conftest import PLAN_DATE

ROWS = [("FR", "m1v", 1000.0), ("DE", "m2v", 600.0)]


def load(root: Path, method: str = "recent_mean") -> Inputs:
    (root / "fillplan.toml").write_text(f'[forecast]\nmethod = "{method}"\n')
    return load_inputs(root, FOR_PLAN, PLAN_DATE, Stages("test"))


def given(root: Path, *rows: tuple[object, ...]) -> Demand:
    path = root / "given.parquet"
    pd.DataFrame(rows, columns=["region", "asset_id", "expected_bytes"]).to_parquet(path, index=False)
    return given_demand(load(root), path, Stages("test"))


def test_hours_become_bytes_of_the_files_that_are_watched(small_workspace: Path) -> None:
    inputs = load(small_workspace)
    forecast = forecast_demand(inputs, Stages("test"))
    demand = demand_of(inputs, forecast, Stages("test"))
    frame = demand.assets.to_frame().set_index(["region", "asset_id"])["expected_bytes"]
    # one-hour titles: seven days of nine hours of m1 in FR, 900 B an hour, and five of m2 in DE, 800 B
    assert frame["FR", "m1v"] == pytest.approx(7 * 9 * 900, rel=1e-6)
    assert frame["DE", "m2v"] == pytest.approx(7 * 5 * 800, rel=1e-6)
    assert demand.model == {"name": "recent_mean"} and demand.forecast is forecast


def test_who_asks_for_a_model_alone_is_told_how_to_get_one(small_workspace: Path) -> None:
    with pytest.raises(ModelError, match="fillplan train"):
        forecast_demand(load(small_workspace, "model"), Stages("test"))
    assert not forecast_demand(load(small_workspace, "auto"), Stages("test")).method.startswith("boosted")


def test_a_model_is_named_with_its_date_and_digest(night_copy: Path, base: Base) -> None:
    workspace = Workspace(night_copy)
    (model,) = list_models(workspace)
    promote(workspace, model.name)
    inputs = replace(base.inputs, workspace=workspace)
    assert provenance(inputs, replace(base.forecast, method="boosted:quick")) == {
        "name": "boosted:quick",
        "trained_for": model.name,
        "sha256": sha256_of(workspace.models / model.name / "model.json"),
    }
    assert provenance(inputs, replace(base.forecast, method="ewma")) == {"name": "ewma"}


def test_given_bytes_are_taken_as_they_are(small_workspace: Path) -> None:
    demand = given(small_workspace, *ROWS)
    frame = demand.assets.to_frame()
    assert frame["expected_bytes"].sum() == 1600.0 and demand.forecast is None
    assert (demand.model, demand.warnings) == ({"name": "given", "file": "given.parquet"}, ())
    with pytest.raises(NotFound, match=r"expected a demand\.parquet"):
        given_demand(load(small_workspace), small_workspace / "none.parquet", Stages("test"))


def test_exact_copies_count_once_with_a_warning(small_workspace: Path) -> None:
    demand = given(small_workspace, *ROWS, *ROWS)
    assert demand.assets.expected_bytes.sum() == 1600.0
    assert [(warning.row, warning.severity) for warning in demand.warnings] == [(3, "warning"), (4, "warning")]


def test_every_fault_is_told_at_once_with_its_row(small_workspace: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        given(small_workspace, *ROWS, ("XX", "m1v", 1.0), ("DE", "m9", 1.0), ("DE", "m1v", -1.0), ("FR", "m1v", 2.0))
    told = [(fault.row, fault.column, fault.found) for fault in caught.value.faults]  # type: ignore[attr-defined]
    assert told == [
        (3, "region", "XX"),
        (4, "asset_id", "m9"),
        (5, "expected_bytes", "-1"),
        (6, "asset_id", "m1v"),
    ]
    assert str(caught.value).startswith("4 faults in the demand file:")


@pytest.mark.parametrize(("count", "entries"), [(20, 20), (21, 21), (1_000, 21)])
def test_many_faults_of_one_kind_are_counted(small_workspace: Path, count: int, entries: int) -> None:
    with pytest.raises(InputFaults, match=rf"^{count:,} fault") as caught:
        given(small_workspace, *[("DE", f"x{n}", 1.0) for n in range(count)])
    faults = caught.value.faults
    assert len(faults) == entries
    assert sum(fault.count for fault in faults) == count  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["2026-01-01", True, -1.0, 1e300, float("nan"), pd.Timestamp(2026, 1, 1)])
def test_nonsense_numbers_are_refused(small_workspace: Path, value: object) -> None:
    with pytest.raises(InputFaults) as caught:
        given(small_workspace, ("FR", "m1v", value))
    assert {fault.column for fault in caught.value.faults} == {"expected_bytes"}  # type: ignore[attr-defined]


def test_only_given_demand_can_be_too_much(small_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tables within their bounds have made a run of must be published, too."""
    tables, run = load(small_workspace).tables, Run(small_workspace, {})
    for number in (1e24, np.inf):
        row = pd.DataFrame({"region": ["FR"], "asset_id": ["m1v"], "expected_bytes": [number]})
        monkeypatch.setattr(Run, "demand", lambda _, row=row: row)
        if np.isfinite(number):
            assert demand_of_run(run, tables).expected_bytes.sum() == number
        else:
            with pytest.raises(VerificationFailed, match="expected_bytes"):
                demand_of_run(run, tables)
        with pytest.raises(InputFaults):
            given(small_workspace, ("FR", "m1v", number))


def test_without_views_any_region_may_ask(small_workspace: Path) -> None:
    with pytest.raises(InputFaults):
        given(small_workspace, ("AT", "m1v", 5.0))
    views = small_workspace / "input" / "views.csv"
    views.write_text(views.read_text().splitlines()[0] + "\n")
    path = small_workspace / "given.parquet"
    inputs = load_inputs(small_workspace, FOR_GIVEN_DEMAND, PLAN_DATE, Stages("test"))
    assert given_demand(inputs, path, Stages("test")).assets.regions == ("AT", "DE", "FR")


@pytest.mark.parametrize("region", [None, "", "../AT", "A T"])
def test_without_views_a_region_is_still_an_id(small_workspace: Path, region: str | None) -> None:
    views = small_workspace / "input" / "views.csv"
    views.write_text(views.read_text().splitlines()[0] + "\n")
    path = small_workspace / "given.parquet"
    rows = {"region": [region, "AT"], "asset_id": ["m1v", "m1v"], "expected_bytes": [5.0, 5.0]}
    pd.DataFrame(rows).to_parquet(path)
    inputs = load_inputs(small_workspace, FOR_GIVEN_DEMAND, PLAN_DATE, Stages("test"))
    with pytest.raises(InputFaults) as caught:
        given_demand(inputs, path, Stages("test"))
    assert [(f.row, f.column) for f in caught.value.faults] == [(1, "region")]  # type: ignore[attr-defined]


def test_missing_columns_and_no_parquet_are_told_by_name(tmp_path: Path) -> None:
    pd.DataFrame({"region": ["FR"]}).to_parquet(tmp_path / "few.parquet")
    with pytest.raises(InputFaults) as caught:
        _read_demand(tmp_path / "few.parquet")
    assert [f.column for f in caught.value.faults] == ["asset_id", "expected_bytes"]  # type: ignore[attr-defined]
    (tmp_path / "none.parquet").write_text("region,asset_id")
    with pytest.raises(InputFaults, match="a readable Parquet file"):
        _read_demand(tmp_path / "none.parquet")


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.binary(), pa.binary_view()], ids=str)
def test_ids_are_read_as_in_the_tables(tmp_path: Path, kind: pa.DataType) -> None:
    ids = pa.array(["7", None]).cast(kind)
    rows = {"region": ids, "asset_id": pa.array([7, 8]), "expected_bytes": [1, 2]}
    pq.write_table(pa.table(rows), tmp_path / "given.parquet")
    frame = _read_demand(tmp_path / "given.parquet")
    assert (list(frame["region"]), list(frame["asset_id"])) == (["7", ""], ["7", "8"])


@pytest.mark.parametrize(
    "ids", [pa.array([b"\xff"]), pa.array([2**31 - 1], pa.int32()).cast(pa.date32())], ids=["bytes", "date"]
)
def test_ids_of_a_type_that_cannot_be_meant_are_a_fault(tmp_path: Path, ids: pa.Array) -> None:
    pq.write_table(pa.table({"region": ids, "asset_id": ids, "expected_bytes": [1.0]}), tmp_path / "given.parquet")
    with pytest.raises(InputFaults) as caught:
        _read_demand(tmp_path / "given.parquet")
    assert [f.column for f in caught.value.faults] == ["region", "asset_id"]  # type: ignore[attr-defined]


def test_given_demand_is_distrusted_as_tables_are(tmp_path: Path) -> None:
    rows, path = 100_000, tmp_path / "given.parquet"
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"region": words, "asset_id": words, "expected_bytes": np.ones(rows)}), path)
    with pytest.raises(InputFaults) as told:
        _read_demand(path)
    assert "bytes of text in region" in told.value.faults[0].found  # type: ignore[attr-defined]
