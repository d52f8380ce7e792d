"""What a night costs and what it wins: seconds per stage, peak memory, and offload against simple alternatives.

    python tests/benchmarks/night.py --size small --seed 7             a synthetic world of its own
    python tests/benchmarks/night.py --workspace DIR --date 2026-05-01 a plan date with later views in the workspace

The night runs in a process of its own on a copy. Its plan is then judged beside keeping the inventory and global
top-K popularity, under the same limits: `expected` on the night's own demand, `replayed` on the hours that were
really watched in the horizon (split over files by the shares known at the plan date, so that errors of shares do
not show). `foresight` is density greedy on the replayed demand. For an earlier plan date the inventory is made
anew: what a greedy fill on the week up to two days before would hold, for today's stock would know the future.
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
from fillplan.runs import read_run
from fillplan.settings import Settings
from fillplan_data.history import before
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_data.tables import Tables
from fillplan_models.demand import asset_demand
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_models.forecasters.choice import best_simple
from fillplan_models.panel import build_panel
from fillplan_optimizer.greedy import DensityGreedy, KeepInventory, TopK
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        workspace = Path(scratch) / "workspace"
        if options.workspace:
            shutil.copytree(options.workspace, workspace, ignore=shutil.ignore_patterns("runs", "models", "published"))
            os.system(f"chmod -R u+w '{workspace}'")
            future = _later_views(workspace, options.date)
            if options.date:
                rebuild_inventory(workspace, options.date)
        else:
            make_workspace(workspace, options.size, options.seed, truth=True)
            future = pd.read_parquet(workspace / "future" / "views.parquet")
        outcome, peak_bytes = run_night(workspace, options.date)
        rows = compare(workspace, Path(outcome["run"]), future)
    result = {"seconds": outcome["seconds"], "peak_memory_bytes": peak_bytes, "gap": outcome["gap"], "plans": rows}
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


def compare(workspace: Path, folder: Path, future: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Expected and replayed figures of the plan and of the simple alternatives."""
    run, settings = read_run(folder), Settings()
    tables = before(read_tables(workspace / "input")[0], run.plan_date)
    expected = build_problem(tables, _demand_of(run.demand(), tables), run.plan_date, settings.plan)
    real = real_demand(tables, future, run.plan_date, settings.plan.horizon_days)
    replayed = build_problem(tables, real, run.plan_date, settings.plan)
    plans = {
        "plan": run.plan().placement(expected),
        "top-K": TopK().place(expected).placement,
        "keep": KeepInventory().place(expected).placement,
        "foresight": DensityGreedy().place(replayed).placement,
    }
    return {name: _figures(expected, replayed, placement) for name, placement in plans.items()}


def _figures(expected: PlacementProblem, replayed: PlacementProblem, placement: Placement) -> dict[str, float]:
    hoped, real = verify(expected, placement), verify(replayed, placement)
    return {
        "expected_offload": hoped.offload,
        "expected_value": hoped.value,
        "replayed_offload": real.offload,
        "replayed_value": real.value,
        "violations": len(hoped.violations),
    }


def _demand_of(frame: pd.DataFrame, tables: Tables) -> AssetDemand:
    regions = tuple(frame["region"].cat.categories)
    ids = tuple(tables.assets["asset_id"])
    dense = np.zeros((len(regions), len(ids)))
    asset = pd.Index(ids).get_indexer(frame["asset_id"].cat.categories)[frame["asset_id"].cat.codes]
    dense[frame["region"].cat.codes, asset] = frame["expected_bytes"]
    return AssetDemand(regions, ids, dense, "night")


def real_demand(tables: Tables, future: pd.DataFrame, plan_date: date, horizon_days: int) -> AssetDemand:
    """The horizon's real hours as bytes per file."""
    forecast = best_simple(panel := build_panel(tables, plan_date, horizon_days)).forecast(panel)
    regions, titles = pd.Index(forecast.regions), pd.Index(forecast.titles)
    day = (pd.to_datetime(future["date"]) - pd.Timestamp(plan_date)).dt.days.to_numpy()
    inside = (day >= 0) & (day < horizon_days)
    cube = np.zeros((len(regions), len(titles), horizon_days))
    where = future[inside]
    region, title = regions.get_indexer(where["region"].astype(str)), titles.get_indexer(where["title_id"].astype(str))
    known = (region >= 0) & (title >= 0)
    np.add.at(cube, (region[known], title[known], day[inside][known]), where["view_hours"].to_numpy()[known])
    hours = cube[forecast.region, forecast.title]
    actual: Forecast = dataclasses.replace(forecast, view_hours=hours, low=hours, high=hours, method="real")
    return asset_demand(tables, actual)


def _later_views(workspace: Path, plan_date: date | None) -> pd.DataFrame:
    if plan_date is None:
        sys.exit("name an earlier plan date with --date, so that the workspace holds the days to replay")
    views = read_tables(workspace / "input")[0].views
    return views[views["date"] >= pd.Timestamp(plan_date)]


def rebuild_inventory(workspace: Path, plan_date: date) -> None:
    """Replace the inventory by a greedy fill, without fill limits, on the week up to two days before."""
    stale = plan_date - timedelta(days=2)
    tables = before(read_tables(workspace / "input")[0], stale)
    week = tables.views[tables.views["date"] >= pd.Timestamp(stale - timedelta(days=7))]
    shifted = week.assign(date=week["date"] + pd.Timedelta(days=7))
    problem = build_problem(tables, real_demand(tables, shifted, stale, 7), stale, Settings().plan)
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
    table = Table("plan", "expected offload", "replayed offload", "expected value", "replayed value", "violations")
    best = result["plans"]["foresight"]["replayed_value"]
    for name, row in result["plans"].items():
        share = f"{row['replayed_value']:,.0f} ({row['replayed_value'] / best:.1%} of foresight)"
        offloads = (f"{row['expected_offload']:.2%}", f"{row['replayed_offload']:.2%}")
        table.add_row(name, *offloads, f"{row['expected_value']:,.0f}", share, str(row["violations"]))
    console.print(table)


if __name__ == "__main__":
    main()
