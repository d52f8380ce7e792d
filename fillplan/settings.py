"""Settings of a workspace: `fillplan.toml`, typed, frozen, grouped by phase, unknown keys refused.

Every field has a description with its unit; docs/settings.md is generated from them.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fillplan_data.errors import SettingsError

FILE_NAME = "fillplan.toml"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class RunSettings(_Group):
    """How a command runs; none of it changes a result but `seed`."""

    seed: int = Field(0, ge=0, le=2**31 - 1, description="seed of everything random")
    threads: int = Field(2, ge=1, le=256, description="threads and processes used at most; results are the same")


class TrainSettings(_Group):
    """When and how the demand model is trained."""

    spec: str = Field("default", description="name of a model spec, or the path of a spec file in the workspace")
    every_days: int = Field(7, ge=1, le=365, description="`nightly` trains when the model is older, in days")


class ForecastSettings(_Group):
    """Which method forecasts demand."""

    method: Literal["auto", "model", "best_simple", "seasonal_naive", "recent_mean", "ewma"] = Field(
        "auto", description="`auto`: the trained model where there is one, else the best simple method"
    )


class PlanSettings(_Group):
    """The placement problem and its solver."""

    horizon_days: int = Field(7, ge=1, le=56, description="days from the plan date that the plan is made for")
    peak_to_mean: float = Field(
        2.0, ge=1.0, le=100.0, description="peak over mean request rate; turns `serve_rate_bps` into bytes"
    )
    solver: Literal["auto", "exact", "decomposition", "greedy"] = Field(
        "auto",
        description="`auto`: exact for small groups of caches, else the scalable one; `decomposition` is for trees",
    )


class PublishSettings(_Group):
    """What happens to published sets."""

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


class Settings(_Group):
    """All settings; every key is optional."""

    run: RunSettings = RunSettings()
    train: TrainSettings = TrainSettings()
    forecast: ForecastSettings = ForecastSettings()
    plan: PlanSettings = PlanSettings()
    publish: PublishSettings = PublishSettings()


def read_settings(workspace: Path) -> Settings:
    """The workspace's settings, or the defaults where it has no `fillplan.toml`.

    Raises SettingsError naming every unknown key (with the nearest known one) and every value out of bounds.
    """
    path = workspace / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a readable TOML file: {error}") from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        lines = [_complaint(fault["loc"], fault["type"], fault["msg"], fault["input"]) for fault in error.errors()]
        raise SettingsError("\n".join([f"{path}: {len(lines)} fault(s)", *lines])) from error


def _complaint(location: tuple[int | str, ...], kind: str, message: str, found: object) -> str:
    key = ".".join(map(str, location))
    if kind != "extra_forbidden":
        return f"  {key}: {message}; found {found!r}"
    known = _known_keys()
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; known keys: {', '.join(known)}"
    return f"  {key}: unknown key{hint}"


def _known_keys() -> list[str]:
    groups = Settings.model_fields
    fields = [
        f"{name}.{key}"
        for name, group in groups.items()
        if isinstance(group.default, BaseModel)
        for key in type(group.default).model_fields
    ]
    return [*groups, *fields]


def settings_document() -> str:
    """docs/settings.md: every key with its default, bounds and meaning."""
    lines = ["# Settings", "", "Keys of a workspace's `fillplan.toml`. All are optional; unknown keys are refused.", ""]
    for name, group in Settings.model_fields.items():
        model = type(group.default)
        lines += [
            f"## [{name}]",
            (model.__doc__ or "").strip(),
            "",
            "| key | default | allowed | meaning |",
            "|---|---|---|---|",
        ]
        schema = model.model_json_schema()["properties"]
        for key, field in schema.items():
            allowed = ", ".join(f"`{x}`" for x in field["enum"]) if "enum" in field else _bounds(field)
            lines.append(f"| `{key}` | `{field['default']}` | {allowed} | {field['description']} |")
        lines.append("")
    return "\n".join(lines)


def _bounds(field: dict[str, object]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    return f"{low} to {high}" if low is not None else str(field["type"])
