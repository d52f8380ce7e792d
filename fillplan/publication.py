"""Publication: a complete, verified, immutable set of manifests, put in force by one atomic switch per pointer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan.manifests import check_manifests
from fillplan.pointers import CURRENT, newest_set, overtaken, pointers, set_at, switch_all, switch_first, waiting
from fillplan.runs import PUBLISHED_MARK, Run, published_version
from fillplan.sets import SET_FILE, SIGNATURE_FILE, SetInfo, digest_of, read_set_info, set_faults
from fillplan.settings import PublishSettings
from fillplan.signatures import sign
from fillplan.workspace import Workspace, delete_folder, folder_in_one_piece, real, write_whole
from fillplan_data.errors import NotFound, VerificationFailed
from fillplan_data.lookup import positions
from fillplan_data.wording import counted
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.verifier import verify


@dataclass(frozen=True)
class PublishedSet:
    """The set in force after a publication."""

    version: int
    folder: Path
    waiting: tuple[str, ...] = ()
    """Pointers that a staged roll-out has not reached yet."""


def verify_run(run: Run, problem: PlacementProblem) -> None:
    """Judge a run by what stands on disk, against the tables as they are now.

    Recomputes every limit and the value from plan.parquet alone, and compares the manifests with the plan.
    Raises VerificationFailed with every violation.
    """
    plan = run.plan()
    _actions_match_inventory(plan.rows, problem, run.folder)
    verdict = verify(problem, plan.placement(problem))
    faults = [f"{v.cache_id}: {v.message}" for v in verdict.violations]
    stated = float(run.summary["value"])
    if not np.isclose(stated, verdict.value, rtol=1e-6, atol=1e-6):
        faults.append(f"plan.json states a value of {stated}, the plan's rows give {verdict.value}")
    if faults:
        raise VerificationFailed("\n  ".join([f"{run.folder}: {counted(len(faults), 'violation')}", *faults[:50]]))
    check_manifests(run.folder / "manifests", plan, problem.cache_ids, run.plan_date)


def _actions_match_inventory(rows: pd.DataFrame, problem: PlacementProblem, folder: Path) -> None:
    """Adds must not be held now, keeps and evictions must, and nothing that is held may be passed over."""
    cache = positions(rows["cache_id"], problem.cache_ids)
    file = positions(rows["asset_id"], problem.file_ids)
    is_add = (rows["action"] == "add").to_numpy()
    for c, cache_id in enumerate(problem.cache_ids):
        here = (cache == c) & (file >= 0)
        is_held = problem.held_mask(c)[file[here]]
        if (is_add[here] == is_held).any() or is_held.sum() != len(problem.held[c]):
            raise VerificationFailed(
                f"{folder}: the plan's actions at {cache_id} do not fit the inventory as it is now; "
                "the inventory has changed since the plan was made. Plan again."
            )


def publish(workspace: Workspace, run: Run, settings: PublishSettings) -> PublishedSet:
    """Put a verified run's manifests in force. Publishing what is in force already changes nothing.

    The set is copied aside, read back, synced and renamed before any pointer moves, so that a reader of
    `published/current/`, or of a group's pointer, sees the complete old set or the complete new one, whenever the
    process dies. With `first_groups` only their pointers move; `rollout.finish` moves the rest.
    Raises VerificationFailed if the copy is not what was verified, NotFound or SettingsError for a bad key.
    """
    _complete_rollback(workspace, settings)
    digest, manifests = digest_of(run.folder / "manifests")
    newest = newest_set(workspace)
    expires = run.plan_date + timedelta(days=int(run.summary["horizon_days"]))
    info = SetInfo(
        network=settings.network,
        version=1 + _last_version(workspace),
        plan_date=run.plan_date.isoformat(),
        expires=expires.isoformat(),
        digest=digest,
        previous=_link_to(newest),
    )
    if newest is not None and _says_the_same(workspace, newest, info, settings):
        info, target = newest, set_folder(workspace, newest.version)
    else:
        target = _make_set(workspace, info, manifests, settings)
        # marked before the switch: a run in force must never look replaceable
        write_whole(run.folder / PUBLISHED_MARK, info.content())
    switch_first(workspace, target, settings)
    return PublishedSet(info.version, target, waiting(workspace))


def _says_the_same(workspace: Workspace, newest: SetInfo, info: SetInfo, settings: PublishSettings) -> bool:
    """Whether a whole set tells receivers what a new one would: manifests, network, last day, and by the same key."""
    folder = set_folder(workspace, newest.version)
    told = [(x.network, x.plan_date, x.expires, x.digest) for x in (newest, info)]
    if told[0] != told[1] or set_faults(folder):
        return False
    signature = folder / SIGNATURE_FILE
    return not settings.signing_key or (
        signature.exists() and signature.read_bytes() == sign(newest.content(), workspace.root / settings.signing_key)
    )


def roll_back(workspace: Workspace, settings: PublishSettings) -> PublishedSet:
    """Put the manifests before the newest ones in force everywhere, as a set with a new version of its own.

    In a roll-out under way these are the ones that the rest still follows. Versions only grow, so that caches
    which refuse older sets take it. Raises NotFound where no earlier set is whole.
    """
    if half_done := _complete_rollback(workspace, settings):
        return half_done
    folder, old = _set_before(workspace)
    info = replace(
        old,
        network=settings.network,
        version=1 + _last_version(workspace),
        previous=_link_to(newest_set(workspace)),
        rollback_of=old.newest_night,
    )
    target = _make_set(workspace, info, digest_of(folder)[1], settings)
    switch_all(workspace, target, settings)
    return PublishedSet(info.version, target)


def _complete_rollback(workspace: Workspace, settings: PublishSettings) -> PublishedSet | None:
    """A way back goes to all at once: where some pointers wait for it, its process died between two of them."""
    newest = newest_set(workspace)
    if newest is None or newest.rollback_of is None or not waiting(workspace):
        return None
    target = set_folder(workspace, newest.version)
    switch_all(workspace, target, settings)
    return PublishedSet(newest.version, target)


def _set_before(workspace: Workspace) -> tuple[Path, SetInfo]:
    """What was in force everywhere before the newest set: the newest whole set with other manifests that was never
    gone back from, so that a second way back does not return to what the first one left.
    """
    current, newest = current_set(workspace), newest_set(workspace)
    link = workspace.published / CURRENT
    if current is not None and newest is not None and current != newest and not set_faults(real(link)):
        return real(link), current
    last = _last_version(workspace) + 1 if current is None else current.newest_night
    left = left_behind(workspace)
    for folder in reversed(set_folders(workspace)):
        version = int(folder.name)
        if version >= last or any(version in span for span in left) or set_faults(folder):
            continue
        old = read_set_info(folder)
        if newest is None or old.digest != newest.digest:
            return folder, old
    raise NotFound(
        f"{_sets(workspace)}: no earlier whole set to go back to; publish another run with: fillplan publish"
    )


def left_behind(workspace: Workspace) -> list[range]:
    """Versions that are no measure and no refuge: overtaken before they were in force everywhere, or gone back from,
    as far as the sets that did so are kept. Each span stops at the version that left it behind.
    """
    found = overtaken(workspace)
    for folder in set_folders(workspace):
        info = set_at(folder)
        if info is not None and info.rollback_of is not None:
            found.append(range(info.rollback_of + 1, info.version))
    return found


def _link_to(current: SetInfo | None) -> dict[str, int | str] | None:
    return None if current is None else {"version": current.version, "sha256": current.sha256}


def _make_set(workspace: Workspace, info: SetInfo, manifests: list[Path], settings: PublishSettings) -> Path:
    target = set_folder(workspace, info.version)
    with folder_in_one_piece(target) as folder:
        for manifest in manifests:
            (folder / manifest.name).write_bytes(manifest.read_bytes())
        (folder / SET_FILE).write_bytes(info.content())
        if settings.signing_key:
            signature = sign(info.content(), workspace.root / settings.signing_key)
            (folder / SIGNATURE_FILE).write_bytes(signature)
        if faults := set_faults(folder):
            raise VerificationFailed("\n  ".join([f"{target}: what was written is not what was verified:", *faults]))
    return target


def _last_version(workspace: Workspace) -> int:
    """Versions never repeat, even if somebody deleted published sets: runs remember theirs."""
    of_sets = [int(path.name) for path in set_folders(workspace)]
    of_runs = [published_version(mark.parent) for mark in workspace.runs.glob(f"*/{PUBLISHED_MARK}")]
    return max([0, *of_sets, *of_runs])


def current_set(workspace: Workspace) -> SetInfo | None:
    """set.json of the set in force; None before the first publication and where it cannot be read."""
    return set_at(workspace.published / CURRENT)


def in_force(workspace: Workspace) -> str:
    """In words: which set is in force, after every digest in it was checked."""
    link = workspace.published / CURRENT
    if not link.is_symlink() and not link.exists():
        return "no set is in force yet"
    if faults := set_faults(real(link)):
        return f"the set in force is damaged: {faults[0]}"
    info = read_set_info(link)
    return f"set {info.version:06d} of {info.plan_date} stays in force, every digest in it is right"


def prune_sets(workspace: Workspace, keep: int) -> None:
    """Delete the oldest sets but `keep`, never one that a pointer points to."""
    followed = {real(link) for link in pointers(workspace).values()}
    for folder in set_folders(workspace)[:-keep]:
        if real(folder) not in followed:
            delete_folder(folder)


def set_folder(workspace: Workspace, version: int) -> Path:
    """Folder of a published set."""
    return _sets(workspace) / f"{version:06d}"


def set_folders(workspace: Workspace) -> list[Path]:
    """Folders of the published sets, the oldest first."""
    return sorted((path for path in _sets(workspace).glob("*") if path.name.isdecimal()), key=lambda p: int(p.name))


def _sets(workspace: Workspace) -> Path:
    return workspace.published / "sets"
