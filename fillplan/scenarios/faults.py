"""Faults of a scenario file: collected with their lines, raised all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from fillplan.scenarios.lines import Path
from fillplan_data.errors import ScenarioError
from fillplan_data.faults import Fault


@dataclass(eq=False)
class Misfit(Exception):
    """An override does not fit the workspace; the reader of the file adds the line."""

    keys: Path
    """Which keys of the override."""
    expected: str
    found: str
    remedy: str


@dataclass(eq=False)
class Misfits(Exception):
    """Several at once."""

    each: tuple[Misfit, ...]


def refuse_misfits(found: Sequence[Misfit]) -> None:
    """Raises the one Misfit, or Misfits with all of them, if there are any."""
    if found:
        raise found[0] if len(found) == 1 else Misfits(tuple(found))


def fault(file: str, line: int | None, path: Path, expected: str, found: str, remedy: str) -> Fault:
    """One fault, in the form of all input faults; `row` is the line of the file."""
    return Fault("fault", "scenario", file, line, dotted(path), expected, found, remedy)


def refuse(faults: Sequence[Fault]) -> None:
    """Raises ScenarioError with all faults, if there are any."""
    if faults:
        ordered = tuple(sorted(faults, key=lambda f: (f.row is None, f.row or 0)))
        lines = [f"  {_place(f)}: expected {f.expected}, found {f.found}; {f.remedy}" for f in ordered]
        headline = f"{ordered[0].file} has {len(ordered)} fault{'s' if len(ordered) > 1 else ''}:"
        raise ScenarioError(ordered, "\n".join([headline, *lines]))


def _place(fault: Fault) -> str:
    return str(fault.column) if fault.row is None else f"line {fault.row}, {fault.column}"


def dotted(path: Path) -> str:
    """scenario[0].override[2].scale, counted from 1 as people do: `scenario 1, override 3, scale`."""
    words = [f"{path[i]} {int(path[i + 1]) + 1}" if _counted(path, i) else str(path[i]) for i in _starts(path)]
    return ", ".join(words)


def _counted(path: Path, i: int) -> bool:
    return i + 1 < len(path) and isinstance(path[i + 1], int)


def _starts(path: Path) -> list[int]:
    return [i for i, part in enumerate(path) if not isinstance(part, int)]


def nearest(name: str, known: Sequence[str], what: str = "") -> str:
    """'did you mean `storage_bytes`?', or the known ones."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean `{near[0]}`?"
    shown = ", ".join(list(known)[:12]) + (", ..." if len(known) > 12 else "")
    return f"known{' ' + what if what else ''}: {shown}"
