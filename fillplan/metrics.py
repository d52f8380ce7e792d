"""Metrics of the night in Prometheus' text format, for node_exporter's textfile collector.

Written whole after every night, done or failed, so that an alert on age or exit code needs no log; commands that move
pointers between two nights renew what is told of these. Plain lines: a gauge each, no library needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fillplan.pointers import CURRENT, pointed_to, waiting
from fillplan.publication import current_set
from fillplan.workspace import Workspace, write_whole

FILE_NAME = "fillplan.prom"
VERDICTS = {"pass": 0, "warn": 1, "stop": 2}
SUCCESS = "fillplan_last_success_timestamp_seconds"
HELP = {
    "fillplan_night_timestamp_seconds": "when the last night ended",
    "fillplan_night_exit_code": "exit code of the last night, 0 if it was done",
    SUCCESS: "when a night was last done",
    "fillplan_in_force_version": "version of the set in force",
    "fillplan_in_force_plan_date_seconds": "plan date of the set in force",
    "fillplan_in_force_expires_seconds": "first day on which the set in force must not be followed",
    "fillplan_group_version": "version of the set that a group of caches follows",
    "fillplan_rollout_waiting": "pointers that a staged roll-out has not reached yet",
    "fillplan_expected_offload_ratio": "share of requested bytes that caches are expected to serve",
    "fillplan_gap_ratio": "proven distance of the plan's value from the best possible",
    "fillplan_value": "worth of served bytes less fill cost",
    "fillplan_requested_bytes": "bytes that clients are expected to request over the horizon",
    "fillplan_fill_bytes": "bytes to be written tonight, all caches",
    "fillplan_fill_budget_bytes": "bytes that tonight's windows let in, all caches",
    "fillplan_caches": "caches with a manifest",
    "fillplan_coverage_ratio": "share of usual hours in regions whose last day has come",
    "fillplan_fallback": "1 if the plan in force is the last good one, repaired",
    "fillplan_gate_verdict": "0 pass, 1 warn, 2 stop",
    "fillplan_gate_ratio": "figure of a gate over its limit",
    "fillplan_stage_seconds": "wall-clock seconds of a stage",
}
POINTERS = frozenset(
    {
        *("fillplan_in_force_version", "fillplan_in_force_plan_date_seconds", "fillplan_in_force_expires_seconds"),
        *("fillplan_group_version", "fillplan_rollout_waiting"),
    }
)
"""What follows from the pointers alone."""


@dataclass(frozen=True)
class NightFacts:
    """What is known at the end of a night."""

    ended: float
    """Seconds since 1970."""
    exit_code: int
    summary: Mapping[str, Any] | None
    """plan.json of the run that was put in force, None where none was."""
    verdicts: Sequence[Mapping[str, Any]]
    seconds: Mapping[str, float] = field(default_factory=dict)


def write_metrics(workspace: Workspace, facts: NightFacts) -> Path:
    """Write `metrics/fillplan.prom` in one piece; a failed night keeps the time of the last success."""
    path = workspace.metrics / FILE_NAME
    succeeded = facts.ended if facts.exit_code == 0 else _last_success(path)
    text = metrics_text(workspace, facts, succeeded)
    write_whole(path, text.encode())
    return path


def renew_pointers(workspace: Workspace) -> None:
    """Tell anew what the pointers lead to, if a night has told of them; all else stays as it told it."""
    path = workspace.metrics / FILE_NAME
    try:
        blocks = re.split(r"^(?=# HELP )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    except (OSError, ValueError):  # absent or junk, which the next night replaces
        return
    kept = [block for block in blocks if (name := re.match(r"# HELP (\S+)", block)) and name[1] not in POINTERS]
    write_whole(path, ("".join(kept) + _text(_of_pointers(workspace))).encode())


def metrics_text(workspace: Workspace, facts: NightFacts, last_success: float | None) -> str:
    """All gauges with their HELP and TYPE lines."""
    return _text(_samples(workspace, facts, last_success))


def _text(samples: Iterable[tuple[str, dict[str, str], float]]) -> str:
    lines: dict[str, list[str]] = {}
    for name, labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.setdefault(name, []).append(f"{name}{{{inner}}} {value:.10g}" if inner else f"{name} {value:.10g}")
    blocks = ["\n".join([f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *rows]) for name, rows in lines.items()]
    return "\n".join(blocks) + "\n"


def _samples(
    workspace: Workspace, facts: NightFacts, last_success: float | None
) -> Iterator[tuple[str, dict[str, str], float]]:
    yield "fillplan_night_timestamp_seconds", {}, facts.ended
    yield "fillplan_night_exit_code", {}, facts.exit_code
    if last_success is not None:
        yield SUCCESS, {}, last_success
    yield from _of_pointers(workspace)
    if facts.summary is not None:
        yield from ((name, {}, value) for name, value in _of_plan(facts.summary))
    for verdict in facts.verdicts:
        gate = {"gate": str(verdict["gate"])}
        yield "fillplan_gate_verdict", gate, VERDICTS[verdict["verdict"]]
        yield "fillplan_gate_ratio", gate, verdict["value"] / verdict["limit"] if verdict["limit"] else verdict["value"]
        if verdict["gate"] == "regions_missing":
            yield "fillplan_coverage_ratio", {}, 1 - verdict["value"]
    for stage, seconds in facts.seconds.items():
        yield "fillplan_stage_seconds", {"stage": stage}, seconds


def _of_pointers(workspace: Workspace) -> Iterator[tuple[str, dict[str, str], float]]:
    if (info := current_set(workspace)) is not None:
        yield "fillplan_in_force_version", {}, info.version
        yield "fillplan_in_force_plan_date_seconds", {}, _midnight(info.plan_date)
        yield "fillplan_in_force_expires_seconds", {}, _midnight(info.expires)
    for group, followed in pointed_to(workspace).items():
        if group != CURRENT and followed is not None:
            yield "fillplan_group_version", {"group": group}, followed.version
    yield "fillplan_rollout_waiting", {}, len(waiting(workspace))


def _of_plan(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    yield "fillplan_expected_offload_ratio", summary["expected_offload"]
    yield "fillplan_gap_ratio", summary["gap"]
    yield "fillplan_value", summary["value"]
    yield "fillplan_requested_bytes", summary["requested_bytes"]
    yield "fillplan_fill_bytes", sum(cache["fill_bytes"] for cache in summary["caches"])
    yield "fillplan_fill_budget_bytes", sum(cache["fill_budget_bytes"] for cache in summary["caches"])
    yield "fillplan_caches", len(summary["caches"])
    yield "fillplan_fallback", summary["status"] == "fallback"


def _midnight(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _last_success(path: Path) -> float | None:
    try:
        found = re.search(rf"^{SUCCESS} (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        return float(found[1]) if found else None
    except (OSError, ValueError):
        return None
