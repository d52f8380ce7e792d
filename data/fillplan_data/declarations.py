"""Every input table, declared once: checks, `data/SCHEMA.md` and the synthetic maker all come from here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["id", "text", "language", "date", "number", "whole", "clock", "zone"]
Severity = Literal["fault", "warning"]

TEXT_KINDS: Final = frozenset({"id", "text", "language", "clock", "zone"})

ID_PATTERN: Final = r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z"
CLOCK_PATTERN: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]\Z"
LANGUAGE_PATTERN: Final = (  # RFC 5646, section 2.1, without the grandfathered tags
    r"(?i:([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
    r"|x(-[a-z0-9]{1,8})+)\Z"
)
PATTERNS: Final[dict[str, str]] = {"id": ID_PATTERN, "clock": CLOCK_PATTERN, "language": LANGUAGE_PATTERN}

FIRST_DAY: Final = dt.date(1900, 1, 1)
LAST_DAY: Final = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit and bounds, and what a blank means."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    """The column must be there and no field of it may be blank."""
    unit: str = ""
    minimum: float | None = None
    above: float | None = None
    """Exclusive lower bound."""
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    blank: str = ""
    """What a blank means, of columns that may be blank."""
    references: str = ""
    """Table whose key holds every value of this column."""
    unknown: Severity = "fault"
    """What a value that the referenced table lacks is."""
    first_day: dt.date = FIRST_DAY
    last_day: dt.date = LAST_DAY

    @property
    def is_text(self) -> bool:
        """Whether values are kept as text."""
        return self.kind in TEXT_KINDS

    @property
    def expected(self) -> str:
        """What a good value is, for people: 'a number >= 0'."""
        if self.allowed:
            return "one of " + ", ".join(self.allowed)
        if self.kind == "date":
            return f"a date YYYY-MM-DD from {self.first_day} to {self.last_day}"
        return KIND_MEANINGS[self.kind] + self.bounds

    @property
    def bounds(self) -> str:
        """' >= 0 and <= 24', or nothing."""
        limits = ((">", self.above), (">=", self.minimum), ("<=", self.maximum))
        told = [f"{sign} {limit:,.{0 if limit % 1 == 0 else 3}f}" for sign, limit in limits if limit is not None]
        return " " + " and ".join(told) if told else ""


KIND_MEANINGS: Final[dict[str, str]] = {
    "id": "an id: 1 to 100 of the letters A-Z a-z, digits, '.', '_', '-', and not '.' or '..'",
    "text": "text",
    "language": "a BCP-47 language tag such as en, pt-BR or zh-Hant",
    "number": "a number",
    "whole": "a whole number",
    "clock": "a time of day HH:MM from 00:00 to 23:59",
    "zone": "an IANA time zone such as Europe/Berlin",
}


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, its key, and whether further columns mean anything."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    large: bool = False
    """Rows run into millions: text columns are kept as categories."""
    features: bool = False
    """Further columns are features for the demand model; elsewhere they are ignored with a warning."""
    notes: tuple[str, ...] = field(default=())

    def column(self, name: str) -> Column:
        """The declared column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Declared column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)


MOST_HOURS: Final = 1e12
SHORTEST_MINUTES: Final = 0.001  # a file's byte rate, and its bytes in an hour, must stay within floats
MOST_KBPS: Final = 1e7
MOST_FILE_BYTES: Final = 1e15
MOST_STORAGE_BYTES: Final = 1e18
MOST_FILL_BPS: Final = 1e14  # a night's fill budget in bytes must stay within 64 bits
MOST_SERVE_BPS: Final = 1e16
MOST_MONEY: Final = 1e9
PICTURES: Final = ("video", "muxed")  # kinds of files that have a bitrate
DAY_OF_VIEWS: Final = {"first_day": dt.date(1970, 1, 1), "last_day": dt.date(2199, 12, 31)}


def _title(**changes: object) -> Column:
    return Column("title_id", "id", "the title", required=True, references="titles", **changes)  # type: ignore[arg-type]


def _where(blank: str) -> Column:
    return Column("region", "id", "the region", blank=blank)


_REGION = Column("region", "id", "the region", required=True)
_HOURS = Column("view_hours", "number", "hours watched", True, "hours", minimum=0, maximum=MOST_HOURS)

VIEWS = Table(
    "views",
    "Hours watched per day, region and title.",
    (
        Column("date", "date", "the region's local day", required=True, **DAY_OF_VIEWS),  # type: ignore[arg-type]
        _REGION,
        _title(),
        _HOURS,
    ),
    key=("date", "region", "title_id"),
    large=True,
    notes=(
        "No row means that nothing was watched, unless the region has no row at all on that day: then the "
        "day is missing, not zero.",
        "Rows dated on or after the plan date are ignored, with a warning.",
        "So are fewer than 14 days of views that a gap of more than 14 days parts from a longer history after them.",
    ),
)

VARIANT_VIEWS = Table(
    "variant_views",
    "The same hours split by video rung, audio and subtitle language; coarser and sparser than `views`.",
    (
        Column("date", "date", "the period's first day", required=True, **DAY_OF_VIEWS),  # type: ignore[arg-type]
        _REGION,
        _title(),
        Column("bitrate_kbps", "number", "video rung", False, "kbps", above=0, maximum=MOST_KBPS, blank="unknown"),
        Column("audio", "language", "language of the audio", blank="unknown"),
        Column("subtitle", "language", "language of the subtitle", blank="subtitle off"),
        _HOURS,
    ),
    key=("date", "region", "title_id", "bitrate_kbps", "audio", "subtitle"),
    large=True,
    notes=(
        "Periods are days, weeks or months; which, shows in the spacing of the dates. A period counts only "
        "if it ended before the plan date.",
        "Without this table the shares come from priors.",
    ),
)

TITLES = Table(
    "titles",
    "The catalogue.",
    (
        Column("title_id", "id", "the title", required=True),
        Column("name", "text", "name shown in reports", blank="unknown"),
        Column(
            "kind",
            "text",
            "what it is",
            allowed=("movie", "series", "episode", "short", "live"),
            blank="unknown",
        ),
        Column("series_id", "id", "series that it belongs to", blank="none"),
        Column("season", "whole", "season within the series", minimum=0, maximum=1e5, blank="unknown"),
        Column("episode", "whole", "episode within the season", minimum=0, maximum=1e6, blank="unknown"),
        Column("original_language", "language", "language it was made in", blank="unknown"),
        Column("runtime_minutes", "number", "running time", True, "minutes", above=SHORTEST_MINUTES, maximum=1e5),
        Column("genres", "text", "genres, separated by `;`", blank="unknown"),
    ),
    key=("title_id",),
    features=True,
    notes=(
        "Any further column is a feature for the demand model: a number where every field is a number or "
        "blank, else a category. Infinite numbers and those beyond 1e30 are taken as blank, with a warning.",
    ),
)

AVAILABILITY = Table(
    "availability",
    "Rights windows; outside a title's windows there is no demand.",
    (
        _title(),
        _where("everywhere"),
        Column("start_date", "date", "first day; after the plan date: an upcoming launch", required=True),
        Column("end_date", "date", "last day", blank="open end"),
    ),
    key=("title_id", "region", "start_date", "end_date"),
    notes=(
        "Titles without a row are open everywhere and always. A title with rows is open where and when any of "
        "them says so.",
    ),
)

PROMOTIONS = Table(
    "promotions",
    "Planned marketing, known in advance.",
    (
        _title(),
        _where("everywhere"),
        Column("start_date", "date", "first day", required=True),
        Column("end_date", "date", "last day", required=True),
        Column("strength", "number", "strength, in the planner's own scale", True, minimum=0, maximum=1e6),
    ),
    key=("title_id", "region", "start_date", "end_date", "strength"),
    notes=("Where promotions of a title overlap, the strongest counts, with a warning.",),
)

CALENDAR = Table(
    "calendar",
    "Holidays; without this table they come from the `holidays` library by ISO 3166 region code.",
    (
        _REGION,
        Column("date", "date", "the day", required=True),
        Column("name", "text", "the holiday", required=True),
    ),
    key=("region", "date", "name"),
)

ASSETS = Table(
    "assets",
    "The files.",
    (
        Column("asset_id", "id", "the file", required=True),
        _title(),
        Column("kind", "text", "what it holds", required=True, allowed=("video", "audio", "subtitle", "muxed")),
        Column(
            "bitrate_kbps",
            "number",
            "video rung",
            False,
            "kbps",
            above=0,
            maximum=MOST_KBPS,
            blank="matches any",
        ),
        Column("language", "language", "language of the audio or subtitle", blank="matches any"),
        Column("size_bytes", "whole", "size", True, "bytes", minimum=1, maximum=MOST_FILE_BYTES),
        Column("url", "text", "where the file is fetched", blank="unknown"),
    ),
    key=("asset_id",),
    notes=(
        "Video has a bitrate, audio and subtitle have a language, muxed has both.",
        "An asset serves the demand that matches its bitrate and its language.",
    ),
)

CACHES = Table(
    "caches",
    "Cache sites and how they hang together.",
    (
        Column("cache_id", "id", "the cache", required=True),
        Column("parent_id", "id", "where it asks for what it lacks", blank="the origin", references="caches"),
        _where("serves only as a parent"),
        Column(
            "region_share",
            "number",
            "part of the region's demand that it serves; at most 1 over a region, the rest goes to the origin",
            minimum=0,
            maximum=1,
            blank="none; only where the region is blank or `routes` is given",
        ),
        Column("storage_bytes", "whole", "disk for files", True, "bytes", minimum=0, maximum=MOST_STORAGE_BYTES),
        Column("fill_rate_bps", "number", "fill rate", True, "bit/s", minimum=0, maximum=MOST_FILL_BPS),
        Column("fill_start", "clock", "local time at which the nightly fill starts", blank="unknown"),
        Column("fill_hours", "number", "length of the fill window", True, "hours", minimum=0, maximum=24),
        Column("timezone", "zone", "time zone of `fill_start`", blank="unknown"),
        Column(
            "serve_rate_bps",
            "number",
            "most that it can serve at peak",
            False,
            "bit/s",
            minimum=0,
            maximum=MOST_SERVE_BPS,
            blank="no limit",
        ),
        Column(
            "value_per_gb",
            "number",
            "worth of serving 1 GB (1e9 bytes) here instead of from the origin",
            True,
            "money per GB",
            minimum=0,
            maximum=MOST_MONEY,
        ),
        Column(
            "fill_cost_per_gb",
            "number",
            "cost of writing 1 GB",
            False,
            "money per GB",
            minimum=0,
            maximum=MOST_MONEY,
            blank="no cost",
        ),
    ),
    key=("cache_id",),
)

ROUTES = Table(
    "routes",
    "For meshes: who may serve whom. Replaces `region`, `region_share` and the fall-back to parents.",
    (
        _REGION,
        Column("cache_id", "id", "a cache that may serve the region", required=True, references="caches"),
        Column(
            "value_per_gb",
            "number",
            "worth of serving 1 GB (1e9 bytes) to the region from here",
            True,
            "money per GB",
            minimum=0,
            maximum=MOST_MONEY,
        ),
    ),
    key=("region", "cache_id"),
)

INVENTORY = Table(
    "inventory",
    "What each cache holds now.",
    (
        Column("cache_id", "id", "the cache", required=True, references="caches"),
        Column("asset_id", "id", "the file", required=True, references="assets", unknown="warning"),
    ),
    key=("cache_id", "asset_id"),
    large=True,
    notes=("Files that are unknown, blocked or out of rights are evicted, with a warning.",),
)

PINS = Table(
    "pins",
    "What must, or must not, be held. Either `asset_id` or `title_id` is given.",
    (
        Column("cache_id", "id", "the cache", blank="all caches", references="caches"),
        Column("asset_id", "id", "the file", blank="see `title_id`", references="assets"),
        Column("title_id", "id", "the title: all its files", blank="see `asset_id`", references="titles"),
        Column("rule", "text", "must be held (pin) or must not (block)", True, allowed=("pin", "block")),
    ),
    key=("cache_id", "asset_id", "title_id", "rule"),
    notes=("Precedence: block > rights > pin > companion.",),
)

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        VIEWS,
        VARIANT_VIEWS,
        TITLES,
        AVAILABILITY,
        PROMOTIONS,
        CALENDAR,
        ASSETS,
        CACHES,
        ROUTES,
        INVENTORY,
        PINS,
    )
}

NEEDED_TO_FORECAST: Final = frozenset({"views", "titles"})
NEEDED_TO_PLAN: Final = NEEDED_TO_FORECAST | {"assets", "caches"}
NEEDED_TO_PLACE: Final = NEEDED_TO_PLAN - {"views"}
"""What `plan --demand` needs: no views, no model."""
