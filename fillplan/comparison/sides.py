"""One side of a comparison: a run, or a scenario in its place, with its tables where they are still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fillplan.runs import Run, latest_run, read_run
from fillplan.scenarios.world import Outage
from fillplan.settings import PlanSettings, read_settings
from fillplan.workspace import open_workspace
from fillplan_data.errors import FillplanError, NotFound
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

NOT_READ = frozenset({"views", "variant_views", "promotions", "calendar", "inventory"})
"""Tables that only a forecast needs, as demand comes from the run; the inventory comes from the run's plan."""


@dataclass(frozen=True, eq=False)
class Side:
    """A run to compare."""

    name: str
    root: Path
    """Of the workspace, were it there."""
    run: Run
    tables: Tables | None
    """None where the run's tables are gone: then the run folder is all there is."""
    threads: int
    changed: tuple[str, ...]
    """Tables that are not those that the run was made from."""
    outages: tuple[Outage, ...] = ()
    """Caches that a scenario takes out of service."""
    scenario: str | None = None
    """The scenario's name, with the swept value; None for a run."""

    @property
    def plan_settings(self) -> PlanSettings:
        """The settings that the plan was made with."""
        return PlanSettings.model_validate(self.run.summary["settings"]["plan"])


def open_side(path: Path, other: Side | None = None) -> Side:
    """A run folder, or a workspace, which stands for its latest run. Raises NotFound for anything else.

    other: the other side, whose tables are taken if they are the same workspace's.
    """
    if (path / "plan.json").exists():
        run = read_run(path)
        root = path.resolve().parent.parent
        has_tables = (root / "input").is_dir()
    elif (path / "input").is_dir():
        run, root, has_tables = latest_run(open_workspace(path)), path, True
    else:
        found = "a folder without them" if path.is_dir() else "no such folder"
        raise NotFound(
            f"{path}: expected a workspace (with input/), a run folder (with plan.json) or an answer of whatif with a "
            f"scenario (DIR/whatif/NAME#SCENARIO), found {found}"
        )
    root = root.resolve()
    known = other is not None and other.root == root
    tables = other.tables if other is not None and known else _readable(root) if has_tables else None
    threads = read_settings(root).run.threads if has_tables else 1
    return Side(str(path), root, run, tables, threads, () if tables is None else _changed(run, tables))


def _readable(root: Path) -> Tables | None:
    """The tables as they are now; None where they no longer pass the checks, as a run must stay readable."""
    try:
        return read_tables(root / "input", frozenset({"titles", "assets", "caches"}), leave_out=NOT_READ)[0]
    except FillplanError:
        return None


def _changed(run: Run, tables: Tables) -> tuple[str, ...]:
    before = {name: sha for name, sha in run.summary["inputs"].items() if name not in NOT_READ}
    now = {name: sha for name, sha in tables.sha256.items() if name not in NOT_READ}
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))
