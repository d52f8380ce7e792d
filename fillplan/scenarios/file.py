"""Reading a scenario file: TOML -> named scenarios, sweeps laid out, every fault at once with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fillplan.scenarios.faults import fault, nearest, refuse
from fillplan.scenarios.kinds import (
    KINDS,
    Capacity,
    Offline,
    Override,
    ScenarioFileSpec,
    ScenarioSpec,
    at,
    sweeps_of,
)
from fillplan.scenarios.lines import Path, line_numbers, line_of
from fillplan.scenarios.parts import Part, Sweep
from fillplan_data.errors import NotFound
from fillplan_data.faults import Fault
from fillplan_data.wording import in_house_words

_TAGS = {"number", "sweep"}
"""Parts of pydantic's paths that stand for a choice, not for a key."""


@dataclass(frozen=True)
class Placed:
    """An override and where it stands in the file."""

    override: Part
    path: Path


@dataclass(frozen=True)
class Swept:
    """The number of a scenario that runs over values."""

    index: int
    """Position of the override among the scenario's, included ones first."""
    field: str
    values: tuple[float, ...]

    def words(self, overrides: Sequence[Placed]) -> str:
        """'capacity storage_bytes scale'."""
        override: Any = overrides[self.index].override
        parts = [override.kind, getattr(override, "column", ""), self.field]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Scenario:
    """A named list of overrides, included ones first; with at most one swept number."""

    name: str
    description: str
    overrides: tuple[Placed, ...]
    sweep: Swept | None

    def points(self) -> tuple[tuple[float | None, tuple[Placed, ...]], ...]:
        """(swept value or None, overrides with plain numbers): one entry, or one per value of the sweep."""
        if self.sweep is None:
            return ((None, self.overrides),)
        sweep = self.sweep
        swept = self.overrides[sweep.index]

        def with_value(value: float) -> tuple[Placed, ...]:
            changed = Placed(at(swept.override, sweep.field, value), swept.path)
            return (*self.overrides[: sweep.index], changed, *self.overrides[sweep.index + 1 :])

        return tuple((value, with_value(value)) for value in sweep.values)


@dataclass(frozen=True)
class ScenarioFile:
    """All scenarios of a file, in order."""

    path: FilePath
    scenarios: tuple[Scenario, ...]
    lines: dict[Path, int]
    faults: tuple[Fault, ...] = ()
    """Of its form. The scenarios are then its sound overrides, so that they can be tried on the workspace too."""

    def fault(self, path: Path, expected: str, found: str, remedy: str) -> Fault:
        """A fault at a key of this file."""
        return fault(self.path.name, line_of(path, self.lines), path, expected, found, remedy)


def read_scenarios(path: FilePath) -> ScenarioFile:
    """Read a scenario file and check its form; `faults` has every fault, and `apply_file` raises them with those that
    show in the workspace. Raises NotFound, and ScenarioError for what is no TOML.
    """
    if not path.is_file():
        raise NotFound(f"{path}: expected a scenario file (TOML with [[scenario]] entries), found no such file")
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        line = _line_of(error)
        refuse([fault(path.name, line, ("file",), "TOML", str(error), "correct the syntax")])
        raise
    file = ScenarioFile(path, (), line_numbers(text))
    try:
        spec = ScenarioFileSpec.model_validate(content)
    except ValidationError as error:
        found = [*(_complaint(file, details) for details in error.errors()), *_misnamed(file, _named(content))]
        return replace(file, scenarios=_sound(content), faults=tuple(found))
    found = list(_misnamed(file, _named(content)))
    if found:
        return replace(file, scenarios=_sound(content), faults=tuple(found))
    scenarios = tuple(_scenario(index, spec.scenario) for index in range(len(spec.scenario)))
    return replace(file, scenarios=scenarios, faults=tuple(_swept_twice(file, scenarios)))


def _line_of(error: Exception) -> int | None:
    """Where the syntax breaks: the parser says it in words."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else None


def _sound(content: Any) -> tuple[Scenario, ...]:
    """The overrides of a faulty file that are well formed, and what the others select, by scenario without includes."""
    return tuple(
        Scenario(name, "", overrides, _swept(overrides))
        for index, (name, _) in enumerate(_named(content))
        if (overrides := tuple(_sound_overrides(content["scenario"][index], index)))
    )


def _sound_overrides(entry: Any, index: int) -> Iterator[Placed]:
    listed = entry.get("override") if isinstance(entry, dict) else None
    for position, override in enumerate(listed if isinstance(listed, list) else []):
        for form in (override, _selecting_alone(override)):
            try:
                checked = _OVERRIDE.validate_python(form)
            except ValidationError:
                continue
            yield Placed(checked, ("scenario", index, "override", position))
            break


def _selecting_alone(override: Any) -> dict[str, Any]:
    """A faulty override's selection with nothing changed, so that it is tried on the workspace as well; {} without."""
    kind = KINDS.get(str(override.get("kind"))) if isinstance(override, dict) else None
    selection: dict[str, Any] = {
        key: override[key] for key in ("where", "files") if kind and key in override and key in _keys(kind)
    }
    if not selection:
        return {}
    if kind in (Offline, Capacity):
        return {"kind": "capacity", "column": "storage_bytes", "scale": 1, **selection}
    return {"kind": "demand", "scale": 1, **selection}


_OVERRIDE: TypeAdapter[Any] = TypeAdapter(Override)


def _complaint(file: ScenarioFile, details: Any) -> Fault:
    """pydantic's words in ours: the key's path, what was expected, what came, what to do."""
    loc, kind = details["loc"], details["type"]
    path = tuple(part for part in loc if part not in KINDS and part not in _TAGS)
    context, found = details.get("ctx", {}), repr(details["input"])[:80]
    if kind == "extra_forbidden":
        known = _keys_at(loc)
        return file.fault(path, "a known key", f"`{path[-1]}`", nearest(str(path[-1]), known, "keys"))
    if kind == "missing":
        return file.fault(path, f"a key `{path[-1]}`", "none", "add it")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(context.get("tag", "none"))
        return file.fault((*path, "kind"), "a kind of override", tag, nearest(tag, list(KINDS), "kinds"))
    expected = (
        str(context["error"]) if kind == "value_error" else in_house_words(details["msg"]).removeprefix("expected ")
    )
    return file.fault(path, expected, found, "correct the value")


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """Keys that the model at a path of pydantic's knows."""
    if len(loc) > 1 and loc[-2] == "sweep":
        return _keys(Sweep)
    tags = [part for part in loc if part in KINDS and isinstance(part, str)]
    if tags:
        return _keys(KINDS[tags[-1]])
    return _keys(ScenarioSpec if len(loc) > 1 else ScenarioFileSpec)


def _keys(model: type[Part]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _named(content: Any) -> list[tuple[str, list[str]]]:
    """(name, includes) of every scenario, as far as they are such, so that these faults show beside all others."""
    entries = content.get("scenario")
    entries = [entry if isinstance(entry, dict) else {} for entry in (entries if isinstance(entries, list) else [])]
    lists = [entry.get("include") for entry in entries]
    return [
        (str(entry.get("name", "")), [str(name) for name in (include if isinstance(include, list) else [])])
        for entry, include in zip(entries, lists, strict=True)
    ]


def _misnamed(file: ScenarioFile, named: Sequence[tuple[str, list[str]]]) -> Iterator[Fault]:
    """Names used twice, includes of unknown scenarios and of oneself."""
    names = [name for name, _ in named]
    for index, (name, includes) in enumerate(named):
        path: Path = ("scenario", index)
        if name and names.index(name) != index:
            yield file.fault((*path, "name"), "a name used once", f"{name} again", "give each its own name")
        for other in includes:
            if other not in names:
                yield file.fault((*path, "include"), "a scenario of this file", other, nearest(other, names))
        if includes and name in _included(name, dict(named), set()):
            yield file.fault((*path, "include"), "includes that end", f"{name} includes itself", "break the circle")


def _included(name: str, includes: dict[str, list[str]], seen: set[str]) -> set[str]:
    for other in includes.get(name, []):
        if other not in seen:
            seen.add(other)
            _included(other, includes, seen)
    return seen


def _scenario(index: int, specs: Sequence[ScenarioSpec]) -> Scenario:
    spec = specs[index]
    overrides = tuple(_overrides(index, specs))
    return Scenario(spec.name, spec.description, overrides, _swept(overrides))


def _swept(overrides: Sequence[Placed]) -> Swept | None:
    """The first number that runs over values."""
    for position, placed in enumerate(overrides):
        for name in sweeps_of(placed.override):
            return Swept(position, name, getattr(placed.override, name).values)
    return None


def _overrides(index: int, specs: Sequence[ScenarioSpec]) -> Iterator[Placed]:
    names = [spec.name for spec in specs]
    for name in specs[index].include:
        yield from _overrides(names.index(name), specs)
    for position, override in enumerate(specs[index].override):
        yield Placed(override, ("scenario", index, "override", position))


def _swept_twice(file: ScenarioFile, scenarios: Sequence[Scenario]) -> Iterator[Fault]:
    for index, scenario in enumerate(scenarios):
        count = sum(len(sweeps_of(placed.override)) for placed in scenario.overrides)
        if count > 1:
            path = ("scenario", index)
            yield file.fault(path, "at most one swept number", f"{count} in {scenario.name}", "sweep one at a time")
