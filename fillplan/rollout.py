"""Staged roll-out: the first groups of caches follow a new set ahead of the rest, which follow after a check."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from fillplan.pointers import CURRENT, newest_set, pointed_to, pointers, switch_all, waiting
from fillplan.publication import in_force, set_folder
from fillplan.receiving import read_seen
from fillplan.sets import SetInfo, set_faults
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace
from fillplan_data.errors import NotFound, RolloutHeld


@dataclass(frozen=True)
class Rollout:
    """Where a roll-out stands."""

    newest: SetInfo
    pointers: dict[str, int]
    """Version that each pointer points to; 0 where the set cannot be read."""
    waiting: tuple[str, ...]
    """Pointers that still point to another set than the newest."""
    waited: tuple[str, ...] = ()
    """Pointers that waited for this command to finish the roll-out."""


def rollout_of(workspace: Workspace) -> Rollout:
    """Where the roll-out stands. Raises NotFound where no pointer leads to a set that can be read."""
    newest = newest_set(workspace)
    if newest is None:
        raise NotFound(f"{workspace.published}: {in_force(workspace)}; publish one with: fillplan publish")
    versions = {name: 0 if info is None else info.version for name, info in pointed_to(workspace).items()}
    return Rollout(newest, versions, waiting(workspace))


def finish(workspace: Workspace, settings: PublishSettings, today: date, accepted: Sequence[Path] = ()) -> Rollout:
    """Let the rest follow what the first groups follow, if the check passes. Nothing waits: nothing happens.

    today: a set that has expired by then goes no further. accepted: files that receivers of the first groups keep
    with `verify --seen`; each must name this very set.
    Raises RolloutHeld with everything that speaks against it; the rest then keeps the set that it has.
    """
    before = rollout_of(workspace)
    target = set_folder(workspace, before.newest.version)
    if not before.waiting:
        return before
    if faults := [
        *set_faults(target),
        *_expired(before.newest, today),
        *_too_early(workspace, before, settings.soak_minutes),
        *(fault for path in accepted for fault in _acceptance_faults(path, before.newest)),
    ]:
        held = f"set {before.newest.version:06d} goes no further; {', '.join(before.waiting)} keep what they have:"
        raise RolloutHeld("\n  ".join([f"{workspace.published}: {held}", *faults[:20]]))
    switch_all(workspace, target, settings)
    return replace(rollout_of(workspace), waited=before.waiting)


def _expired(info: SetInfo, today: date) -> list[str]:
    return [f"it expired on {info.expires}, today is {today}"] if today.isoformat() >= info.expires else []


def _too_early(workspace: Workspace, rollout: Rollout, soak_minutes: int) -> list[str]:
    """Followed for too short a time; a clock that was set back counts as too short."""
    links, now = pointers(workspace), time.time()
    ahead = [links[n] for n, version in rollout.pointers.items() if version == rollout.newest.version and n != CURRENT]
    minutes = (now - max((link.lstat().st_mtime for link in ahead), default=now)) / 60
    if soak_minutes == 0 or minutes >= soak_minutes:
        return []
    return [f"the first groups follow it for {minutes:.0f} minutes, not yet {soak_minutes}"]


def _acceptance_faults(path: Path, info: SetInfo) -> list[str]:
    seen = read_seen(path)
    if seen is None:
        return [f"{path}: no such file; its receiver has accepted no set yet"]
    if (seen.network, seen.version, seen.sha256) == (info.network, info.version, info.sha256):
        return []
    return [f"{path}: its receiver accepted version {seen.version} of {seen.network!r} last, not this very set"]
