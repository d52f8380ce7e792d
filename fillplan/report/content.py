"""Everything that a report shows, as plain values: HTML today, Markdown and JSON from the same source.

Shares are 0 to 1, sizes bytes, hours view hours; `None` is unknown. "Worth" is in the units of `value_per_gb`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Headline:
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

    @property
    def storage_use(self) -> float:
        """Used share of all storage."""
        return _share(self.used_bytes, self.storage_bytes)

    @property
    def fill_use(self) -> float:
        """Used share of all of tonight's fill budget."""
        return _share(self.fill_bytes, self.fill_budget_bytes)


@dataclass(frozen=True)
class Tier:
    """Where requested bytes come from: edge caches, parents, the origin."""

    name: str
    caches: int
    bytes: float
    share: float


@dataclass(frozen=True)
class CacheRow:
    """One cache after tonight's fill."""

    cache_id: str
    region: str
    """Blank where it serves only as a parent; in a mesh, the regions on whose lists it stands."""
    parent_id: str
    tier: str
    storage_bytes: int
    used_bytes: int
    fill_budget_bytes: int
    fill_bytes: int
    expected_bytes: float
    expected_offload: float
    """Share of the bytes that could be asked of this cache."""
    hit_rate: float
    """Share of the bytes that reach this cache, caches below it having served theirs; in a mesh the offload."""
    added: int
    evicted: int
    kept: int
    storage_price_per_tb: float | None
    """Worth of one more TB of storage over the horizon."""
    fill_price_per_tb: float | None
    """Worth of one more TB of tonight's fill."""
    limited_by: tuple[str, ...]
    """Which of storage, fill and serving binds."""

    @property
    def storage_use(self) -> float:
        """Used share of storage."""
        return _share(self.used_bytes, self.storage_bytes)

    @property
    def fill_use(self) -> float:
        """Used share of tonight's fill budget."""
        return _share(self.fill_bytes, self.fill_budget_bytes)


@dataclass(frozen=True)
class RegionRow:
    """One demand region."""

    region: str
    caches: int
    requested_bytes: float
    own_bytes: float | None
    """Served by the region's own caches; unknown in a mesh, where regions share caches."""
    hours: float | None
    """Expected hours of the horizon, None where the demand was given."""
    change: float | None
    """Against the same number of days before the plan date; None without views then."""


@dataclass(frozen=True)
class Reason:
    """Why files go in or out, with what that moves."""

    words: str
    copies: int
    size_bytes: int
    value: float


@dataclass(frozen=True)
class TitleChange:
    """A title whose files come in tonight, all caches together."""

    title_id: str
    name: str
    kind: str
    files: int
    caches: int
    fill_bytes: int
    expected_bytes: float
    value: float
    reason: str


@dataclass(frozen=True)
class FileChange:
    """A file that comes in or goes out, all caches together."""

    asset_id: str
    name: str
    file: str
    """Kind, rung and language."""
    caches: int
    size_bytes: int | None
    total_bytes: int
    value: float
    """Of additions: worth less fill cost. Of evictions: what the copies would still be worth here, at most."""
    value_per_gb: float | None
    price_per_gb: float | None
    """Mean price of a GB of storage over the same caches; what stays is worth at least that."""
    reason: str


@dataclass(frozen=True)
class Day:
    """Hours of one day: watched before the plan date, expected from it on."""

    date: date
    hours: float | None
    """None where the day is missing."""
    low: float | None = None
    """All titles at their 10 % quantile at once: the widest case."""
    high: float | None = None
    inner_low: float | None = None
    """10 % quantile if titles err independently: the narrowest case."""
    inner_high: float | None = None


@dataclass(frozen=True)
class Series:
    """Days before and after the plan date, of all regions or of one."""

    name: str
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Launch:
    """A title whose rights start within the horizon."""

    title_id: str
    name: str
    kind: str
    start: date
    """The earliest start within the horizon."""
    regions: tuple[str, ...]
    hours: float | None
    low: float | None
    high: float | None
    caches: int
    """Caches that hold some of its files after tonight."""
    requested_bytes: float
    held_share: float | None
    """Part of its requested bytes that caches are expected to serve."""


@dataclass(frozen=True)
class Note:
    """Something about the data or the plan that a planner should know."""

    level: str
    """`warning` or `note`."""
    text: str


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
class TitleMove:
    """What caches are expected to serve of a title, by the plan before and by this one."""

    title_id: str
    name: str
    before_bytes: float
    now_bytes: float


@dataclass(frozen=True)
class ForetoldDay:
    """Hours of one day as an earlier run foretold them, and as they came."""

    day: date
    expected: float
    low: float
    """10 % quantile if titles err independently."""
    high: float
    hours: float | None
    """None where the day is missing from the views."""
    foretold_on: date


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
    kept_offload: float
    """What its files would serve of today's demand."""
    moves: tuple[TitleMove, ...]
    foretold: tuple[ForetoldDay, ...]


@dataclass(frozen=True)
class StorageCurve:
    """Offload over bytes held, from the plan itself."""

    points: tuple[tuple[float, float], ...]
    """(bytes held, offload) if only the files that serve most per byte stayed, up to the whole plan."""
    price_per_tb: float | None
    """Worth of one more TB, spread over all caches by their storage; None where prices are unknown."""
    offload_per_tb: float | None
    """The same as offload, at the mean worth of a byte served."""


@dataclass(frozen=True)
class Need:
    """A cache that more storage or a longer window would help."""

    cache_id: str
    region: str
    storage_bytes: int
    storage_price_per_tb: float
    fill_price_per_tb: float | None
    tenth_more: float
    """Worth of a tenth more storage, at most: the price falls as storage grows."""
    limited_by: tuple[str, ...]


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
    launches: tuple[Launch, ...]
    launch_count: int
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


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
