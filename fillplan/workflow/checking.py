"""`check`: every fault and warning of a workspace's tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.settings import read_settings
from fillplan.stages import Stages
from fillplan.workflow.inputs import FOR_PLAN
from fillplan.workspace import open_workspace
from fillplan_data.errors import InputFaults
from fillplan_data.faults import Fault
from fillplan_data.reading import read_tables


@dataclass(frozen=True)
class CheckResult:
    """What `check` found; faults stop every other command, warnings do not."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    rows: dict[str, int]
    """Rows per table, as far as the tables could be read."""


def check_workspace(root: Path, plan_date: date | None) -> CheckResult:
    """Check all tables that are there; those that a night needs must be."""
    workspace = open_workspace(root)
    horizon_days = read_settings(workspace.root).plan.horizon_days
    with Stages("check") as stages, stages.stage("check") as stage:
        try:
            tables, warnings = read_tables(
                workspace.input, FOR_PLAN, plan_date, progress=stage.note, horizon_days=horizon_days
            )
        except InputFaults as error:
            found = [fault for fault in error.faults if isinstance(fault, Fault)]
            faults = tuple(fault for fault in found if fault.severity == "fault")
            return CheckResult(faults, tuple(f for f in found if f.severity != "fault"), {})
    rows = {name: len(getattr(tables, name)) for name in sorted(tables.present)}
    return CheckResult((), warnings, rows)
