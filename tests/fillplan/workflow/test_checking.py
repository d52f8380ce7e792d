"""`check`: faults and warnings apart, and the rows of what could be read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan.stages import Stages
from fillplan.workflow.checking import check_workspace
from fillplan.workflow.inputs import FOR_PLAN, load_inputs
from fillplan_data.errors import NotFound, SettingsError

Rewrite = Callable[[Path, str, Callable[[pd.DataFrame], pd.DataFrame]], None]


def test_a_good_workspace_has_rows_and_no_faults(small_workspace: Path) -> None:
    found = check_workspace(small_workspace, None)
    assert found.faults == ()
    sizes = {"assets": 7, "availability": 2, "caches": 3, "inventory": 3, "pins": 3, "titles": 3, "views": 14}
    assert found.rows == sizes and list(found.rows) == sorted(sizes)


def test_warnings_alone_keep_the_rows(small_workspace: Path) -> None:
    found = check_workspace(small_workspace, None)
    assert ("inventory", 4) in {(warning.table, warning.row) for warning in found.warnings}, "nobody knows that file"
    assert {warning.severity for warning in found.warnings} == {"warning"}
    assert found.rows["inventory"] == 3


@pytest.mark.parametrize(("horizon_days", "evicted"), [(7, True), (8, False)])
def test_what_is_evicted_is_told_by_the_horizon_of_the_settings(
    small_workspace: Path, rewrite: Rewrite, horizon_days: int, evicted: bool
) -> None:
    """m2, which de1 holds, opens on the eighth day."""
    rewrite(small_workspace, "availability", lambda frame: frame.assign(start_date=["2026-03-15", "2026-01-01"]))
    (small_workspace / "fillplan.toml").write_text(f"[plan]\nhorizon_days = {horizon_days}\n")
    for warnings in (
        check_workspace(small_workspace, None).warnings,
        load_inputs(small_workspace, FOR_PLAN, None, Stages("test")).warnings,
    ):
        assert (("inventory", 3) in {(warning.table, warning.row) for warning in warnings}) == evicted


def test_faults_and_warnings_of_other_tables_are_told_apart(small_workspace: Path, rewrite: Rewrite) -> None:
    rewrite(small_workspace, "views", lambda frame: frame.assign(view_hours=["-1", *frame["view_hours"][1:]]))
    found = check_workspace(small_workspace, None)
    assert [(fault.table, fault.row, fault.found) for fault in found.faults] == [("views", 2, "-1")]
    assert all(warning.severity == "warning" for warning in found.warnings)
    assert found.rows == {}


@pytest.mark.parametrize("table", ["titles", "assets", "caches", "views"])
def test_tables_that_a_night_needs_must_be_there(small_workspace: Path, table: str) -> None:
    (small_workspace / "input" / f"{table}.csv").unlink()
    assert table in {fault.table for fault in check_workspace(small_workspace, None).faults}


def test_rows_from_the_plan_date_on_are_not_counted(small_workspace: Path) -> None:
    assert check_workspace(small_workspace, date(2026, 3, 5)).rows["views"] == 2 * 4


def test_settings_are_read_before_the_tables(small_workspace: Path) -> None:
    (small_workspace / "fillplan.toml").write_text("[plan]\nhorizon_day = 3\n")
    with pytest.raises(SettingsError, match="horizon_day"):
        check_workspace(small_workspace, None)
    with pytest.raises(NotFound):
        check_workspace(small_workspace / "nowhere", None)
