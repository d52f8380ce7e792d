"""What training and forecasting cost at sizes that no sample has: seconds, CPU seconds and peak memory.

    python -m tests.benchmarks.scale                                                100 regions, 10,000 titles, 120 days
    python -m tests.benchmarks.scale --regions 40 --titles 3000 --days 180

The world is the project's maker's (`large`, with other numbers). It knows 60 countries; further regions are copies of
them, in which every cell of the views has a chance of its own, so that no two are alike. `fillplan train` and `fillplan
forecast` then run in processes of their own, once per number of threads, and must give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan_data.synthetic import make_workspace
from fillplan_data.synthetic.sizes import SIZES

COUNTRIES = SIZES["large"].regions
VIEWERS = 20.0
"""Shape of the gamma factor on every cell of the views."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder = Path(scratch) / "workspace"
        rows = make(folder, options.regions, options.titles, options.days, options.seed)
        print(
            f"{options.regions} regions, {options.titles} titles, {options.days} days, {rows / 1e6:.1f} M rows of views"
        )
        print("\n| threads | command | seconds | CPU seconds | peak memory, GiB |\n|---:|---|---:|---:|---:|")
        digests = {measured(folder, threads) for threads in options.threads}
    if len(digests) > 1:
        sys.exit("the forecasts differ with the number of threads")


def make(folder: Path, regions: int, titles: int, days: int, seed: int) -> int:
    """Write a synthetic workspace of so many regions, titles and days; the rows of its views."""
    usual = SIZES["large"]
    few = min(regions, COUNTRIES)
    SIZES["large"] = replace(usual, regions=few, groups=min(usual.groups, few), titles=titles, history_days=days)
    try:
        make_workspace(folder, "large", seed)
    finally:
        SIZES["large"] = usual
    _copy_regions(folder / "input", regions, np.random.default_rng(seed))
    return sum(len(pd.read_parquet(part, columns=["date"])) for part in (folder / "input" / "views").glob("*"))


def _copy_regions(folder: Path, regions: int, rng: np.random.Generator) -> None:
    """Add copies of the first regions to all tables of demand until there are so many."""
    known = sorted(part.stem.removeprefix("part-") for part in (folder / "views").glob("*.parquet"))
    copies = {region: f"{region}2" for region in known[: regions - len(known)]} if regions > len(known) else {}
    for region, copy in copies.items():
        for table in ("views", "variant_views"):
            rows = pd.read_parquet(folder / table / f"part-{region}.parquet").assign(region=copy)
            rows["view_hours"] *= rng.gamma(VIEWERS, 1 / VIEWERS, len(rows))
            rows.to_parquet(folder / table / f"part-{copy}.parquet", index=False)
    for path in [*folder.glob("availability.*"), *folder.glob("promotions.*"), *folder.glob("calendar.*")]:
        is_csv = path.suffix == ".csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False) if is_csv else pd.read_parquet(path)
        more = rows[rows["region"].isin(list(copies))]
        rows = pd.concat([rows, more.assign(region=more["region"].map(copies))])
        rows.to_csv(path, index=False) if is_csv else rows.to_parquet(path, index=False)


def measured(folder: Path, threads: int) -> str:
    """Train and forecast on so many threads, tell what it cost, and the digest of the forecast."""
    (folder / "fillplan.toml").write_text(f"[run]\nthreads = {threads}\n")
    for command in ("train", "forecast"):
        seconds, cpu_seconds, peak_bytes = cost(command, folder)
        print(f"| {threads} | {command} | {seconds:.0f} | {cpu_seconds:.0f} | {peak_bytes / 2**30:.1f} |", flush=True)
    forecast = max(folder.glob("runs/*/forecast.parquet"))
    return hashlib.sha256(forecast.read_bytes()).hexdigest()


def cost(command: str, folder: Path) -> tuple[float, float, int]:
    """Seconds, CPU seconds and largest resident bytes of a command."""
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "fillplan", command, str(folder)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"fillplan {command}: exit code {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regions", type=int, default=100)
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--scratch", type=Path, help="folder for the workspace (default: the system's)")
    options = parser.parse_args()
    if options.regions > 2 * COUNTRIES:
        parser.error(f"expected at most {2 * COUNTRIES} regions")
    return options


if __name__ == "__main__":
    main()
