"""Pointers into the published sets: `published/current`, and one per group of caches in `published/groups/`.

Each is a symbolic link to one complete, immutable set and moves in one atomic switch of its own, so that whoever
follows any of them never sees a mixture. With `publish.first_groups` a new set goes to these groups alone; the rest
and `current` follow when the roll-out is finished. `current` moves last: what it points to is in force everywhere.
`published/overtaken.json` names the versions that it never pointed to, as spans from a version up to another.
"""

from __future__ import annotations

import json
from pathlib import Path

from fillplan.sets import SetInfo, read_set_info, set_faults
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace, real, switch_link, write_whole

CURRENT, OVERTAKEN = "current", "overtaken.json"


def pointers(workspace: Workspace, groups: tuple[str, ...] = ()) -> dict[str, Path]:
    """Every pointer by its name, `current` last: of the groups named, and of those that were named once.

    A group that left the settings keeps its pointer, which moves with the rest: somebody may still follow it.
    """
    folder = workspace.groups
    there = {path.name for path in folder.glob("*") if path.is_symlink() and not path.name.startswith(".")}
    return {name: folder / name for name in sorted({*groups, *there})} | {CURRENT: workspace.published / CURRENT}


def pointed_to(workspace: Workspace) -> dict[str, SetInfo | None]:
    """set.json of what each pointer there is points to; None where it cannot be read."""
    return {name: set_at(link) for name, link in pointers(workspace).items() if link.is_symlink()}


def set_at(link: Path) -> SetInfo | None:
    """set.json of what a pointer points to; None where there is none and where it cannot be read, so that a damaged
    set is replaced by the next good night instead of stopping it.
    """
    try:
        return read_set_info(link)
    except (OSError, ValueError):
        return None


def newest_set(workspace: Workspace) -> SetInfo | None:
    """The newest set that any pointer points to: the one in force, or one that is on its way to the rest."""
    found = [info for info in pointed_to(workspace).values() if info is not None]
    return max(found, key=lambda info: info.version, default=None)


def waiting(workspace: Workspace) -> tuple[str, ...]:
    """Pointers that a roll-out under way has not reached yet."""
    newest = newest_set(workspace)
    return tuple(name for name, info in pointed_to(workspace).items() if info != newest)


def switch_all(workspace: Workspace, target: Path, settings: PublishSettings) -> None:
    """Point every pointer to one set."""
    *groups, current = pointers(workspace, settings.groups).values()
    _switch(groups, target)
    _note_overtaken(workspace, target)
    _switch([current], target)


def overtaken(workspace: Workspace) -> list[range]:
    """Versions that `current` was moved past: never in force everywhere, and no set to go back to or compare with.

    Nothing is known where the file is absent or damaged.
    """
    try:
        spans = json.loads((workspace.published / OVERTAKEN).read_text(encoding="utf-8"))
        return [range(first, stop) for first, stop in spans]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


def _note_overtaken(workspace: Workspace, target: Path) -> None:
    """Before `current` moves, and once all groups have: if the process dies here, it is still true."""
    before, after = real(workspace.published / CURRENT).name, int(target.name)
    if before.isdecimal() and int(before) + 1 < after:
        spans = {*overtaken(workspace), range(int(before) + 1, after)}
        rows = sorted([span.start, span.stop] for span in spans)
        write_whole(workspace.published / OVERTAKEN, (json.dumps(rows) + "\n").encode())


def switch_first(workspace: Workspace, target: Path, settings: PublishSettings) -> None:
    """Point the first groups to a set, or every pointer where none is named.

    A set goes to all at once also where no whole set is in force: there is nothing good that it could spoil.
    """
    current = workspace.published / CURRENT
    if not settings.first_groups or set_faults(real(current)):
        switch_all(workspace, target, settings)
        return
    links = pointers(workspace, settings.groups)
    _switch([links[name] for name in settings.first_groups], target)
    _switch([link for link in links.values() if not link.is_symlink()], real(current))


def _switch(links: list[Path], target: Path) -> None:
    """Move those that do not lead there: when one moved last is when its caches began to follow the set."""
    for link in links:
        if not link.is_symlink() or real(link) != real(target):
            link.parent.mkdir(parents=True, exist_ok=True)
            switch_link(link, target)
