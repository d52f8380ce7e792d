"""A workspace of few manifests to publish in stages."""

import hashlib
import json
from datetime import date

from fillplan.pointers import pointers
from fillplan.runs import Run
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace

GROUPS = ("canary", "north", "south")
STAGED = PublishSettings(groups=GROUPS, first_groups=("canary",))
TODAY = date(2026, 3, 8)


def made(workspace: Workspace, day: int) -> Run:
    """A run with two manifests, different ones each day."""
    folder = workspace.run(date(2026, 3, day))
    (folder / "manifests").mkdir(parents=True)
    for cache in ("a", "b"):
        body = f'{{"action":"keep","asset_id":"x{day}","size_bytes":1}}\n'.encode()
        header = {"cache_id": cache, "plan_date": f"2026-03-{day:02d}", "sha256": hashlib.sha256(body).hexdigest()}
        (folder / "manifests" / f"{cache}.jsonl").write_bytes(json.dumps(header).encode() + b"\n" + body)
    return Run(folder, {"plan_date": f"2026-03-{day:02d}", "horizon_days": 7})


def versions(workspace: Workspace) -> dict[str, int]:
    return {name: int(link.resolve().name) for name, link in pointers(workspace).items()}
