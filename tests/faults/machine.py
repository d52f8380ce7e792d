"""Faults of the machine: death, a full or failing disk, missing permissions, and the leftovers of worse days.

Death and disk faults strike at the n-th operation that changes files, as Python's audit events tell (PEP 578):
opening for writing, making, renaming, linking and deleting. A dead process does nothing more: after the stroke
every further operation fails too, so no clean-up of the program's own can hide what a killed process leaves.
`python -m tests.faults --stepping` kills real processes at real system calls instead.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from fillplan.workflow.steps import models_step, train_step
from tests.faults.world import use_model

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LINKS = frozenset({"os.symlink", "os.link"})
"""Operations that change a place which their second argument names: the first is what the link shall lead to."""
CHANGES = LINKS | {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"}


class Killed(BaseException):
    """The process died here."""


class _Blow:
    """What happens at the n-th change of a file below `root`; one hook for all, as none can be removed."""

    def __init__(self) -> None:
        self.root, self.countdown, self.raising, self.lasting = "", 0, None, True
        self.changes = 0
        self.only: tuple[str, ...] = ()

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.root or not _changes_files(event, arguments):
            return
        place = arguments[1 if event in LINKS else 0]
        path = os.fspath(place) if isinstance(place, (str, bytes, os.PathLike)) else ""
        path = path.decode() if isinstance(path, bytes) else path
        if not path.startswith(self.root) or (self.only and event not in self.only):
            return
        self.changes += 1
        if self.raising is not None and (self.changes == self.countdown or (self.lasting and self._is_struck)):
            raise self.raising(path)

    @property
    def _is_struck(self) -> bool:
        return self.changes >= self.countdown


def _changes_files(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & WRITING)
    return event in CHANGES


_blow = _Blow()
sys.addaudithook(_blow)


@contextmanager
def struck(
    root: Path,
    at: int,
    raising: Callable[[str], BaseException] | None,
    lasting: bool = True,
    only: tuple[str, ...] = (),
) -> Iterator[_Blow]:
    """Raise at the `at`-th change of a file below `root` and, if lasting, at every later one; None only counts."""
    _blow.root, _blow.countdown, _blow.raising, _blow.lasting, _blow.changes = f"{root}/", at, raising, lasting, 0
    _blow.only = only
    try:
        yield _blow
    finally:
        _blow.root = ""


def disk_error(code: int) -> Callable[[str], OSError]:
    """What the system says of a path."""
    return lambda path: OSError(code, os.strerror(code), path)


@contextmanager
def dies(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """Killed at one of the night's changes of a file."""
    with struck(root, int(rng.integers(1, changes + 1)), Killed):
        yield


@contextmanager
def disk_full(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """From some change on nothing new fits; what is there can still be renamed and deleted."""
    at = int(rng.integers(1, changes + 1))
    with struck(root, at, disk_error(errno.ENOSPC), only=("open", "os.mkdir", "os.symlink")):
        yield


@contextmanager
def disk_fails_once(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """A single operation fails, whatever it is."""
    code = int(rng.choice([errno.EIO, errno.EACCES, errno.ENOSPC, errno.EPERM]))
    with struck(root, int(rng.integers(1, changes + 1)), disk_error(code), lasting=False):
        yield


@contextmanager
def turns_read_only(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """The file system is mounted anew for reading only, as Linux does after errors."""
    with struck(root, int(rng.integers(1, changes + 1)), disk_error(errno.EROFS)):
        yield


@contextmanager
def file_cut_short(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """The kernel lets no file grow beyond a size: the write before is done in part."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(rng.integers(1, 20_000)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def folder_forbidden(root: Path, rng: np.random.Generator, changes: int) -> Iterator[None]:
    """One folder may not be written to."""
    folder = str(rng.choice(["runs", "published", "published/sets", "logs"]))
    with struck(root / folder, 1, disk_error(errno.EACCES)):
        yield


STRIKES = {
    "killed": dies,
    "disk full": disk_full,
    "disk fails once": disk_fails_once,
    "turns read-only": turns_read_only,
    "file cut short": file_cut_short,
    "folder forbidden": folder_forbidden,
}


def _some_run(root: Path) -> Path:
    return max((root / "runs").glob("????-??-??"))


def cut_plan(root: Path, rng: np.random.Generator) -> None:
    """plan.json of the last good run ends in the middle."""
    _cut(_some_run(root) / "plan.json", rng)


def cut_profile(root: Path, rng: np.random.Generator) -> None:
    """Any file of the last good run ends in the middle."""
    files = sorted(path for path in _some_run(root).iterdir() if path.is_file())
    _cut(files[int(rng.integers(len(files)))], rng)


def lost_runs(root: Path, rng: np.random.Generator) -> None:
    """All runs are gone."""
    shutil.rmtree(root / "runs")


def junk_mark(root: Path, rng: np.random.Generator) -> None:
    """The mark of publication is junk."""
    junk = [b"", b"{}", b"[]", b"\xff\xfe", b'{"version": "many"}', b'{"version": 1e400}']
    (_some_run(root) / "published.json").write_bytes(junk[int(rng.integers(len(junk)))])


def leftovers(root: Path, rng: np.random.Generator) -> None:
    """Half-made folders, links and files of processes that were killed."""
    for folder in (root / "runs", root / "published" / "sets", root / "published"):
        half = folder / f".2026-0{rng.integers(1, 9)}-01.partial"
        half.mkdir()
        (half / "plan.json").write_text("{")
    (root / "published" / ".current.next").symlink_to("nowhere")


def damaged_set(root: Path, rng: np.random.Generator) -> None:
    """A file of the set in force is cut."""
    files = sorted((root / "published" / "current").iterdir())
    _cut(files[int(rng.integers(len(files)))], rng)


def _champion(root: Path, days: int) -> Path:
    """Folder of a champion that was trained so many days after the last good night's plan date."""
    use_model(root)
    day = date.fromisoformat(_some_run(root).name) + timedelta(days=days)
    train_step(root, day)
    models_step(root, "promote", day.isoformat())
    return (root / "models" / "champion").resolve()


def corrupt_model(root: Path, rng: np.random.Generator) -> None:
    """A file of the champion ends in the middle."""
    files = sorted(path for path in _champion(root, 0).iterdir() if path.is_file())
    _cut(files[int(rng.integers(len(files)))], rng)


def dangling_model(root: Path, rng: np.random.Generator) -> None:
    """The champion's folder is gone, or its link leads round in a circle."""
    shutil.rmtree(_champion(root, 0))
    if rng.random() < 0.5:
        (root / "models" / "champion").unlink()
        (root / "models" / "champion").symlink_to("champion")


def stale_model(root: Path, rng: np.random.Generator) -> None:
    """A champion of another time, never trained again: titles came and went since."""
    _champion(root, -int(rng.integers(3, 8)))
    text = (root / "fillplan.toml").read_text()
    (root / "fillplan.toml").write_text(text.replace("[train]", "[train]\nevery_days = 365"))


def model_from_the_future(root: Path, rng: np.random.Generator) -> None:
    """A champion that was trained for a later plan date: it knows what tonight must not."""
    _champion(root, int(rng.integers(2, 30)))


def junk_history(root: Path, rng: np.random.Generator) -> None:
    """What is remembered of trials and champions is junk."""
    folder = _champion(root, 0)
    for path in (folder / "trial.json", *(root / "models").glob("*.jsonl")):
        path.write_bytes(b"[" * int(rng.integers(1, 100_000)))


def junk_log(root: Path, rng: np.random.Generator) -> None:
    """The log holds bytes that no process of ours wrote."""
    (root / "logs").mkdir(exist_ok=True)
    (root / "logs" / "fillplan.jsonl").write_bytes(rng.bytes(100))


def lost_pointer(root: Path, rng: np.random.Generator) -> None:
    """The pointer to the set in force is gone, or points nowhere, or to itself."""
    link = root / "published" / "current"
    link.unlink()
    if rng.random() < 0.5:
        link.symlink_to("sets/999999" if rng.random() < 0.5 else "current")


def _cut(path: Path, rng: np.random.Generator) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(rng.integers(0, max(1, len(content))))])


STATES = {
    "plan.json cut": cut_plan,
    "file of a run cut": cut_profile,
    "runs lost": lost_runs,
    "mark is junk": junk_mark,
    "leftovers": leftovers,
    "published set damaged": damaged_set,
    "corrupt model": corrupt_model,
    "model folder gone": dangling_model,
    "stale model": stale_model,
    "model from the future": model_from_the_future,
    "model history is junk": junk_history,
    "log is junk": junk_log,
    "pointer lost": lost_pointer,
}
