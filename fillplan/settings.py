"""Settings of a workspace: `fillplan.toml`, typed, frozen, grouped by phase, unknown keys refused.

Every field has a description with its unit; docs/settings.md is generated from them.
"""

from __future__ import annotations

import inspect
import json
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from fillplan_data.errors import NotFound, SettingsError
from fillplan_data.toml_values import as_toml_says
from fillplan_data.wording import counted, in_house_words
from fillplan_optimizer.policy import Policy, known_keys, load_policy, policies_folder

FILE_NAME = "fillplan.toml"
GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    _as_toml_says = field_validator("*", mode="before")(as_toml_says)


class RunSettings(_Group):
    """How a command runs; none of it changes a result but `seed`."""

    seed: int = Field(0, ge=0, le=2**31 - 1, description="seed of everything random")
    threads: int = Field(2, ge=1, le=256, description="threads and processes used at most; results are the same")


class TrainSettings(_Group):
    """When and how the demand model is trained."""

    spec: str = Field("default", description="name of a model spec, or the path of a spec file in the workspace")
    every_days: int = Field(1, ge=1, le=365, description="`nightly` trains anew when the last try is so old, in days")


class ForecastSettings(_Group):
    """Which method forecasts demand."""

    method: Literal["auto", "model", "best_simple", "seasonal_naive", "recent_mean", "ewma", "damped_trend"] = Field(
        "auto", description="`auto`: the trained model where there is one, else the best simple method"
    )


class PlanSettings(_Group):
    """The placement problem, its solver, and the policy: what a plan shall be good at besides the worth of bytes."""

    horizon_days: int = Field(7, ge=1, le=56, description="days from the plan date that the plan is made for")
    peak_to_mean: float = Field(
        2.0, ge=1.0, le=100.0, description="peak over mean request rate; turns `serve_rate_bps` into bytes"
    )
    solver: Literal["auto", "exact", "decomposition", "greedy"] = Field(
        "auto",
        description="`auto`: exact for small groups of caches, else the scalable one; `decomposition` is for trees",
    )

    policy: Policy = Field(
        Policy(),
        strict=False,
        description="name of a policy, or the path of a policy file in the workspace; what it says goes into plan.json",
    )

    @field_validator("policy", mode="before")
    @classmethod
    def _load(cls, policy: object) -> object:
        """A name stands for the policy shipped under it."""
        return load_policy(policy) if isinstance(policy, str) else policy


class PublishSettings(_Group):
    """What happens to published sets."""

    groups: tuple[GroupName, ...] = Field(
        (), max_length=1000, description="groups of caches; each gets a pointer of its own, `published/groups/NAME`"
    )
    first_groups: tuple[GroupName, ...] = Field(
        (), description="those of `groups` that get a new set first; the rest after `fillplan rollout --finish`"
    )
    soak_minutes: int = Field(
        0, ge=0, le=100_000, description="minutes that the first groups must follow a set before the rest may"
    )
    keep_sets: int = Field(14, ge=2, le=10_000, description="published sets kept, the one in force included")
    network: str = Field(
        "fillplan",
        min_length=1,
        max_length=100,
        description="name of the network that the sets are for; receivers refuse others",
    )
    signing_key: str = Field(
        "", description="PEM file of an Ed25519 private key, a path from the workspace; blank: sets are not signed"
    )

    @field_validator("groups")
    @classmethod
    def _none_is_current(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Such a group would have no pointer of its own: its caches would follow that of all."""
        if "current" in groups:
            raise ValueError("expected other names than 'current', which is the pointer of all caches")
        return groups

    @field_validator("first_groups")
    @classmethod
    def _known(cls, first: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if strangers := sorted(set(first) - set(info.data.get("groups", first))):
            raise ValueError(f"not among `groups`: {', '.join(strangers)}")
        return first


class RetentionSettings(_Group):
    """What is kept of earlier nights; what is in force is always kept (published sets: `publish.keep_sets`)."""

    runs: int = Field(60, ge=2, le=100_000, description="runs kept, the newest by plan date")
    models: int = Field(
        14, ge=2, le=10_000, description="trained models kept, the newest by plan date; the last two champions anyway"
    )
    log_bytes: int = Field(
        50_000_000, ge=10_000, le=10**12, description="a larger log is renamed to fillplan.jsonl.1 before a command"
    )


def _limit(default: float, description: str) -> Any:
    return Field(default, ge=0.0, le=1e9, description=description)


class GateSettings(_Group):
    """Limits of the gates of `nightly`: what a figure may be before the night stops (`--allow NAME` lets one pass).

    Data gates compare tonight's tables with those of the last good night and with their own history, plan gates
    tonight's plan with the last one in force. Shares are 0 to 1.
    """

    warn_at: float = Field(0.5, ge=0.0, le=1.0, description="share of its limit above which a gate warns")
    baseline_days: int = Field(
        14,
        ge=1,
        le=3650,
        description="with a good night older than so many days only what may never vanish is compared",
    )
    goes_back: float = _limit(0, "days by which the plan date lies before that of the newest set")
    old_views: float = _limit(14, "days between the last day with views to speak of and the plan date")
    stale_days: float = _limit(3, "days between the last views and the plan date, beyond those of the last good night")
    regions_missing: float = _limit(0.5, "share of usual hours in regions that have no row on the last day")
    hours_level: float = _limit(0.8, "the last day's hours against the same weekday before: times more or less, less 1")
    hours_by_region: float = _limit(0.2, "share of usual hours in regions whose last day is off threefold")
    repeated_day: float = _limit(1.0, "share of the last day that repeats the one before, beyond usual; 1 only warns")
    row_spike: float = _limit(5.0, "largest single figure in `views`, in usual days of its whole region")
    inventory_lost: float = _limit(0.3, "share of the bytes that the last plan kept and caches hold no more")
    inventory_unknown: float = _limit(0.3, "share of the inventory that the catalogue does not know")
    tables_gone: float = _limit(0, "tables that had rows at the last good night and have none now")
    rows_lost: float = _limit(0.3, "largest share of its rows that a table lost")
    rows_gained: float = _limit(0.7, "largest share by which a table grew")
    regions_gone: float = _limit(0.05, "share of hours in regions that have no views any more")
    titles_gone: float = _limit(0.1, "share of titles that left the catalogue")
    titles_new: float = _limit(0.3, "share of titles that are new")
    titles_changed: float = _limit(0.3, "share of titles whose kind, series, language or runtime changed")
    files_gone: float = _limit(0.1, "share of files that left the catalogue")
    files_new: float = _limit(0.4, "share of files that are new")
    files_changed: float = _limit(0.3, "share of files whose title, kind, bitrate, language or size changed")
    files_resized: float = _limit(0.05, "share of files whose size changed more than fourfold")
    rights_gone: float = _limit(0.05, "share of titles that stay but lost all of their rights windows")
    ends_gone: float = _limit(0.3, "share of titles whose rights had a last day and have none now")
    rights_changed: float = _limit(0.2, "share of titles whose rights windows changed")
    capacity_level: float = _limit(0.5, "storage or fill of the whole network: times more or less, less 1")
    caches_changed: float = _limit(0.4, "share of storage at caches that are new, gone, moved, or off by 1.9 times")
    blocks_lost: float = _limit(0.6, "share of the pairs of cache and file that pins blocked and block no more")
    blocks_gained: float = _limit(0.2, "share of all pairs of cache and file that pins block anew")
    history_regions: float = _limit(0.2, "share of hours of days already known that are told otherwise, by region")
    history_titles: float = _limit(0.3, "share of the last weeks' hours that moved between titles")
    demand_level: float = _limit(1.5, "requested bytes against the last plan's: times more or less, less 1")
    offload_drop: float = _limit(0.15, "by how much the expected offload may fall below the last plan's")
    caches_emptied: float = _limit(0.2, "share of caches that would hold less than half of the last plan")
    evicted: float = _limit(0.6, "share of the inventory's bytes that the plan evicts")
    launches_uncovered: float = _limit(0.5, "share of launches with files that nobody is expected to watch")
    manifest_bytes: float = _limit(64e6, "size of the largest manifest")


class Settings(_Group):
    """All settings; every key is optional."""

    model_config = ConfigDict(strict=False)

    run: RunSettings = RunSettings()
    train: TrainSettings = TrainSettings()
    forecast: ForecastSettings = ForecastSettings()
    plan: PlanSettings = PlanSettings()
    publish: PublishSettings = PublishSettings()
    retention: RetentionSettings = RetentionSettings()
    gates: GateSettings = GateSettings()


def read_settings(workspace: Path) -> Settings:
    """The workspace's settings, or the defaults where it has no `fillplan.toml`.

    Raises SettingsError naming every unknown key (with the nearest known one) and every value out of bounds, NotFound
    for a policy that is not there.
    """
    path = workspace / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: not a readable TOML file: {error}") from error
    try:
        _find_policy(content, workspace)
        return Settings.model_validate(content)
    except NotFound as error:
        raise NotFound(f"{path}: plan.policy: {error}") from error
    except ValidationError as error:
        lines = [_complaint(fault["loc"], fault["type"], fault["msg"], fault["input"]) for fault in error.errors()]
        raise SettingsError("\n".join([f"{path}: {counted(len(lines), 'fault')}", *lines])) from error


def _find_policy(content: dict[str, Any], workspace: Path) -> None:
    """Put the content of a policy file of the workspace in the place of its path."""
    group = content.get("plan")
    name = group.get("policy") if isinstance(group, dict) else None
    if isinstance(group, dict) and isinstance(name, str) and name.endswith(".toml"):
        group["policy"] = load_policy(workspace / name)


def _complaint(location: tuple[int | str, ...], kind: str, message: str, found: object) -> str:
    key = ".".join(map(str, location))
    if kind != "extra_forbidden":
        return f"  {key}: {in_house_words(message)}; found {found!r}"
    known = _known_keys()
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    section, _, _ = key.rpartition(".")
    beside = [name for name in known if name.rpartition(".")[0] == section]
    what = "key" if section else "section"
    hint = f"; did you mean `{near[0]}`?" if near else f"; {what}s there are: {', '.join(beside)}"
    return f"  {key}: unknown {what}{hint}"


def _known_keys() -> list[str]:
    groups = Settings.model_fields
    fields = [
        f"{name}.{key}"
        for name, group in groups.items()
        if isinstance(group.default, BaseModel)
        for key in type(group.default).model_fields
    ]
    return [*groups, *fields, *(f"plan.policy.{key}" for key in known_keys())]


def settings_document() -> str:
    """docs/settings.md: every key with its default, bounds and meaning; then those of a policy file."""
    lines = [
        "# Settings",
        "",
        "Generated from the settings themselves by `make docs`.",
        "",
        "Keys of a workspace's `fillplan.toml`. All are optional; unknown keys are refused.",
        "",
    ]
    for name, group in Settings.model_fields.items():
        lines += _section(f"## [{name}]", type(group.default))
    lines += [
        "# Policies",
        "",
        "Keys of a policy file (`plan.policy`). All are optional; unknown keys are refused. Shipped: "
        + ", ".join(f"`{file.stem}`" for file in sorted(policies_folder().glob("*.toml")))
        + ". What each does to the program: optimizer/FORMULATION.md.",
        "",
    ]
    for name, group in Policy.model_fields.items():
        if isinstance(group.default, BaseModel):
            lines += _section(f"## [{name}]", type(group.default))
    return "\n".join(lines)


def _section(heading: str, model: type[BaseModel]) -> list[str]:
    table = ["| key | default | allowed | meaning |", "|---|---|---|---|"]
    rows = []
    for key, field in model.model_json_schema()["properties"].items():
        default, allowed = field["default"], _allowed(field)
        shown = json.dumps(default["name"] if isinstance(default, dict) else default)  # JSON's scalars are TOML's too
        rows.append(f"| `{key}` | `{shown}` | {allowed} | {field['description']} |")
    return [heading, inspect.cleandoc(model.__doc__ or ""), "", *table, *rows, ""]


def _allowed(field: dict[str, Any]) -> str:
    if field.get("type") == "array":
        return "list of names"
    if "enum" in field:
        return ", ".join(f"`{json.dumps(x)}`" for x in field["enum"])
    if field.get("type") == "boolean":
        return "`true`, `false`"
    low, high = field.get("minimum"), field.get("maximum")
    return f"{low:,.15g} to {high:,.15g}" if low is not None else str(field.get("type", "string"))
