"""Fill manifests: one JSON-lines file per cache, a header with the digest of the lines that follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan.plan import Plan
from fillplan_data.errors import VerificationFailed
from fillplan_data.wording import counted

FORMAT_VERSION = 1
SUFFIX = ".jsonl"
ORDER = {"evict": 0, "add": 1, "keep": 2}
"""Lines stand in the order in which a cache acts: make room, fill by priority, then what simply stays."""
LINE_COLUMNS = ("action", "asset_id", "priority", "size_bytes", "source")


@dataclass(frozen=True)
class Manifest:
    """The orders for one cache: a header and one line per file to add, keep or evict."""

    header: Mapping[str, object]
    body: bytes

    def content(self) -> bytes:
        """The file, byte by byte."""
        return json.dumps(self.header, separators=(",", ":"), sort_keys=True).encode() + b"\n" + self.body

    @property
    def name(self) -> str:
        """`<cache_id>.jsonl`."""
        return f"{self.header['cache_id']}{SUFFIX}"

    def write(self, folder: Path) -> None:
        """Write `<cache_id>.jsonl`."""
        (folder / self.name).write_bytes(self.content())


def make_manifests(plan: Plan, plan_date: date) -> list[Manifest]:
    """One manifest per cache, also where there is nothing to do. Ids need no escaping: their pattern is checked."""
    rows, caches = plan.rows, plan.rows["cache_id"].cat
    step = rows["action"].astype(object).map(ORDER).to_numpy(np.float64)
    order = np.lexsort((step, caches.codes.to_numpy()))
    cuts = np.searchsorted(caches.codes.to_numpy()[order], np.arange(len(caches.categories) + 1))
    columns = (rows[name].astype(object).to_numpy()[order] for name in LINE_COLUMNS)
    lines = list(map(_line, *columns))
    new_bytes = np.where(step == ORDER["add"], rows["size_bytes"].to_numpy(np.int64, na_value=0), 0)[order]
    return [
        _manifest(str(cache_id), plan_date, lines[start:end], int(new_bytes[start:end].sum()))
        for cache_id, start, end in zip(caches.categories, cuts, cuts[1:], strict=False)
    ]


def _manifest(cache_id: str, plan_date: date, lines: list[str], fill_bytes: int) -> Manifest:
    body = "".join(lines).encode()
    header = {
        "cache_id": cache_id,
        "plan_date": plan_date.isoformat(),
        "format_version": FORMAT_VERSION,
        "asset_count": len(lines),
        "fill_bytes": fill_bytes,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return Manifest(header, body)


def _line(action: str, asset_id: str, priority: object, size_bytes: object, source: object) -> str:
    size = "" if size_bytes is pd.NA else f',"size_bytes":{size_bytes}'
    fill = f',"priority":{priority},"source":"{source}"' if action == "add" else ""
    return f'{{"action":"{action}","asset_id":"{asset_id}"{size}{fill}}}\n'


def check_manifests(folder: Path, plan: Plan, cache_ids: Sequence[str], plan_date: date) -> None:
    """Compare the files on disk with the plan, byte by byte of their digests.

    Raises VerificationFailed naming each cache whose manifest is missing, damaged, foreign or other than planned.
    """
    found = {path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")}
    faults = [f"{c}: manifest missing" for c in cache_ids if c not in found]
    faults += [f"{c}: manifest of a cache that the plan does not know" for c in sorted(found - set(cache_ids))]
    for manifest in make_manifests(plan, plan_date):
        path = folder / f"{manifest.header['cache_id']}{SUFFIX}"
        if path.exists() and path.read_bytes() != manifest.content():
            faults.append(f"{path.name}: content differs from the plan")
    if faults:
        raise VerificationFailed("\n  ".join([f"{folder}: {counted(len(faults), 'manifest fault')}", *faults[:50]]))
