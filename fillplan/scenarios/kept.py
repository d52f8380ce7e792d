"""Plans of scenarios, kept beside an answer as what they hold otherwise than the run, and read back as runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan.plan import Plan
from fillplan.runs import Run, read_table
from fillplan_data.arrays import Ints
from fillplan_data.errors import VerificationFailed
from fillplan_data.lookup import positions
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.start import Start

PLANS, QUESTION = "plans.parquet", "scenario.toml"
"""Files beside an answer: its plans, and the scenario file as it was asked."""
COLUMNS = ("scenario", "point", "cache_id", "asset_id")
"""`scenario` and `point` count from 0, in the order of the answer."""


@dataclass(frozen=True, eq=False)
class ScenarioRun(Run):
    """A scenario in the place of a run: `folder` is the run's that it was asked of, the rest its own."""

    rows: pd.DataFrame
    demand_rows: pd.DataFrame

    def plan(self) -> Plan:
        """Its plan, as a night would write it."""
        return Plan(self.rows)

    def demand(self) -> pd.DataFrame:
        """Its demand, in the form of demand.parquet."""
        return self.demand_rows


def otherwise(problem: PlacementProblem, start: Start, placement: Placement) -> pd.DataFrame:
    """(cache_id, asset_id) that a placement holds and the start, brought to the problem, does not, or the reverse."""
    before = start.on(problem).placement.files
    toggled = [_toggled(a, b) for a, b in zip(before, placement.files, strict=True)]
    cache = np.repeat(np.arange(problem.cache_count), [len(files) for files in toggled])
    file = np.concatenate([*toggled, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    ids = np.asarray(problem.cache_ids, dtype=object), np.asarray(problem.file_ids, dtype=object)
    return pd.DataFrame({"cache_id": ids[0][cache], "asset_id": ids[1][file]})


def _toggled(before: Ints, now: Ints) -> Ints:
    # most caches are as they were, which is quickly told
    return before[:0] if np.array_equal(before, now) else np.setxor1d(before, now)


def restored(problem: PlacementProblem, start: Start, rows: pd.DataFrame) -> Placement:
    """The placement that `otherwise` gave `rows` for. Raises VerificationFailed where they name unknown ids."""
    cache, file = positions(rows["cache_id"], problem.cache_ids), positions(rows["asset_id"], problem.file_ids)
    if (cache < 0).any() or (file < 0).any():
        raise VerificationFailed(f"{PLANS}: names caches or files that the scenario does not have; ask again")
    held = start.on(problem).placement.files
    return Placement(tuple(np.setxor1d(files, file[cache == c]) for c, files in enumerate(held)))


def write_plans(path: Path, points: Sequence[tuple[int, int, pd.DataFrame]]) -> None:
    """(scenario, point, what it holds otherwise) of every point that has a plan."""
    frames = [rows.assign(scenario=scenario, point=point) for scenario, point, rows in points]
    whole = pd.concat([pd.DataFrame(columns=list(COLUMNS)), *frames]) if frames else pd.DataFrame(columns=list(COLUMNS))
    types = {"scenario": "int32", "point": "int32", "cache_id": "category", "asset_id": "category"}
    whole[list(COLUMNS)].astype(types).to_parquet(path, index=False)


def read_plan(path: Path, scenario: int, point: int) -> pd.DataFrame:
    """The rows of one point. Raises VerificationFailed where the file is missing or damaged."""
    rows = read_table(path, list(COLUMNS), "Ask again: fillplan whatif")
    return rows[(rows["scenario"] == scenario) & (rows["point"] == point)]
