"""The folder of one night: written in one piece, read back for publication, reports and questions."""

from __future__ import annotations

import hashlib
import io
import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from fillplan.manifests import Manifest
from fillplan.plan import COLUMNS, Plan
from fillplan.workspace import Workspace, delete_folder, folder_in_one_piece, set_aside, write_whole
from fillplan_data.errors import AlreadyExists, NotFound, VerificationFailed

PUBLISHED_MARK = "published.json"
FORECAST = "forecast.parquet"
PROFILE = "profile.json"
COMPANION_PRICES = "companion_prices.parquet"
PRICE_COLUMNS = ("cache_id", "asset_id", "price")
DEMAND_COLUMNS = ("region", "asset_id", "expected_bytes")
NUMBER = (int, float)
SUMMARY_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("plan_date", "status", "solver"), (str,)),
    **dict.fromkeys(("value", "bound", "gap", "expected_offload", "requested_bytes"), NUMBER),
    **dict.fromkeys(("inputs", "model", "settings", "seconds"), (dict,)),
    "horizon_days": (int,),
    "caches": (list,),
}
CACHE_NUMBERS = ("storage_bytes", "used_bytes", "fill_budget_bytes", "fill_bytes")
FILES = ("plan.json", "plan.parquet", "demand.parquet")
DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, NotImplementedError, MemoryError)
"""What reading a damaged table may end in: its pages, its words or pandas' notes of its types lie."""


@dataclass(frozen=True, eq=False)
class NightResult:
    """What a night computed, ready to be written."""

    plan_date: date
    summary: Mapping[str, Any]
    seconds: Mapping[str, float]
    plan: Plan
    manifests: Sequence[Manifest]
    demand: pd.DataFrame
    forecast: pd.DataFrame | None
    companion_prices: pd.DataFrame | None = None
    profile: bytes | None = None
    """profile.json of a gated night."""


@dataclass(frozen=True, eq=False)
class Run:
    """A night read back from its folder."""

    folder: Path
    summary: Mapping[str, Any]

    @property
    def plan_date(self) -> date:
        """First day of the horizon."""
        return date.fromisoformat(self.summary["plan_date"])

    def plan(self) -> Plan:
        """plan.parquet."""
        return Plan(read_table(self.folder / "plan.parquet", COLUMNS))

    def demand(self) -> pd.DataFrame:
        """demand.parquet."""
        return read_table(self.folder / "demand.parquet", DEMAND_COLUMNS)

    def companion_prices(self) -> pd.DataFrame | None:
        """companion_prices.parquet, None where the solver knew none."""
        path = self.folder / COMPANION_PRICES
        return read_table(path, PRICE_COLUMNS) if path.exists() else None

    def forecast(self) -> pd.DataFrame | None:
        """forecast.parquet, None where the demand was given."""
        path = self.folder / FORECAST
        return read_table(path, None) if path.exists() else None


def write_run(workspace: Workspace, night: NightResult, report: Callable[[Path], object]) -> Path:
    """Write `runs/<plan date>/` in one piece. An earlier unpublished run of the date is replaced; a published
    one is set aside whole as `runs/<plan date>.published-<version>/`, since it must never change.
    report: writes the report into the given folder, from the files that stand there.
    """
    target = workspace.run(night.plan_date)
    with folder_in_one_piece(target, make_room=_make_room) as folder:
        (folder / "manifests").mkdir()
        for name, content in contents(night):
            (folder / name).write_bytes(content)
        write_json(folder / "plan.json", {**night.summary, "seconds": dict(night.seconds)})
        report(folder)
    return target


def contents(night: NightResult) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file that follows from the inputs, the settings and the seed; not plan.json."""
    tables = {
        "plan.parquet": night.plan.rows,
        "demand.parquet": night.demand,
        FORECAST: night.forecast,
        COMPANION_PRICES: night.companion_prices,
    }
    for name, frame in tables.items():
        if frame is not None:
            file = io.BytesIO()
            frame.to_parquet(file, index=False)
            yield name, file.getvalue()
    if night.profile is not None:
        yield PROFILE, night.profile
    for manifest in night.manifests:
        yield f"manifests/{manifest.name}", manifest.content()


def _make_room(target: Path) -> Path:
    """Make room for a new run of the same date; a published one keeps a name of its own."""
    if not (target / PUBLISHED_MARK).exists():
        return set_aside(target)
    stem, names = f"{target.name}.published-{published_version(target)}", count(1)
    free = next(
        name for name in (target.with_name(f"{stem}.{n}" if n > 1 else stem) for n in names) if not name.exists()
    )
    return target.rename(free)


def published_version(folder: Path) -> int:
    """The version that a run was published as, 0 where the mark cannot be read."""
    try:
        return int(json.loads((folder / PUBLISHED_MARK).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0


def published_before(run: Run) -> list[Path]:
    """Folders of what was published for the date of a run that is not, and that was made when it was planned again."""
    if (run.folder / PUBLISHED_MARK).exists():
        return []
    return sorted(run.folder.parent.glob(f"{run.plan_date}.published-*"), key=published_version)


def read_run(folder: Path) -> Run:
    """Read a run. Raises NotFound where there is none, VerificationFailed where plan.json is damaged."""
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing:
        raise NotFound(f"{folder}: expected a run with {', '.join(FILES)}; missing: {', '.join(missing)}")
    try:
        summary = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise VerificationFailed(f"{folder}/plan.json: not readable: {error}. Plan that date again.") from error
    if wrong := _wrong_parts(summary):
        raise VerificationFailed(
            f"{folder}/plan.json: expected an object with {', '.join(SUMMARY_KINDS)}; missing or not of their kind: "
            f"{', '.join(wrong)}. Plan that date again."
        )
    return Run(folder, summary)


def _wrong_parts(summary: object) -> list[str]:
    """What of plan.json cannot be what was written: a bad disk or a bad hand must not end as a defect."""
    if not isinstance(summary, dict):
        return list(SUMMARY_KINDS)
    wrong = [key for key, kinds in SUMMARY_KINDS.items() if not isinstance(summary.get(key, ...), kinds)]
    if not wrong:
        wrong = ["plan_date"] if not _is_day(summary["plan_date"]) else []
        wrong += ["caches"] if not all(_is_cache(cache) for cache in summary["caches"]) else []
    return wrong


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_cache(cache: object) -> bool:
    return (
        isinstance(cache, dict)
        and isinstance(cache.get("cache_id"), str)
        and all(isinstance(cache.get(key), NUMBER) for key in CACHE_NUMBERS)
    )


def read_table(path: Path, columns: Sequence[str] | None, advice: str = "Plan that date again.") -> pd.DataFrame:
    """A Parquet file of ours, all columns without `columns`. Raises VerificationFailed where it is damaged."""
    try:
        return pd.read_parquet(path, columns=None if columns is None else list(columns))
    except DAMAGE as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise VerificationFailed(f"{path}: damaged: {reason}. {advice}") from error


def latest_run(workspace: Workspace) -> Run:
    """The run of the latest plan date. Raises NotFound without runs."""
    dated = sorted(f for f in workspace.runs.glob("????-??-??") if (f / "plan.json").exists())
    if not dated:
        raise NotFound(f"{workspace.runs}: no run yet; make one with: fillplan plan {workspace.root}")
    return read_run(dated[-1])


def run_of_date(workspace: Workspace, plan_date: date | None) -> Run:
    """The run of a plan date, the latest without one. Raises NotFound with the runs that there are."""
    if plan_date is None:
        return latest_run(workspace)
    if not (workspace.run(plan_date) / "plan.json").exists():
        raise not_planned(workspace, f"of {plan_date}", plan_date.isoformat())
    return read_run(workspace.run(plan_date))


def planned_dates(workspace: Workspace) -> list[str]:
    """Plan dates of all planned runs, rising."""
    return sorted(folder.parent.name for folder in workspace.runs.glob("????-??-??/plan.json"))


def not_planned(workspace: Workspace, span: str, day: str) -> NotFound:
    """The refusal of a plan date without a run. span: the dates wanted, in words; day: one to make a plan for."""
    dates = planned_dates(workspace)
    found = f"plans of {', '.join(dates[-5:])}" if dates else "none yet"
    command = shlex.join(["fillplan", "plan", str(workspace.root), "--date"])
    return NotFound(f"{workspace.runs}: expected a planned run {span}, found {found}; make one with: {command} {day}")


def prune_runs(workspace: Workspace, keep: int, in_force: int) -> None:
    """Delete the oldest runs but `keep`, never one that was published as version `in_force` or later."""
    folders = sorted(f for f in workspace.runs.glob("????-??-??*") if f.is_dir())
    for folder in folders[:-keep]:
        if not (folder / PUBLISHED_MARK).exists() or published_version(folder) < in_force:
            delete_folder(folder)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Readable, sorted as given, one trailing newline, no NaN; the file is there whole or not at all."""
    write_whole(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_forecast(workspace: Workspace, plan_date: date, forecast: pd.DataFrame) -> Path:
    """Write a forecast as a run of its own, with no plan in it.

    A run that holds exactly this forecast is left as it is. Raises AlreadyExists where a planned run of the date
    holds another: a plan and its forecast belong together.
    """
    target = workspace.run(plan_date)
    new = io.BytesIO()
    forecast.to_parquet(new, index=False)
    path = target / FORECAST
    if path.exists() and path.read_bytes() == new.getvalue():
        return path
    if (target / "plan.json").exists():
        raise AlreadyExists(
            f"{target}: holds a plan made from another forecast, which this one would part from it; "
            "make both anew with: fillplan plan"
        )
    with folder_in_one_piece(target, make_room=_make_room) as folder:
        (folder / FORECAST).write_bytes(new.getvalue())
    return path
