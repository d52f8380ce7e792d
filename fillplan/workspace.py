"""Where things stand in a workspace, the lock on it, and writing that is whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from fillplan_data.errors import FillplanError, NotFound, StorageFailure, WorkspaceBusy

_STORAGE_ERRORS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG),
    # a file where a folder belongs, or the other way round; a name that no folder takes
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG),
    # a link where none is followed or one that leads round in a circle, a network disk that went away
    *(errno.ELOOP, errno.ESTALE, errno.ETIMEDOUT),
}

PARTIAL, REPLACED, NEXT = ".partial", ".replaced", ".next"
"""Ends of the hidden names of what is not finished, what is about to go, and what is about to be switched to."""


@dataclass(frozen=True)
class Workspace:
    """The folders of one workspace."""

    root: Path

    @property
    def input(self) -> Path:
        """Input tables."""
        return self.root / "input"

    @property
    def models(self) -> Path:
        """Trained models."""
        return self.root / "models"

    @property
    def runs(self) -> Path:
        """One folder per plan date."""
        return self.root / "runs"

    @property
    def published(self) -> Path:
        """Manifest sets and the pointer to the one in force."""
        return self.root / "published"

    @property
    def groups(self) -> Path:
        """Pointers of the groups of caches, each to a set."""
        return self.published / "groups"

    @property
    def replays(self) -> Path:
        """One folder per plan date that was judged on real views."""
        return self.root / "replays"

    @property
    def unfinished(self) -> Path:
        """Results of finished stages of a night that died; gone when one ends."""
        return self.root / "unfinished"

    @property
    def metrics(self) -> Path:
        """Figures of the last night for Prometheus."""
        return self.root / "metrics"

    @property
    def log(self) -> Path:
        """One JSON object per line: what every command did."""
        return self.root / "logs" / "fillplan.jsonl"

    def run(self, plan_date: date) -> Path:
        """Everything that the night before `plan_date` computed."""
        return self.runs / plan_date.isoformat()


def real(path: Path) -> Path:
    """Where a path leads after all links. One that leads round in a circle leads to itself, where nothing is."""
    return Path(os.path.realpath(path))


def open_workspace(root: Path) -> Workspace:
    """The workspace at `root`. Raises NotFound where there is none."""
    workspace = Workspace(real(root))
    if not workspace.input.is_dir():
        if root.is_file():
            raise NotFound(f"{root}: expected a workspace, a folder with input/ in it; found a file. Name the folder")
        raise NotFound(
            f"{root}: expected a workspace, a folder with input/ in it; found "
            f"{'no input/ there' if root.is_dir() else 'no such folder'}. Make one with: fillplan init {root}"
        )
    return workspace


def synthetic_label(workspace: Workspace) -> str | None:
    """The first line of the workspace's README or settings that calls it synthetic, to be shown wherever
    its figures are; None for real data.
    """
    for name in ("README.md", "fillplan.toml"):
        path = workspace.root / name
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
            if "SYNTHETIC" in line:
                return line.strip("# ")
    return None


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace for writing. The lock dies with its process. Raises WorkspaceBusy, StorageFailure."""
    lock = FileLock(workspace.root / ".fillplan.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkspaceBusy(
            f"{workspace.root}: another fillplan command is writing here; wait for it to end and run this one again"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn a full, read-only, failing or forbidden disk into StorageFailure that says what was being done."""
    try:
        yield
    except FillplanError:
        raise
    except OSError as error:
        if error.errno not in _STORAGE_ERRORS:
            raise
        where = f" ({error.filename})" if error.filename else ""
        raise StorageFailure(f"while {doing}{where}: {error.strerror}. What stood before still stands.") from error


@contextmanager
def folder_in_one_piece(target: Path, make_room: Callable[[Path], Path] | None = None) -> Iterator[Path]:
    """Fill a folder aside, then rename it to `target`; on any error nothing is left of it and the old one stands.

    make_room: moves an existing `target` away at the last moment and gives its new place; a hidden one is
    deleted once the new folder stands. What a killed process leaves is swept when the next one takes the lock.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    aside = target.parent / f".{target.name}{PARTIAL}"
    aside.mkdir()
    old = None
    try:
        yield aside
        sync_folder(aside)
        old = make_room(target) if make_room and target.exists() else None
        aside.rename(target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        if old is not None and not target.exists():
            old.rename(target)
        raise
    if old is not None and old.name.startswith("."):
        shutil.rmtree(old, ignore_errors=True)


def set_aside(target: Path) -> Path:
    """Move a folder out of the way of its successor, to be deleted once that stands."""
    return target.rename(target.with_name(f".{target.name}{REPLACED}"))


def delete_folder(folder: Path) -> None:
    """Delete a folder that readers may know: it vanishes in one step, so that nobody sees half of it."""
    shutil.rmtree(folder.rename(folder.with_name(f".{folder.name}{PARTIAL}")))


def sweep(parent: Path) -> None:
    """Clear what a killed process left in a folder; if it died between two renames, the old folder comes back."""
    for replaced in parent.glob(f".*{REPLACED}"):
        target = replaced.with_name(replaced.name.removeprefix(".").removesuffix(REPLACED))
        if not target.exists():
            replaced.rename(target)
    for end in (PARTIAL, REPLACED, NEXT):
        for leftover in parent.glob(f".*{end}"):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)


def sweep_workspace(workspace: Workspace) -> None:
    """Start clean after a command that was killed; the caller holds the lock."""
    published = workspace.published
    sets, groups = published / "sets", workspace.groups
    for parent in (
        workspace.unfinished,
        workspace.runs,
        workspace.models,
        workspace.replays,
        published,
        sets,
        groups,
        workspace.metrics,
    ):
        sweep(parent)


def sync_folder(folder: Path) -> None:
    """Force a folder and all in it to the disk, so that a pointer never outlives what it points to."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def switch_link(link: Path, target: Path) -> None:
    """Point `link` at `target` in one step: a reader sees the old or the new, never neither.

    Raises StorageFailure where a folder stands in the link's place: no step replaces one by a link.
    """
    if link.is_dir() and not link.is_symlink():
        raise StorageFailure(
            f"{link}: expected a link to one of the folders of {target.parent}, found a folder. Was the workspace "
            "copied with its links followed? Delete that folder, and copy with: cp -a"
        )
    aside = link.with_name(f".{link.name}{NEXT}")
    aside.unlink(missing_ok=True)
    # from where the link truly stands: folders of the workspace may be links to another disk
    aside.symlink_to(os.path.relpath(real(target), real(link.parent)), target_is_directory=True)
    aside.replace(link)
    _sync(link.parent)


def file_to_write(path: Path) -> Path:
    """Where a file that a user asked for is to be written, links followed.

    Raises StorageFailure for what is no file: one that is renamed into place would replace a device or a pipe.
    """
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a device, a pipe or a socket"
        raise StorageFailure(f"{path}: expected a file to write, found {kind}")
    return real(path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, force it to the disk and rename it: a reader sees the old or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}{NEXT}")
    try:
        aside.write_bytes(content)
        _sync(aside)
        aside.replace(path)
    except OSError:
        with suppress(OSError):  # half a file would only take up what a full disk lacks
            aside.unlink(missing_ok=True)
        raise
    _sync(path.parent)
