"""Everything that a report shows, as plain values: HTML today, Markdown and JSON from the same source.

Shares are 0 to 1, sizes bytes, hours view hours; `None` is unknown. "Worth" is in the units of `value_per_gb`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from fillplan.report.rows import (
    CacheRow,
    FileChange,
    Filled,
    Gate,
    InputTable,
    Launch,
    Need,
    Note,
    Reason,
    RegionRow,
    Series,
    Tier,
    TitleChange,
    TitleMove,
)


@dataclass(frozen=True)
class Headline(Filled):
    """The figures that a planner looks at first."""

    expected_offload: float
    requested_bytes: float
    served_bytes: float
    value: float
    bound: float
    gap: float
    gap_words: str
    status: str
    fill_bytes: int
    fill_budget_bytes: int
    used_bytes: int
    storage_bytes: int
    added: int
    added_bytes: int
    kept: int
    kept_bytes: int
    evicted: int
    evicted_bytes: int
    """Evicted files whose size is unknown count as 0."""
    churn: float
    """Part of what is held after tonight that is newly written."""
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Record:
    """How the forecasts of the days before the plan date fared, all regions together."""

    days: int
    """Days that an earlier run foretold and that were watched."""
    inside: int
    """Those within the interval."""
    bias: float | None
    """Expected over watched, less 1; None where nothing was watched."""


@dataclass(frozen=True)
class Provenance:
    """What the report was made from."""

    version: str
    inputs: Mapping[str, str]
    model: Mapping[str, Any]
    solver: str
    settings: Mapping[str, Any]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Earlier:
    """The plan before this one, and what changed since."""

    plan_date: date
    horizon_days: int
    expected_offload: float
    requested_bytes: float
    value: float
    gap: float
    fill_bytes: int
    used_bytes: int
    storage_bytes: int
    churn: float
    rebuilt_offload: float
    """What its files would serve of its own demand by today's network and catalogue."""
    kept_offload: float
    """What its files would serve of today's demand."""
    moves: tuple[TitleMove, ...]

    def steps(self, now: float) -> tuple[tuple[str, float, float], ...]:
        """(words, offload before, offload after) of the steps to the offload `now`."""
        return (
            ("other network and catalogue, the same files", self.expected_offload, self.rebuilt_offload),
            ("other demand, the same files", self.rebuilt_offload, self.kept_offload),
            ("what goes in and out tonight", self.kept_offload, now),
        )


@dataclass(frozen=True)
class StorageCurve:
    """Offload over bytes held, from the plan itself."""

    points: tuple[tuple[float, float], ...]
    """(bytes held, offload) if only the files that serve most per byte stayed, up to the whole plan."""
    hundredth_more: float | None
    """Worth of 1 % more storage in every cache whose price is known, by that price; None where none is."""
    hundredth_offload: float | None
    """The same as offload, at the mean worth of a byte served."""
    priced_caches: int
    """Caches whose price is known."""


@dataclass(frozen=True)
class Content:
    """One report."""

    plan_date: date
    horizon_days: int
    label: str | None
    headline: Headline
    caches: tuple[CacheRow, ...]
    regions: tuple[RegionRow, ...]
    reasons_in: tuple[Reason, ...]
    reasons_out: tuple[Reason, ...]
    titles_in: tuple[TitleChange, ...]
    files_in: tuple[FileChange, ...]
    files_out: tuple[FileChange, ...]
    total: Series | None
    region_series: tuple[Series, ...]
    record: Record | None
    launches: tuple[Launch, ...]
    launch_count: int
    tables: tuple[InputTable, ...]
    gates: tuple[Gate, ...]
    """None of a plan that was made outside `nightly`."""
    notes: tuple[Note, ...]
    provenance: Provenance
    storage: StorageCurve
    needs: tuple[Need, ...]
    earlier: Earlier | None = None
    """None where there is no plan before this one."""

    def as_json(self) -> dict[str, Any]:
        """The same content as plain JSON values, dates as ISO days."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
