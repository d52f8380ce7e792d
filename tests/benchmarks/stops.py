"""From a gate's stop to the last good set confirmed in force: seconds, for a data gate and for a plan gate.

    python tests/benchmarks/stops.py --size medium

A synthetic workspace lives through a good night; the night after is stopped by a limit of 0, so that what is measured
does not depend on what is wrong with a feed. The time runs from the gate's line in the log to the end of `fillplan
verify` on what is in force then: after a data gate the very set of before, after a plan gate the last plan, repaired.
Exit code 1 if that took longer than `--most` seconds, or if anything else is in force. The good night uses the fast
method and solver: how its plan was made does not matter for what is measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fillplan.sets import read_set_info
from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace

STOPPED = 15
QUICK = '[plan]\nsolver = "greedy"\n[forecast]\nmethod = "seasonal_naive"\n[gates]\n'
GATES = {"data gate": "row_spike", "plan gate": "demand_level"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="medium", choices=["tiny", "small", "medium", "large"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=60.0, help="seconds that a stop may take")
    parser.add_argument("--scratch", type=Path, help="where to put the workspace")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        measured = measure(Path(scratch) / "workspace", options.size, options.seed)
    print(json.dumps({"size": options.size, "most_seconds": options.most, **measured}, indent=1))
    return int(any(one["seconds_to_confirmed"] > options.most or not one["is_right"] for one in measured.values()))


def measure(root: Path, size: str, seed: int) -> dict[str, Any]:
    """What a stop of each kind takes, after one good night."""
    make_workspace(root, size, seed)
    (root / "fillplan.toml").write_text(QUICK)
    tonight = default_plan_date(read_tables(root / "input", frozenset({"views"}))[0])
    run(root, ["nightly", str(root), "--date", (tonight - timedelta(days=1)).isoformat()], 0)
    return {kind: stop(root, gate, tonight) for kind, gate in GATES.items()}


def stop(root: Path, gate: str, tonight: date) -> dict[str, Any]:
    """One night that a gate stops, up to the end of `fillplan verify` on what is in force after it."""
    current = root / "published" / "current"
    (root / "fillplan.toml").write_text(f"{QUICK}{gate} = 0\n")
    before, started = read_set_info(current), datetime.now(UTC)
    run(root, ["nightly", str(root), "--date", tonight.isoformat()], STOPPED)
    ended = datetime.now(UTC)
    run(root, ["verify", str(current), "--date", tonight.isoformat()], 0)
    confirmed, after = datetime.now(UTC), read_set_info(current)
    return {
        "gate": gate,
        "seconds_to_confirmed": round((confirmed - stopped_at(root, gate)).total_seconds(), 2),
        "night_seconds": round((ended - started).total_seconds(), 2),
        "in_force": after.version,
        "is_right": is_right(root, gate, after == before),
    }


def run(root: Path, arguments: list[str], expected: int) -> None:
    done = subprocess.run([sys.executable, "-m", "fillplan", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != expected:
        raise SystemExit(f"fillplan {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")


def stopped_at(root: Path, gate: str) -> datetime:
    """When the log says that the gate stopped."""
    lines = [json.loads(line) for line in (root / "logs" / "fillplan.jsonl").read_text().splitlines()]
    found = [line for line in lines if line["event"] == "gate" and (line["gate"], line["verdict"]) == (gate, "stop")]
    return datetime.fromisoformat(found[-1]["timestamp"])


def is_right(root: Path, gate: str, is_unmoved: bool) -> bool:
    """After a data gate the set in force has not moved; after a plan gate it is the last plan, repaired."""
    if gate == GATES["data gate"]:
        return is_unmoved
    newest = max((root / "runs").glob("????-??-??"))
    return not is_unmoved and json.loads((newest / "plan.json").read_text())["status"] == "fallback"


if __name__ == "__main__":
    sys.exit(main())
