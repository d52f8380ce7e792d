"""Rows of the report's tables and days of its charts.

Shares are 0 to 1, sizes bytes, hours view hours; `None` is unknown. "Worth" is in the units of `value_per_gb`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def share(part: float, whole: float) -> float:
    """A part of a whole, 0 of nothing."""
    return part / whole if whole else 0.0


@dataclass(frozen=True)
class Tier:
    """Where requested bytes come from: edge caches, parents, the origin."""

    name: str
    caches: int
    bytes: float
    share: float


class Filled:
    """Caches after tonight's fill, one or all: what is used of what there is."""

    storage_bytes: int
    used_bytes: int
    fill_budget_bytes: int
    fill_bytes: int

    @property
    def storage_use(self) -> float:
        """Used share of storage."""
        return share(self.used_bytes, self.storage_bytes)

    @property
    def fill_use(self) -> float:
        """Used share of tonight's fill budget."""
        return share(self.fill_bytes, self.fill_budget_bytes)


@dataclass(frozen=True)
class CacheRow(Filled):
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
    """Of additions: worth less fill cost. Of evictions: about what the copies would still be worth here."""
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
    """10 % quantile of the sum, surprises shared within titles and regions; before the plan date of what was foretold,
    None where no run did."""
    inner_high: float | None = None
    foretold: float | None = None
    """Before the plan date: what an earlier run expected."""


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
    places: tuple[str, ...]
    """Caches that hold a video (or muxed) file of it after tonight, those that serve most first."""
    only: str
    """Where no cache holds a video file of it: the kinds of what they do hold, such as 'audio and subtitles'."""
    copies: int
    """Of its video (and muxed) files, in all caches."""
    sure_copies: int | None
    """Copies of these that would be worth their place (fill cost and the price of storage) even at the low end of the
    interval; None without an interval."""
    requested_bytes: float
    held_share: float | None
    """Part of its requested bytes that caches are expected to serve."""

    @property
    def nowhere(self) -> str:
        """What to say in place of caches where none holds a video file of it."""
        return f"{self.only} only" if self.only else "nowhere"


@dataclass(frozen=True)
class Note:
    """Something about the data or the plan that a planner should know."""

    level: str
    """`warning` or `note`."""
    text: str


@dataclass(frozen=True)
class InputTable:
    """What was read of one input table."""

    name: str
    rows: int
    first_day: date | None
    """Of its dates, None where it has no column `date`."""
    last_day: date | None


@dataclass(frozen=True)
class Gate:
    """What a gate said of tonight's tables or plan."""

    name: str
    verdict: str
    """`pass`, `warn` or `stop`."""
    found: str
    allowed: bool
    """Whether `--allow` let it pass."""


@dataclass(frozen=True)
class TitleMove:
    """What caches are expected to serve of a title, by the plan before and by this one."""

    title_id: str
    name: str
    before_bytes: float
    now_bytes: float
    by_demand_bytes: float
    """What the change of its demand makes, at the share that was served then."""
    by_holding_bytes: float
    """The rest: another share of its demand is served."""
    reason: str


@dataclass(frozen=True)
class Need:
    """A cache that more storage or a longer window would help."""

    cache_id: str
    region: str
    storage_bytes: int
    storage_price_per_tb: float | None
    fill_price_per_tb: float | None
    tenth_more: float | None
    """Worth of a tenth more storage by its price, which falls as storage grows."""
    tenth_more_fill: float | None
    """Worth of a tenth more fill tonight by its price, which falls as the fill grows."""
    limited_by: tuple[str, ...]
