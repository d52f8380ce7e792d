"""Publication: a complete, verified, immutable set of manifests, put in force by one atomic switch."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fillplan.manifests import SUFFIX, check_manifests
from fillplan.runs import PUBLISHED_MARK, Run, published_version, sha256_of, write_json
from fillplan.workspace import Workspace, folder_in_one_piece, switch_link
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.verifier import verify

SET_FILE = "set.json"


@dataclass(frozen=True)
class PublishedSet:
    """The set in force after a publication."""

    version: int
    folder: Path
    switched: bool
    """False if the same manifests were in force already."""


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
        raise VerificationFailed("\n  ".join([f"{run.folder}: {len(faults)} violation(s)", *faults[:50]]))
    check_manifests(run.folder / "manifests", plan, problem.cache_ids, run.plan_date)


def _actions_match_inventory(rows: pd.DataFrame, problem: PlacementProblem, folder: Path) -> None:
    """Adds must not be held now, keeps and evictions must, and nothing that is held may be passed over."""
    cache = pd.Index(problem.cache_ids).get_indexer(rows["cache_id"].astype(object))
    file = pd.Index(problem.file_ids).get_indexer(rows["asset_id"].astype(object))
    is_add = (rows["action"] == "add").to_numpy()
    for c, cache_id in enumerate(problem.cache_ids):
        here = (cache == c) & (file >= 0)
        is_held = problem.held_mask(c)[file[here]]
        if (is_add[here] == is_held).any() or is_held.sum() != len(problem.held[c]):
            raise VerificationFailed(
                f"{folder}: the plan's actions at {cache_id} do not fit the inventory as it is now; "
                "the inventory has changed since the plan was made. Plan again."
            )


def publish(workspace: Workspace, run: Run) -> PublishedSet:
    """Put a verified run's manifests in force. Publishing what is in force already changes nothing.

    The set is copied aside, synced and renamed before the pointer moves, so that a reader of
    `published/current/` sees the complete old set or the complete new one, whenever the process dies.
    """
    digest, manifests = _digest(run.folder / "manifests")
    current, link = current_set(workspace), workspace.published / "current"
    if current is not None and current["digest"] == digest == _digest(link)[0]:
        return PublishedSet(current["version"], link.resolve(), switched=False)
    version = 1 + _last_version(workspace)
    target = _sets(workspace) / f"{version:06d}"
    previous = None if current is None else {k: current[k] for k in ("version", "digest")}
    content = {"version": version, "plan_date": run.plan_date.isoformat(), "digest": digest, "previous": previous}
    with folder_in_one_piece(target) as folder:
        for manifest in manifests:
            (folder / manifest.name).write_bytes(manifest.read_bytes())
        write_json(folder / SET_FILE, content)
    # marked before the switch: a run in force must never look replaceable
    write_json(run.folder / PUBLISHED_MARK, content)
    switch_link(link, target)
    return PublishedSet(version, target, switched=True)


def _digest(folder: Path) -> tuple[str, list[Path]]:
    """One digest over all manifests of a folder, and their paths."""
    manifests = sorted(folder.glob(f"*{SUFFIX}"))
    lines = "".join(f"{sha256_of(path)}  {path.name}\n" for path in manifests)
    return hashlib.sha256(lines.encode()).hexdigest(), manifests


def _last_version(workspace: Workspace) -> int:
    """Versions never repeat, even if somebody deleted published sets: runs remember theirs."""
    of_sets = [int(path.name) for path in _sets(workspace).glob("*") if path.name.isdecimal()]
    of_runs = [published_version(mark.parent) for mark in workspace.runs.glob(f"*/{PUBLISHED_MARK}")]
    return max([0, *of_sets, *of_runs])


def current_set(workspace: Workspace) -> dict[str, Any] | None:
    """set.json of the set in force; None before the first publication and where it cannot be read, so that a
    damaged set is replaced by the next good night instead of stopping it.
    """
    try:
        content = json.loads((workspace.published / "current" / SET_FILE).read_text(encoding="utf-8"))
        return {"version": int(content["version"]), "plan_date": content["plan_date"], "digest": content["digest"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def prune_sets(workspace: Workspace, keep: int) -> None:
    """Delete the oldest sets but `keep`, never the one in force."""
    current = (workspace.published / "current").resolve()
    folders = sorted((path for path in _sets(workspace).glob("*") if path.name.isdecimal()), key=lambda p: int(p.name))
    for folder in folders[:-keep]:
        if folder.resolve() != current:
            shutil.rmtree(folder)


def _sets(workspace: Workspace) -> Path:
    return workspace.published / "sets"
