"""What a night costs and what it wins: seconds per stage, peak memory, and offload against simple alternatives.

    python tests/benchmarks/night.py --size small --seed 7             a synthetic world of its own
    python tests/benchmarks/night.py --workspace DIR --date 2026-05-01 a plan date with later views in the workspace

The night runs in a process of its own on a copy. Its plan is then judged by `fillplan replay` on the hours that were
really watched in the horizon, beside keeping the inventory and global top-K popularity under the same limits. For an
earlier plan date the inventory is made anew: what a greedy fill on the week up to two days before would hold, for
today's stock would know the future.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from fillplan.problem import build_problem
from fillplan.replay.actual import actual_demand
from fillplan.settings import Settings
from fillplan.workflow.replaying import Wanted, replay_step
from fillplan_data.history import before
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_data.tables import regions_of
from fillplan_optimizer.greedy import DensityGreedy


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        workspace = Path(scratch) / "workspace"
        if options.workspace:
            shutil.copytree(options.workspace, workspace, ignore=shutil.ignore_patterns("runs", "models", "published"))
            os.system(f"chmod -R u+w '{workspace}'")
            if not options.date:
                sys.exit("name an earlier plan date with --date, so that the workspace holds the days to replay")
            rebuild_inventory(workspace, options.date)
        else:
            make_workspace(workspace, options.size, options.seed, truth=True)
        outcome, peak_bytes = run_night(workspace, options.date)
        if not options.workspace:
            add_future(workspace)
        replay = replay_step(workspace, Wanted(*[date.fromisoformat(outcome["plan_date"])] * 2))
    result = {"seconds": outcome["seconds"], "peak_memory_bytes": peak_bytes, "gap": outcome["gap"], "replay": replay}
    print(json.dumps(result, indent=1)) if options.json else show(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="small", choices=["tiny", "small", "medium", "large"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--date", type=date.fromisoformat, help="plan date (with --workspace)")
    parser.add_argument("--scratch", type=Path, help="where to put the copy")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def run_night(workspace: Path, plan_date: date | None) -> tuple[dict, int]:
    """Run `fillplan nightly` in a process of its own; its outcome and its largest resident size."""
    command = [sys.executable, "-m", "fillplan", "nightly", str(workspace), "--json"]
    command += ["--date", plan_date.isoformat()] if plan_date else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the night failed with exit code {os.waitstatus_to_exitcode(status)}")
    return json.loads(output), usage.ru_maxrss * 1024


def add_future(workspace: Path) -> None:
    """Let the days after the plan date come: the synthetic world's future views join its views."""
    folder = workspace / "input"
    views = pd.concat([read_tables(folder)[0].views, pd.read_parquet(workspace / "future" / "views.parquet")])
    for old in folder.glob("views.*"):
        old.unlink()
    views = views.assign(date=pd.to_datetime(views["date"]))
    views.astype({"region": str, "title_id": str}).to_parquet(folder / "views.parquet", index=False)


def rebuild_inventory(workspace: Path, plan_date: date) -> None:
    """Replace the inventory by a greedy fill, without fill limits, on the week up to two days before."""
    stale = plan_date - timedelta(days=2)
    tables = before(read_tables(workspace / "input")[0], stale)
    week = tables.views[tables.views["date"] >= pd.Timestamp(stale - timedelta(days=7))]
    shifted = dataclasses.replace(tables, views=week.assign(date=week["date"] + pd.Timedelta(days=7)))
    demand = actual_demand(shifted, regions_of(tables), stale, 7).demand
    problem = build_problem(tables, demand, stale, Settings().plan)
    empty = tuple(np.zeros(0, dtype=np.int64) for _ in problem.cache_ids)
    free = np.full(problem.cache_count, np.iinfo(np.int64).max // 4)
    roomy = dataclasses.replace(problem, held=empty, pinned=empty, fill_budget_bytes=free)
    files = DensityGreedy().place(roomy).placement.files
    for old in (workspace / "input").glob("inventory.*"):
        old.unlink()
    frames = [
        pd.DataFrame({"cache_id": cache_id, "asset_id": np.array(problem.file_ids, dtype=object)[held]})
        for cache_id, held in zip(problem.cache_ids, files, strict=True)
    ]
    pd.concat(frames).to_parquet(workspace / "input" / "inventory.parquet", index=False)


def show(result: dict) -> None:
    """Two tables for people."""
    console = Console()
    stages = "  ".join(f"{name} {seconds:.1f}" for name, seconds in result["seconds"].items())
    total = sum(result["seconds"].values())
    console.print(f"seconds: {stages}  (sum {total:.1f})   peak memory {result['peak_memory_bytes'] / 2**30:.2f} GiB")
    console.print(f"gap to the proven bound {result['gap']:.4%}")
    replay = result["replay"]
    table = Table("plan", "offload", "value", "of foresight")
    plans = {
        "plan": (replay["realised_offload"], replay["realised_value"]),
        **{name: (row["offload"], row["value"]) for name, row in replay["alternatives"].items()},
        "foresight": (replay["foresight_offload"], replay["foresight_value"]),
    }
    for name, (offload, value) in plans.items():
        table.add_row(name, f"{offload:.2%}", f"{value:,.0f}", f"{value / replay['foresight_value']:.1%}")
    console.print(table)
    console.print(f"expected offload {replay['expected_offload']:.2%}; {replay['shares']['source']}")


if __name__ == "__main__":
    main()
