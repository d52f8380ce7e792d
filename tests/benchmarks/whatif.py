"""What questions cost: a warm what-if of one cache, the same again, a sweep of ten points, every cache out in turn.

    python tests/benchmarks/whatif.py --size small --seed 7      a synthetic world of its own, planned first
    python tests/benchmarks/whatif.py --workspace DIR            a workspace with a run; its answers are not touched

Every command runs in a process of its own, from start to exit. Wall seconds depend on what else the machine does;
CPU seconds (user and system, all threads) hardly do, and the ratios are of those.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fillplan.runs import latest_run
from fillplan.workspace import open_workspace
from fillplan_data.synthetic import make_workspace

ONE = """[[scenario]]
name = "one cache"
[[scenario.override]]
kind = "capacity"
where = {{ cache_id = "{cache_id}" }}
column = "storage_bytes"
scale = {scale}
"""
SWEEP = "{ from = 0.5, to = 2.0, steps = 10 }"


@dataclass(frozen=True)
class Cost:
    """Of one command."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        workspace = Path(scratch) / "workspace"
        if options.workspace:
            # hard links: tables and runs are only read
            left_out = shutil.ignore_patterns("whatif", "logs", "future")
            shutil.copytree(options.workspace, workspace, ignore=left_out, symlinks=True, copy_function=os.link)
        else:
            make_workspace(workspace, options.size, options.seed)
            (workspace / "fillplan.toml").write_text('[forecast]\nmethod = "ewma"\n')
            cost_of("plan", str(workspace))
        costs = ask_all(workspace, Path(scratch))
    result = {name: vars(cost) for name, cost in costs.items()} | {"ratios": ratios(costs)}
    print(json.dumps(result, indent=1)) if options.json else show(costs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="small", choices=["tiny", "small", "medium", "large"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--scratch", type=Path, help="where to put the copy; on the workspace's file system")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def ask_all(workspace: Path, folder: Path) -> dict[str, Cost]:
    """Costs by question. The cache that is changed is the one where storage is worth most."""
    caches = latest_run(open_workspace(workspace)).summary["caches"]
    best = max(caches, key=lambda cache: (cache["storage_price"] or 0.0) * cache["storage_bytes"])
    for name, scale in (("one", "1.5"), ("sweep", SWEEP)):
        (folder / f"{name}.toml").write_text(ONE.format(cache_id=best["cache_id"], scale=scale))
    one, sweep = str(folder / "one.toml"), str(folder / "sweep.toml")
    return {
        "one cache": cost_of("whatif", str(workspace), one),
        "the same again": cost_of("whatif", str(workspace), one),
        "sweep of 10 points": cost_of("whatif", str(workspace), sweep),
        f"{len(caches)} caches and all parents and regions out in turn": cost_of(
            "whatif", str(workspace), "--failures", "all"
        ),
    }


def cost_of(*arguments: str) -> Cost:
    """Run a command of fillplan in a process of its own. Ends the benchmark if it fails."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "fillplan", *arguments, "--json"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed with exit code {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def ratios(costs: dict[str, Cost]) -> dict[str, float]:
    """CPU seconds as a multiple of those of the first question."""
    first = next(iter(costs.values())).cpu_seconds
    return {name: cost.cpu_seconds / first for name, cost in costs.items()}


def show(costs: dict[str, Cost]) -> None:
    """A table for people."""
    table = Table("question", "wall s", "CPU s", "times the first", "peak GiB")
    for (name, cost), ratio in zip(costs.items(), ratios(costs).values(), strict=True):
        peak = f"{cost.peak_memory_bytes / 2**30:.2f}"
        table.add_row(name, f"{cost.wall_seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{ratio:.2f}", peak)
    Console().print(table)


if __name__ == "__main__":
    main()
