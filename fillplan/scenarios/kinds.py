"""The kinds of overrides, declared once: the reader, the checks and docs/scenarios.md come from here."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, model_validator
from pydantic.fields import FieldInfo

from fillplan.scenarios.parts import Amount, Factor, Part, Selection, Share, Shift, SizeFactor, Strength, Sweep

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]

CAPACITY_COLUMNS = (
    *("storage_bytes", "fill_rate_bps", "fill_hours", "serve_rate_bps"),
    *("region_share", "value_per_gb", "fill_cost_per_gb"),
)


_COLUMN = "which column of `caches` (in a mesh, whose routes stand for them, not `region_share` and `value_per_gb`)"


def _caches() -> Any:
    return Field(default_factory=dict, description="which caches: patterns on columns of `caches`; default: all")


def _titles() -> Any:
    return Field(
        default_factory=dict, description="which titles and regions: patterns on columns of `titles` and on `region`"
    )


def _files() -> Any:
    return Field(default_factory=dict, description="which of their files: patterns on columns of `assets`")


class Offline(Part):
    """Caches hold, fill and serve nothing."""

    kind: Literal["offline"]
    where: Selection = _caches()
    demand: Literal["parent", "siblings", "origin"] = Field(
        "parent",
        description="who is asked instead: the next in line (parent, or the next best route), the region's other "
        "caches in proportion to their shares, or the origin alone",
    )


class Capacity(Part):
    """A figure of caches scaled or set."""

    kind: Literal["capacity"]
    where: Selection = _caches()
    column: Literal[CAPACITY_COLUMNS] = Field(description=_COLUMN)  # type: ignore[valid-type]
    scale: Factor | None = Field(None, description="multiply by this")
    set: Amount | None = Field(None, description="or put this in its place, in the column's unit")

    @model_validator(mode="after")
    def _one_of(self) -> Capacity:
        if (self.scale is None) == (self.set is None):
            raise ValueError("either `scale` or `set`")
        return self


class NewCache(Part):
    """A cache that is not there yet, empty, with whatever is not said here as that of a cache it is like."""

    kind: Literal["new_cache"]
    cache_id: Name = Field(description="its id")
    like: str = Field(description="the cache_id it takes all other columns (and routes of a mesh) from")
    parent_id: str | None = Field(None, description="its parent; blank: the origin")
    region: str | None = Field(None, description="region served")
    region_share: Share | None = Field(None, description="share of the region's demand")
    share_from: Literal["siblings", "origin"] = Field(
        "siblings", description="who gives up that share: the region's other caches in proportion, or the origin"
    )
    storage_bytes: Amount | None = Field(None, description="storage in bytes")
    fill_rate_bps: Amount | None = Field(None, description="fill rate in bit/s")
    fill_hours: Amount | None = Field(None, description="length of the fill window in hours")
    serve_rate_bps: Amount | None = Field(None, description="serve limit in bit/s")
    value_per_gb: Amount | None = Field(None, description="worth of a served GB")
    fill_cost_per_gb: Amount | None = Field(None, description="cost of a written GB")


class DemandScale(Part):
    """Demand multiplied, by title, region and day."""

    kind: Literal["demand"]
    where: Selection = _titles()
    files: Selection = _files()
    first_day: date | None = Field(None, alias="from", description="first day; default: the plan date")
    last_day: date | None = Field(None, alias="to", description="last day; default: the horizon's last")
    scale: Factor = Field(description="multiply by this")


class ForecastEnd(Part):
    """Demand at one end of the forecast's 80 % interval, every day of every title chosen at once; of two, the later."""

    kind: Literal["forecast_end"]
    where: Selection = _titles()
    end: Literal["low", "high"] = Field(description="which end")


class MoveLaunch(Part):
    """Launches (rights that start on or after the plan date) moved by days or to a day; re-forecast."""

    kind: Literal["move_launch"]
    where: Selection = _titles()
    days: Shift | None = Field(None, description="days later, or earlier if negative")
    to: date | None = Field(None, description="or the new first day")

    @model_validator(mode="after")
    def _one_of(self) -> MoveLaunch:
        if (self.days is None) == (self.to is None):
            raise ValueError("either `days` or `to`")
        return self


class AddLaunch(Part):
    """A title that is not there yet, with the catalogue entry and files of one that it is like; re-forecast."""

    kind: Literal["add_launch"]
    title_id: Name = Field(description="its id")
    like: str = Field(description="title_id it takes its catalogue entry and files from")
    start: date = Field(description="first day")
    regions: list[str] | None = Field(None, description="where; default: everywhere")


class CancelLaunch(Part):
    """Launches that do not happen; re-forecast."""

    kind: Literal["cancel_launch"]
    where: Selection = _titles()


class AddPromotion(Part):
    """A promotion of titles; re-forecast."""

    kind: Literal["promotion"]
    where: Selection = _titles()
    first_day: date = Field(alias="from", description="first day")
    last_day: date = Field(alias="to", description="last day")
    strength: Strength = Field(description="strength, as in `promotions`")

    @model_validator(mode="after")
    def _in_order(self) -> AddPromotion:
        if self.last_day < self.first_day:
            raise ValueError("a `to` that is not before `from`")
        return self


class DropRung(Part):
    """A video rung no longer offered: its demand goes to the rungs that are left."""

    kind: Literal["drop_rung"]
    where: Selection = _titles()
    bitrate_kbps: float = Field(strict=True, gt=0, description="the rung in kbps")


class AddRung(Part):
    """A video rung offered beside the others, which give up demand to it as the share estimates say."""

    kind: Literal["add_rung"]
    where: Selection = _titles()
    bitrate_kbps: float = Field(strict=True, gt=0, le=1e7, description="the rung in kbps")


class Codec(Part):
    """Files that become smaller (or larger) and so move fewer bytes per hour watched."""

    kind: Literal["codec"]
    where: Selection = _titles()
    files: Selection = _files()
    scale: SizeFactor = Field(description="multiply sizes by this")
    refill: bool = Field(
        False, strict=True, description="whether caches must fetch the new files, or are taken to hold them"
    )


class AddLanguage(Part):
    """A language offered beside the others; who takes it, the share estimates say."""

    kind: Literal["add_language"]
    where: Selection = _titles()
    language: str = Field(min_length=2, description="BCP-47 tag")
    carrier: Literal["audio", "subtitle"] = Field("audio", description="as audio (also in muxed files) or subtitle")


class ChangeSettings(Part):
    """Keys of fillplan.toml in other words: the policy, the horizon, the forecast's method."""

    kind: Literal["settings"]
    plan: dict[str, Any] = Field(default_factory=dict, description="keys of [plan]")
    forecast: dict[str, Any] = Field(default_factory=dict, description="keys of [forecast]; re-forecast")


Override = Annotated[
    Offline
    | Capacity
    | NewCache
    | DemandScale
    | ForecastEnd
    | MoveLaunch
    | AddLaunch
    | CancelLaunch
    | AddPromotion
    | DropRung
    | AddRung
    | Codec
    | AddLanguage
    | ChangeSettings,
    Field(discriminator="kind"),
]

KINDS: dict[str, type[Part]] = {
    model.model_fields["kind"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in Part.__subclasses__()
    if "kind" in model.model_fields
}
"""Override models by their `kind`."""


class ScenarioSpec(Part):
    """One scenario of a file: a name and overrides, applied in order after those of the scenarios it includes."""

    name: str = Field(min_length=1, max_length=80, description="its name, unique in the file")
    description: str = Field("", description="what it is about, shown with its results")
    include: list[str] = Field(default_factory=list, description="scenarios of the file whose overrides come first")
    override: list[Override] = Field(default_factory=list, description="the overrides, in order")


class ScenarioFileSpec(Part):
    """A whole file."""

    scenario: list[ScenarioSpec] = Field(min_length=1)


def sweeps_of(override: Part) -> list[str]:
    """Names of the override's fields that are swept."""
    return [name for name in type(override).model_fields if isinstance(getattr(override, name), Sweep)]


def at(override: Part, field: str, value: float) -> Part:
    """The override with one number in the place of a sweep."""
    return override.model_copy(update={field: value})


def scenarios_document() -> str:
    """docs/scenarios.md: every kind of override with its keys."""
    lines = [
        "# Overrides of scenarios",
        "",
        "Generated from the declarations by `make docs`. How to write a scenario file: [analysts.md](analysts.md). Any",
        "number but `bitrate_kbps` and those of `settings` may be swept:",
        "`scale = { from = 0.5, to = 2.0, steps = 10 }`.",
        "",
    ]
    for kind, model in KINDS.items():
        lines += [f"## {kind}", "", " ".join((model.__doc__ or "").split()), "", "| key | meaning |", "|---|---|"]
        for name, field in model.model_fields.items():
            if name != "kind":
                needed = " (required)" if field.is_required() else ""
                lines.append(f"| `{field.alias or name}` | {field.description}{_words(field)}{needed} |")
        lines.append("")
    return "\n".join(lines)


def _words(field: FieldInfo) -> str:
    """The words that a key allows, and which of them it has where it is left out."""
    if get_origin(field.annotation) is not Literal:
        return ""
    default = "" if field.is_required() else f"; default: `{field.default}`"
    return ": " + ", ".join(f"`{word}`" for word in get_args(field.annotation)) + default
