"""A published set: manifests of all caches, and `set.json`, which says what they are and what came before.

`set.json` holds `format_version network version plan_date expires digest previous rollback_of`: `digest` is over
all manifests, `previous` names the set before by its version and the sha256 of its `set.json`, so that the sets
form a chain in which none can be changed or left out unseen. `expires` is the first day on which a cache must no
longer follow the set. `set.json.sig` beside it is an Ed25519 signature, if the workspace has a key.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fillplan.manifests import SUFFIX
from fillplan.runs import sha256_of

SET_FILE, SIGNATURE_FILE = "set.json", "set.json.sig"
FORMAT_VERSION = 1
MOST_BYTES, MOST_INFO_BYTES = 1_000_000_000, 100_000
"""A manifest and a set.json are never larger; tens of millions of lines fit in one."""


@dataclass(frozen=True)
class SetInfo:
    """What set.json says."""

    network: str
    version: int
    plan_date: str
    expires: str
    digest: str
    previous: dict[str, Any] | None
    """`version` and `sha256` of the set before; None for the first."""
    rollback_of: int | None = None
    """The version whose manifests were put in force again; None for a night's own."""
    format_version: int = FORMAT_VERSION

    def content(self) -> bytes:
        """The file, byte by byte."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    @property
    def sha256(self) -> str:
        """Digest of set.json, by which the next set knows this one."""
        return hashlib.sha256(self.content()).hexdigest()

    @property
    def newest_night(self) -> int:
        """The version that stands behind what is in force: later ones were rolled back."""
        return self.version if self.rollback_of is None else self.rollback_of


def read_set_info(folder: Path) -> SetInfo:
    """set.json of a set. Raises ValueError saying what is wrong with it, OSError where there is none."""
    raw = (folder / SET_FILE).read_bytes()
    try:
        content = json.loads(raw)
        info = SetInfo(**content)
        # the very form: days are compared as text, and 20260501 would never seem to come
        days = all(date.fromisoformat(day).isoformat() == day for day in (info.plan_date, info.expires))
        sound = days and is_version(info.version) and info.format_version == FORMAT_VERSION and _links_back(info)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{SET_FILE} is damaged: {str(error)[:200]}") from error
    if not sound or info.content() != raw:
        raise ValueError(f"{SET_FILE} is not of format version {FORMAT_VERSION}")
    return info


def is_version(number: object) -> bool:
    """Whether a value from outside can be a set's version."""
    return type(number) is int and 0 < number < 10**12


def _links_back(info: SetInfo) -> bool:
    """Whether what names other sets could name one: who made it may be anybody."""
    link = info.previous
    named = link is None or (
        isinstance(link, dict)
        and link.keys() == {"version", "sha256"}
        and is_version(link["version"])
        and isinstance(link["sha256"], str)
    )
    texts = all(isinstance(text, str) for text in (info.network, info.digest))
    return named and texts and (info.rollback_of is None or is_version(info.rollback_of))


def digest_of(folder: Path) -> tuple[str, list[Path]]:
    """One digest over all manifests of a folder, and their paths."""
    manifests = sorted(folder.glob(f"*{SUFFIX}"))
    lines = "".join(f"{sha256_of(path)}  {path.name}\n" for path in manifests)
    return hashlib.sha256(lines.encode()).hexdigest(), manifests


def set_faults(folder: Path) -> list[str]:
    """What is wrong with a set as it stands: nothing, if it is whole and every digest in it is right."""
    if not folder.is_dir():
        return [f"{folder}: no such set"]
    if (folder / "published").is_dir():
        return [f"expected a set, found a workspace; its set in force is {folder / 'published' / 'current'}"]
    if strangers := [fault for path in sorted(folder.iterdir()) if (fault := _stranger(path))]:
        return strangers
    try:
        info = read_set_info(folder)
    except (OSError, ValueError) as error:
        return [str(error)]
    digest, manifests = digest_of(folder)
    found = [fault for path in manifests if (fault := _manifest_fault(path, info))]
    if digest != info.digest:
        found.append(f"the manifests are not those of {SET_FILE}: some are changed, missing or too many")
    return found


def _stranger(path: Path) -> str | None:
    """What may not even be opened: it could lead anywhere, or never end."""
    if path.suffix != SUFFIX and path.name not in (SET_FILE, SIGNATURE_FILE):
        return f"{path.name}: does not belong to a set"
    if path.is_symlink() or not path.is_file():
        return f"{path.name}: expected a plain file"
    size, most = path.stat().st_size, MOST_BYTES if path.suffix == SUFFIX else MOST_INFO_BYTES
    return f"{path.name}: {size:,} bytes, expected at most {most:,}" if size > most else None


def _manifest_fault(path: Path, info: SetInfo) -> str | None:
    head, _, body = path.read_bytes().partition(b"\n")
    try:
        header = json.loads(head)
        cache_id, plan_date, digest = (header[key] for key in ("cache_id", "plan_date", "sha256"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{path.name}: its header is damaged"
    if hashlib.sha256(body).hexdigest() != digest:
        return f"{path.name}: its lines are not those that its header names (sha256 differs)"
    if cache_id != path.name.removesuffix(SUFFIX) or plan_date != info.plan_date:
        return f"{path.name}: made for cache {cache_id!r} and {plan_date!r}, not for this name and {info.plan_date}"
    return None
