"""The receiving side: whether a cache may follow a published set that reached it.

What was seen last is kept in a small file of the receiver's, so that an older set, a set of another network or another
history is refused even if it is whole and, once, was right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.sets import SET_FILE, SIGNATURE_FILE, SetInfo, is_version, read_set_info, set_faults
from fillplan.signatures import is_signed_by
from fillplan.workspace import file_to_write, real, write_whole
from fillplan_data.errors import SetRefused


@dataclass(frozen=True)
class Seen:
    """The last set that a receiver accepted."""

    network: str
    version: int
    sha256: str


def receive(
    folder: Path, today: date, network: str | None = None, seen_file: Path | None = None, key: Path | None = None
) -> SetInfo:
    """Accept a set and remember it in `seen_file`, or raise SetRefused saying everything that is wrong with it.

    today: the receiver's date; a set is followed up to the day before its `expires`. network: the one it must be for
    (default: that of the set seen last). key: PEM file of the public key that must have signed it; without it a
    signature is not looked at.
    """
    folder = real(folder)
    faults = set_faults(folder)
    if faults:
        raise _refused(folder, faults)
    info, seen = read_set_info(folder), read_seen(seen_file)
    expected = network or (seen.network if seen else info.network)
    if info.network != expected:
        faults.append(f"it is foreign: made for network {info.network!r}, expected {expected!r}")
    if today.isoformat() >= info.expires:
        faults.append(f"it expired on {info.expires}, today is {today}")
    if key is not None and not _is_signed(folder, key):
        faults.append(f"it is not signed by {key}")
    faults += _history_faults(folder, info, seen)
    if faults:
        raise _refused(folder, faults)
    if seen_file is not None:
        content = {"network": info.network, "version": info.version, "sha256": info.sha256}
        write_whole(file_to_write(seen_file), (json.dumps(content) + "\n").encode())
    return info


def _refused(folder: Path, faults: list[str]) -> SetRefused:
    return SetRefused("\n  ".join([f"{folder}: refused; keep what is in force and fetch the set again:", *faults[:20]]))


def read_seen(path: Path | None) -> Seen | None:
    """What a receiver remembers, None before its first set. Raises SetRefused where the file is damaged."""
    if path is None or not path.exists():
        return None
    try:
        seen = Seen(**json.loads(path.read_text(encoding="utf-8")))
        if not (is_version(seen.version) and isinstance(seen.network, str) and isinstance(seen.sha256, str)):
            raise ValueError("not of this form")
        return seen
    except (ValueError, TypeError, RecursionError) as error:
        raise SetRefused(
            f"{path}: expected what this command wrote of the last set, found a damaged file; without it an older "
            "set could pass. Write it anew from a set that you trust, by deleting it first."
        ) from error


def _is_signed(folder: Path, key: Path) -> bool:
    path = folder / SIGNATURE_FILE
    signature = path.read_bytes() if path.exists() else b""
    return is_signed_by((folder / SET_FILE).read_bytes(), signature, key)


def _history_faults(folder: Path, info: SetInfo, seen: Seen | None) -> list[str]:
    """Older than seen, or of another history: the chain back to the seen set, as far as its sets lie beside."""
    if seen is None:
        return []
    if info.version < seen.version:
        return [f"it is older than the last one seen: version {info.version} after {seen.version}"]
    link: SetInfo | None = info
    while link is not None and link.version > seen.version and link.previous is not None:
        if link.previous["version"] == seen.version:
            same = link.previous["sha256"] == seen.sha256
            return [] if same else [f"it is foreign: it follows another version {seen.version} than the one seen"]
        link = _previous(folder, link)
    if link is not None and link.version == seen.version and link.sha256 != seen.sha256:
        return [f"it is foreign: another set than the version {seen.version} that was seen"]
    return []


def _previous(folder: Path, info: SetInfo) -> SetInfo | None:
    """The set before, if it lies beside this one and is the one that this one names."""
    assert info.previous is not None
    try:
        previous = read_set_info(folder.parent / f"{info.previous['version']:06d}")
    except (OSError, ValueError):
        return None
    return previous if previous.sha256 == info.previous["sha256"] else None
