"""What the parts of a report share: the run's rows as integer codes, its problem, its hours as dense arrays.

Sizes: P rows of the plan, C caches, F files, T titles, R regions, H days of horizon, B days looked back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fillplan.plan import holding_masks
from fillplan.problem import build_problem
from fillplan.report.bands import Bands, Cells, bands, sums
from fillplan.report.watched import watched_hours
from fillplan.runs import Run
from fillplan.settings import PlanSettings, Settings
from fillplan.starts import rights_starts
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.errors import VerificationFailed
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables, regions_of
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.problem import PlacementProblem


@dataclass(frozen=True, eq=False)
class PlanRows:
    """plan.parquet as arrays [P]."""

    cache: Ints
    file: Ints
    """-1 where the catalogue does not know it."""
    title: Ints
    """-1 likewise."""
    asset: Ints
    """Index into `asset_ids`, which has the unknown ones too."""
    asset_ids: Sequence[str]
    is_add: Bools
    is_evict: Bools
    size_bytes: Ints
    """0 where unknown."""
    expected_bytes: Floats
    value: Floats

    @property
    def is_held(self) -> Bools:
        """Kept or added."""
        return ~self.is_evict


@dataclass(frozen=True, eq=False)
class Hours:
    """View hours before the plan date and expected from it on."""

    watched: Floats
    """[R, B] NaN where a region has no row at all on that day."""
    recent: Floats
    """[R, T] watched in the H days before the plan date; a missing or late day counts as that a week before it."""
    late: tuple[tuple[int, int], ...]
    """(region, days before the plan date) of days that look incomplete."""
    expected: Floats
    """[R, T] over the horizon."""
    low: Floats
    """[R, T] sum of the daily 10 % quantiles."""
    high: Floats
    """[R, T] sum of the daily 90 % quantiles."""
    daily: Bands
    """Per region and day of the horizon."""
    cold_hours: float
    """Expected hours of titles without history in their region."""


@dataclass(frozen=True, eq=False)
class Facts:
    """A run, its tables and what was derived from both once."""

    run: Run
    tables: Tables
    problem: PlacementProblem
    regions: tuple[str, ...]
    rows: PlanRows
    hours: Hours | None
    """None where the demand was given."""

    @property
    def plan_day(self) -> np.datetime64:
        """First day of the horizon."""
        return np.datetime64(self.run.plan_date, "D")

    @property
    def horizon_days(self) -> int:
        """H."""
        return int(self.run.summary["horizon_days"])

    @property
    def is_mesh(self) -> bool:
        """Whether `routes` replace the tree."""
        return len(self.tables.routes) > 0

    @cached_property
    def reach(self) -> Bools:
        """[C, R] whether a cache may be asked for a region's demand."""
        points = self.problem.points
        reach = np.zeros((self.problem.cache_count, len(self.regions)), dtype=np.bool_)
        reach[points.cache, np.repeat(points.region, np.diff(points.start))] = True
        return reach

    @cached_property
    def held(self) -> Bools:
        """[C, F] held after tonight."""
        rows = self.rows
        mask = np.zeros((self.problem.cache_count, self.problem.file_count), dtype=np.bool_)
        mask[rows.cache[rows.is_held], rows.file[rows.is_held]] = True
        return mask

    @cached_property
    def is_pinned(self) -> Bools:
        """[C, F]."""
        return holding_masks(self.problem, self.problem.pinned)

    @cached_property
    def storage_price(self) -> Floats:
        """[C] worth of one more byte of storage, NaN where unknown."""
        prices = {cache["cache_id"]: cache.get("storage_price") for cache in self.run.summary["caches"]}
        return np.array([prices.get(c) for c in self.problem.cache_ids], dtype=np.float64)

    @cached_property
    def starts(self) -> pd.DataFrame:
        """Rights starts up to the horizon's end, see `rights_starts`."""
        titles = pd.Index(self.tables.titles["title_id"])
        return rights_starts(self.tables.availability, titles, self.regions, self.run.plan_date, self.horizon_days)

    @cached_property
    def title_names(self) -> list[str]:
        """[T] name, with season and episode where they help; the id where a title has no name."""
        return [_title_name(row) for row in self.tables.titles.itertuples(index=False)]

    def file_name(self, file: int) -> str:
        """'video 5,800 kbps', 'audio de', 'muxed 1,200 kbps en'."""
        row = self.tables.assets.iloc[file]
        rung = f"{row['bitrate_kbps']:,.0f} kbps" if row["bitrate_kbps"] > 0 else ""
        return " ".join(part for part in (row["kind"], rung, row["language"]) if part)


def gather_facts(run: Run, tables: Tables) -> Facts:
    """Read the run's files and state its problem again, so that the report follows the plan's own rules.

    Raises VerificationFailed where the tables do not know what the run names: they are not those of its night.
    """
    demand = run.demand()
    settings = Settings.model_validate(run.summary["settings"]).plan
    # demand that was given may name regions that no table knows
    regions = tuple(sorted({*regions_of(tables), *demand["region"].astype(str)}))
    problem = build_problem(tables, _dense(demand, regions, tables, run), run.plan_date, settings)
    forecast = run.forecast()
    hours = None if forecast is None else _hours(forecast, tables, regions, run, settings)
    return Facts(run, tables, problem, regions, _plan_rows(run.plan().rows, problem, run), hours)


def _title_name(row: Any) -> str:
    name = str(row.name) or str(row.title_id)
    if not (row.season > 0 and row.episode > 0) or re.search(rf"(?<!\d){row.episode:.0f}(?!\d)", name):
        return name
    return f"{name} · S{row.season:.0f} E{row.episode:.0f}"


def _known(run: Run, column: pd.Series, names: pd.Index | Sequence[str]) -> Ints:
    """Position of each value among the names. Raises VerificationFailed for one that is not there."""
    found = positions(column, names)
    if (found < 0).any():
        lost = column[found < 0].iloc[0]
        raise VerificationFailed(
            f"{run.folder}: expected the tables that it was made from, found some without {column.name} {lost!r}; put "
            "those back whose sha256 plan.json names. The report of that night stands in its report.html"
        )
    return found


def _dense(demand: pd.DataFrame, regions: tuple[str, ...], tables: Tables, run: Run) -> AssetDemand:
    asset_ids = pd.Index(tables.assets["asset_id"])
    dense = np.zeros((len(regions), len(asset_ids)))
    region, asset = _known(run, demand["region"], regions), _known(run, demand["asset_id"], asset_ids)
    dense[region, asset] = demand["expected_bytes"]
    return AssetDemand(regions, tuple(asset_ids), dense, "run")


def _plan_rows(rows: pd.DataFrame, problem: PlacementProblem, run: Run) -> PlanRows:
    asset, is_evict = rows["asset_id"].astype("category"), (rows["action"] == "evict").to_numpy(np.bool_)
    _known(run, rows.loc[~is_evict, "asset_id"], problem.file_ids)  # caches may have to evict what nobody knows
    file = positions(asset, problem.file_ids)
    title = np.where(file >= 0, problem.title[file], -1) if problem.file_count else np.full(len(file), -1)
    return PlanRows(
        cache=_known(run, rows["cache_id"], problem.cache_ids),
        file=file,
        title=title,
        asset=asset.cat.codes.to_numpy(np.int64),
        asset_ids=[str(name) for name in asset.cat.categories],
        is_add=(rows["action"] == "add").to_numpy(np.bool_),
        is_evict=is_evict,
        size_bytes=rows["size_bytes"].fillna(0).to_numpy(np.int64),
        expected_bytes=rows["expected_bytes"].to_numpy(np.float64),
        value=rows["value"].to_numpy(np.float64),
    )


def _hours(forecast: pd.DataFrame, tables: Tables, regions: tuple[str, ...], run: Run, settings: PlanSettings) -> Hours:
    titles = pd.Index(tables.titles["title_id"])
    shape = (len(regions), len(titles))
    plan_day, horizon = np.datetime64(run.plan_date, "D"), settings.horizon_days
    region, title = _known(run, forecast["region"], regions), _known(run, forecast["title_id"], titles)
    mean, low, high = (forecast[c].to_numpy(np.float64) for c in ("view_hours", "low", "high"))
    cold = forecast["cold"].to_numpy(np.bool_)
    cell, day = region * shape[1] + title, _days_from(forecast["date"], plan_day)
    before = watched_hours(tables.views, regions, titles, plan_day, horizon)
    return Hours(
        watched=before.by_day,
        recent=before.recent,
        late=before.late,
        expected=sums(cell, mean, shape),
        low=sums(cell, low, shape),
        high=sums(cell, high, shape),
        daily=bands(Cells(region, title, day, mean, low, high, cold), len(regions), len(titles), horizon),
        cold_hours=float(mean[cold].sum()),
    )


def _days_from(dates: pd.Series, plan_day: np.datetime64) -> Ints:
    days: Ints = (dates.to_numpy().astype("datetime64[D]") - plan_day).astype(np.int64)
    return days
