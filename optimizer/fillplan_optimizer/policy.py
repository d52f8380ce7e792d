"""Policies: what a plan shall be good at besides the plain worth of bytes, read from TOML, typed and frozen.

Each choice changes the problem and nothing else (`rules`), so that every solver, the verifier and every question about
the plan see the same program. FORMULATION.md states what each one does to it.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fillplan_data.errors import NotFound, SettingsError
from fillplan_data.wording import counted, in_house_words


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Worth(_Part):
    """What a served byte is worth."""

    basis: Literal["value", "bytes"] = Field(
        default="value",
        description="`value`: each cache's `value_per_gb`; `bytes`: 1 per GB at every cache, so that the plan aims at "
        "the greatest offload, wherever the bytes are served",
    )


class Churn(_Part):
    """How unwelcome writing is."""

    penalty_per_gb: float = Field(
        default=0.0, ge=0, le=1e9, description="added to every cache's `fill_cost_per_gb`; counts in the plan's value"
    )


class Launches(_Part):
    """Titles that open within the horizon, after the plan date."""

    min_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="at each cache nearest to clients: files with at least this part of the bytes that its clients "
        "are expected to request of launches are held",
    )


class Floor(_Part):
    """The lowest rung and main audio of whatever is watched."""

    lowest_rung: bool = Field(default=False, description="hold them at each cache nearest to the clients who watch")
    min_plays: float = Field(
        default=1.0, ge=0, le=1e9, description="a title is watched where at least this many full plays are expected"
    )


class Reserve(_Part):
    """Space that stays free."""

    storage_share: float = Field(default=0.0, ge=0, le=0.9, description="part of each cache's storage left empty")


class Outages(_Part):
    """Caches that fail."""

    probability: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="how often the cache that clients ask first is out, one at a time: the plan is the best on average "
        "over that, and plan.json tells what it gives up on a night without outage",
    )


class Policy(_Part):
    """A policy, as in `optimizer/policies/*.toml`."""

    model_config = ConfigDict(strict=False)

    name: str = Field(default="default", pattern=r"^[A-Za-z0-9._-]{1,100}$", description="what plans call it")
    worth: Worth = Worth()
    churn: Churn = Churn()
    launches: Launches = Launches()
    floor: Floor = Floor()
    reserve: Reserve = Reserve()
    outages: Outages = Outages()

    @property
    def is_neutral(self) -> bool:
        """Whether it leaves every problem as it is."""
        return self.model_copy(update={"name": "default"}) == Policy()


def load_policy(name: str | Path = "default") -> Policy:
    """Read a shipped policy by name, or any policy by the path of its TOML file.

    Raises NotFound if there is none, SettingsError for broken TOML, unknown keys (with the nearest known one) and
    values out of bounds.
    """
    path = Path(name) if str(name).endswith(".toml") else policies_folder() / f"{name}.toml"
    if not path.is_file():
        shipped = sorted(file.stem for file in policies_folder().glob("*.toml"))
        near = get_close_matches(str(name), shipped, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise NotFound(f"expected a policy {name}, found no such file; shipped policies: {', '.join(shipped)}{hint}")
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"expected TOML in {path}, found: {error}") from error
    except ValidationError as error:
        lines = [f"  {_complaint(fault)}" for fault in error.errors()]
        raise SettingsError("\n".join([f"{path}: {counted(len(lines), 'fault')}", *lines])) from error


def policies_folder() -> Path:
    """Folder of the shipped policies: inside the package when installed, beside it in a checkout."""
    inside = Path(str(files("fillplan_optimizer"))) / "policies"
    return inside if inside.is_dir() else inside.parent.parent / "policies"


def _complaint(fault: Any) -> str:
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] != "extra_forbidden":
        return f"{key}: {in_house_words(fault['msg'])}; found {fault['input']!r}"
    known = known_keys()
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    return f"{key}: unknown key" + (f"; did you mean `{near[0]}`?" if near else f"; known keys: {', '.join(known)}")


def known_keys() -> list[str]:
    """Every key of a policy file, `group.key` for those in groups."""
    keys = []
    for name, field in Policy.model_fields.items():
        group = field.default
        keys += [f"{name}.{key}" for key in type(group).model_fields] if isinstance(group, BaseModel) else [name]
    return keys
