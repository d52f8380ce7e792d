"""What is wrong with a published set is named, whatever was done to it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fillplan.sets import read_set_info, set_faults
from fillplan.workspace import Workspace


@pytest.fixture
def current(night_copy: Path) -> Path:
    return (Workspace(night_copy).published / "current").resolve()


def test_a_whole_set_has_no_faults(current: Path) -> None:
    assert set_faults(current) == []
    info = read_set_info(current)
    assert info.content() == (current / "set.json").read_bytes()


def _edit(folder: Path, **changes: object) -> None:
    path = folder / "set.json"
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "line changed": (lambda f: _swap(f, b'"keep"', b'"evict"'), "sha256 differs"),
    "manifest lost": (lambda f: min(f.glob("*.jsonl")).unlink(), "missing or too many"),
    "manifest of another": (lambda f: min(f.glob("*.jsonl")).rename(f / "other.jsonl"), "not for this name"),
    "stranger": (lambda f: (f / "notes.txt").touch(), "does not belong"),
    "header lost": (lambda f: min(f.glob("*.jsonl")).write_bytes(b"{}\n"), "header is damaged"),
    "deep nesting": (lambda f: min(f.glob("*.jsonl")).write_bytes(b"[" * 100_000), "header is damaged"),
    "no set.json": (lambda f: (f / "set.json").unlink(), "set.json"),
    "day of another form": (lambda f: _edit(f, expires="21990101"), "format version"),
    "set.json cut": (lambda f: (f / "set.json").write_text("{"), "damaged"),
    "set.json nested": (lambda f: (f / "set.json").write_text("[" * 100_000), "damaged"),
    "other version": (lambda f: _edit(f, version=0), "format version"),
    "truth for a version": (lambda f: _edit(f, version=True), "format version"),
    "no date": (lambda f: _edit(f, expires="soon"), "damaged"),
    "previous is a word": (lambda f: _edit(f, previous="x"), "format version"),
    "previous climbs": (lambda f: _edit(f, previous={"version": "../../x", "sha256": "0"}), "format version"),
    "previous lacks its digest": (lambda f: _edit(f, previous={"version": 1}), "format version"),
    "rollback of nothing": (lambda f: _edit(f, rollback_of="x"), "format version"),
    "network of nothing": (lambda f: _edit(f, network=None), "format version"),
    "link out of the set": (lambda f: (f / "x.jsonl").symlink_to("/dev/zero"), "expected a plain file"),
    "pipe": (lambda f: os.mkfifo(f / "x.jsonl"), "expected a plain file"),
    "folder": (lambda f: (f / "x.jsonl").mkdir(), "expected a plain file"),
    "endless manifest": (lambda f: os.truncate(min(f.glob("*.jsonl")), 10**12), "expected at most"),
    "endless set.json": (lambda f: os.truncate(f / "set.json", 10**12), "expected at most"),
    "further key": (lambda f: _edit(f, more=1), "damaged"),
}


def _swap(folder: Path, old: bytes, new: bytes) -> None:
    victim = max(folder.glob("*.jsonl"), key=lambda path: path.stat().st_size)
    assert old in victim.read_bytes()
    victim.write_bytes(victim.read_bytes().replace(old, new, 1))


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_set_is_told(current: Path, kind: str) -> None:
    spoil, said = SPOILT[kind]
    spoil(current)
    assert any(said in fault for fault in set_faults(current)), set_faults(current)


def test_no_set_at_all(tmp_path: Path) -> None:
    assert "no such set" in set_faults(tmp_path / "none")[0]


def test_a_workspace_tells_where_its_set_is(night_copy: Path) -> None:
    (fault,) = set_faults(night_copy)
    assert fault.endswith(str(Path("published") / "current"))
