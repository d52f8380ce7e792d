"""What a night may know: checked tables up to the plan date."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan.stages import Stages
from fillplan.workflow.inputs import FOR_DEMAND, FOR_GIVEN_DEMAND, FOR_PLAN, Inputs, load_inputs
from fillplan_data.errors import InputFaults, NotFound

from ..conftest import PLAN_DATE


def load(root: Path, needed: frozenset[str] = FOR_PLAN, day: date | None = None, leave_out: str = "") -> Inputs:
    return load_inputs(root, needed, day, Stages("test"), frozenset({leave_out} - {""}))


def test_the_night_after_the_last_views_is_planned_by_default(small_workspace: Path) -> None:
    inputs = load(small_workspace)
    assert inputs.plan_date == PLAN_DATE
    assert len(inputs.tables.views) == 14
    assert inputs.workspace.root == small_workspace.resolve()


def test_nothing_is_known_of_the_plan_date_or_later(small_workspace: Path) -> None:
    inputs = load(small_workspace, day=date(2026, 3, 5))
    assert inputs.plan_date == date(2026, 3, 5)
    assert inputs.tables.views["date"].max() == pd.Timestamp(2026, 3, 4)


def test_without_history_a_forecast_is_refused_but_not_given_demand(small_workspace: Path) -> None:
    with pytest.raises(InputFaults):
        load(small_workspace, FOR_DEMAND, date(2026, 3, 1))
    (small_workspace / "input" / "views.csv").unlink()
    assert load(small_workspace, FOR_GIVEN_DEMAND, PLAN_DATE).tables.views.empty
    with pytest.raises(NotFound, match="name it with --date"):
        load(small_workspace, FOR_GIVEN_DEMAND)


def test_a_table_that_is_left_out_is_as_if_absent(small_workspace: Path) -> None:
    tables = load(small_workspace, FOR_GIVEN_DEMAND, PLAN_DATE, "views").tables
    assert tables.views.empty and "views" not in tables.present
    assert "caches" in tables.present
