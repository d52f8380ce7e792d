"""First arrow of the night: workspace -> checked inputs up to the plan date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.settings import Settings, read_settings
from fillplan.stages import Stages
from fillplan.workspace import Workspace, open_workspace
from fillplan_data.declarations import NEEDED_TO_FORECAST, NEEDED_TO_PLACE, NEEDED_TO_PLAN
from fillplan_data.errors import NotFound
from fillplan_data.faults import Fault
from fillplan_data.history import before, default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

FOR_DEMAND, FOR_PLAN, FOR_GIVEN_DEMAND = NEEDED_TO_FORECAST, NEEDED_TO_PLAN, NEEDED_TO_PLACE


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a night may know: no row of `tables` is dated on or after the plan date but what is planned."""

    workspace: Workspace
    settings: Settings
    tables: Tables
    plan_date: date
    warnings: tuple[Fault, ...]


def load_inputs(
    root: Path,
    needed: frozenset[str],
    plan_date: date | None,
    stages: Stages,
    leave_out: frozenset[str] = frozenset(),
) -> Inputs:
    """Read settings and tables, check them all at once, and cut history off at the plan date.

    leave_out: tables not read, as if absent, for commands that can do without large ones.

    Raises SettingsError, NotFound, and InputFaults, also where no history lies before the plan date.
    """
    workspace = open_workspace(root)
    settings = read_settings(workspace.root)
    with stages.stage("check") as stage:
        horizon_days = settings.plan.horizon_days
        tables, warnings = read_tables(workspace.input, needed, plan_date, stage.note, leave_out, horizon_days)
        if plan_date is None:
            plan_date = _default_date(tables, workspace)
        tables = before(tables, plan_date)
        rows = {name: len(getattr(tables, name)) for name in sorted(tables.present)}
        stage.note(f"{sum(rows.values()):,} rows, {len(warnings)} warnings", rows=rows, warnings=len(warnings))
    return Inputs(workspace, settings, tables, plan_date, warnings)


def _default_date(tables: Tables, workspace: Workspace) -> date:
    if tables.views.empty:
        raise NotFound(f"{workspace.input}: no views to take the plan date from; name it with --date YYYY-MM-DD")
    return default_plan_date(tables)
