"""`World`: what overrides act on and pass along: tables, settings, and what is to be done later in the arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from fillplan.settings import Settings
from fillplan_data.arrays import Bools
from fillplan_data.tables import Tables

Steering = Literal["parent", "siblings", "origin"]


@dataclass(frozen=True, eq=False)
class DemandChange:
    """Demand of some titles, regions, files and days multiplied, or put to one end of the forecast."""

    titles: frozenset[str]
    regions: frozenset[str]
    assets: frozenset[str] | None
    """None: all files of the titles."""
    scale: float = 1.0
    end: Literal["low", "high"] | None = None
    """One end of the forecast's interval instead of its mean."""
    first_day: date | None = None
    last_day: date | None = None

    @property
    def needs_days(self) -> bool:
        """Whether the forecast's days must be known, not only bytes over the horizon."""
        return self.end is not None or self.first_day is not None or self.last_day is not None


@dataclass(frozen=True, eq=False)
class Outage:
    """Caches that are out, and who is asked instead."""

    cache_ids: frozenset[str]
    demand: Steering


@dataclass(frozen=True, eq=False)
class World:
    """A workspace as a scenario has it; every override gives a new one."""

    tables: Tables
    settings: Settings
    plan_date: date
    regions: tuple[str, ...]
    """Demand regions of the base."""
    root: Path
    """The workspace's folder, where policy files stand."""
    demand_changes: tuple[DemandChange, ...] = ()
    outages: tuple[Outage, ...] = ()
    new_forecast: bool = False
    """Features of the demand model changed: forecast again."""
    new_shares: bool = False
    """The files offered changed: split titles' hours over them again."""

    def with_tables(self, **frames: pd.DataFrame) -> World:
        """Other tables."""
        return replace(self, tables=replace(self.tables, **frames))


def at_rows(frame: pd.DataFrame, mask: Bools, columns: Mapping[str, object]) -> pd.DataFrame:
    """The frame with columns of the masked rows set; dtypes stay."""
    changed = frame.copy()
    for column, value in columns.items():
        changed.loc[mask, column] = value
    return changed


def below(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The frame with rows added below, in the frame's columns and dtypes."""
    added = rows.reindex(columns=frame.columns).astype(frame.dtypes.to_dict())
    return pd.concat([frame, added], ignore_index=True)


def fresh_ids(wanted: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The ids wanted, with a number behind those that are taken already."""
    used, ids = set(taken), []
    for name in wanted:
        name = name[:90]
        free = next(n for n in (name, *(f"{name}.{i}" for i in range(2, len(used) + 3))) if n not in used)
        used.add(free)
        ids.append(free)
    return ids
