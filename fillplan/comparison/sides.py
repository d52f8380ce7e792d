"""One side of a comparison: a run, with the tables of its workspace where they are still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fillplan.runs import Run, latest_run, read_run
from fillplan.settings import PlanSettings, read_settings
from fillplan.workspace import open_workspace
from fillplan_data.errors import FillplanError, NotFound
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

HISTORY = frozenset({"views", "variant_views", "promotions", "calendar"})
"""Tables that only a forecast needs: demand comes from the run."""


@dataclass(frozen=True, eq=False)
class Side:
    """A run to compare."""

    name: str
    run: Run
    tables: Tables | None
    """None where the run's tables are gone: then the run folder is all there is."""
    threads: int
    changed: tuple[str, ...]
    """Tables that are not those that the run was made from."""

    @property
    def plan_settings(self) -> PlanSettings:
        """The settings that the plan was made with."""
        return PlanSettings.model_validate(self.run.summary["settings"]["plan"])


def open_side(path: Path) -> Side:
    """A run folder, or a workspace, which stands for its latest run. Raises NotFound for anything else."""
    if (path / "plan.json").exists():
        run = read_run(path)
        root = path.resolve().parent.parent
        has_tables = (root / "input").is_dir()
    elif (path / "input").is_dir():
        run, root, has_tables = latest_run(open_workspace(path)), path, True
    else:
        found = "a folder without them" if path.is_dir() else "no such folder"
        raise NotFound(f"{path}: expected a workspace (with input/) or a run folder (with plan.json), found {found}")
    tables = _readable(root) if has_tables else None
    threads = read_settings(root).run.threads if has_tables else 1
    return Side(str(path), run, tables, threads, () if tables is None else _changed(run, tables))


def _readable(root: Path) -> Tables | None:
    """The tables as they are now; None where they no longer pass the checks, as a run must stay readable."""
    try:
        return read_tables(root / "input", frozenset({"titles", "assets", "caches"}), leave_out=HISTORY)[0]
    except FillplanError:
        return None


def _changed(run: Run, tables: Tables) -> tuple[str, ...]:
    # the inventory of the night is taken from the plan itself
    left_out = HISTORY | {"inventory"}
    before = {name: sha for name, sha in run.summary["inputs"].items() if name not in left_out}
    now = {name: sha for name, sha in tables.sha256.items() if name not in left_out}
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))
