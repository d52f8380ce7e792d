"""How close placements come to their bound, how fast, in how much memory; and what simpler methods reach.

    python tests/benchmarks/placement.py --sizes S M L --seeds 3
    python tests/benchmarks/placement.py --sizes M --variants usual tight-fill small-edges both limits --seeds 5
    python tests/benchmarks/placement.py --sizes S --seeds 9 --exact

Networks come from `tests/optimizer/instances.py`: several rungs, audio and subtitle files per title, regional taste,
inventories a few days stale, 20 % of the edges with a binding serve limit. Each case is solved in a process of its
own that reads the problem from disk, after the kernels were compiled on a small one, so that seconds are those of
solving alone and the peak is that of problem and solver together. Shares are of the decomposition's bound: `greedy`
ranks by what nearer caches miss, `density` by all that is asked for, `topk` by one list for all caches. The last line
per size and variant holds medians. `exact` states the whole program of size S, with 60 s per group.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.greedy import DensityGreedy, KeepInventory, TopK
from fillplan_optimizer.packing import choose
from fillplan_optimizer.placer import Placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import SIZES, network

VARIANTS: dict[str, dict[str, Any]] = {
    "usual": {},
    "tight-fill": {"fill_share": (0.02, 0.03)},
    "small-edges": {"edge_storage": (0.01, 0.04)},
    "both": {"fill_share": (0.02, 0.03), "edge_storage": (0.01, 0.04)},
    "limits": {"serve_share": 1.0},
}
COLUMNS = ["pairs, M", "gap, %", "worst group, %", "solve, s", "CPU, s", "peak, GiB", "exact gap, %", "exact, s"]
SHARES = ["decomposition", "exact", "greedy", "density", "topk", "keep"]


def main() -> None:
    options = _options()
    if options.solve:
        print(json.dumps(_solve(Path(options.solve), options.workers, options.opponents)))
        return
    table = Table("size", "variant", "seed", *COLUMNS, *(f"{name}, %" for name in SHARES))
    for size in options.sizes:
        for variant in options.variants:
            opponents = "all" if size in options.exact else "simple" if size in options.simple else "none"
            seeds = range(options.first, options.first + options.seeds)
            rows = [_case(size, variant, seed, options.workers, opponents) for seed in seeds]
            for seed, row in zip(seeds, rows, strict=True):
                table.add_row(size, variant, str(seed), *_cells(row))
            table.add_row(size, variant, "median", *_cells(_median(rows)), end_section=True)
    Console(width=220).print(table)


def _case(size: str, variant: str, seed: int, workers: int, opponents: str) -> dict[str, float]:
    """Write a problem to disk and solve it in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        problem = network(*SIZES[size], seed=seed, **VARIANTS[variant])
        np.save(Path(folder) / "demand.npy", problem.demand_bytes)
        bare = replace(problem, demand_bytes=np.zeros((0, 0)))
        (Path(folder) / "problem.pickle").write_bytes(pickle.dumps(bare))
        del problem, bare
        command = [sys.executable, __file__, "--solve", folder, "--workers", str(workers), "--opponents", opponents]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, float] = json.loads(run.stdout)
    sys.stderr.write(f"{size} {variant} seed {seed}: {' '.join(_cells(row))}\n")
    return row


def _solve(folder: Path, workers: int, opponents: str) -> dict[str, float]:
    bare: PlacementProblem = pickle.loads((folder / "problem.pickle").read_bytes())
    problem = replace(bare, demand_bytes=np.load(folder / "demand.npy"))
    Decomposition(workers=workers).place(network(60, 4, 1, seed=99, serve_share=1.0))  # compiles the kernels
    begin, begin_cpu = time.perf_counter(), time.process_time()
    result = Decomposition(workers=workers).place(problem)
    row = {
        "pairs, M": problem.cache_count * problem.file_count / 1e6,
        "gap, %": 100 * result.gap,
        "worst group, %": 100 * float(result.details["worst_gap"]),
        "solve, s": time.perf_counter() - begin,
        "CPU, s": time.process_time() - begin_cpu,
        "peak, GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "decomposition": 100 * result.value / result.bound,
    }
    assert not verify(problem, result.placement).violations
    if opponents != "none":
        row["density"] = 100 * _density(problem) / result.bound
    for placer in _opponents(opponents):
        other = placer.place(problem)
        row[placer.name] = 100 * other.value / result.bound
        if placer.name == "exact":
            row |= {"exact gap, %": 100 * other.gap, "exact, s": other.seconds}
    return row


def _opponents(which: str) -> Iterable[Placer]:
    if which == "all":
        from fillplan_optimizer.exact.placer import Exact
        from fillplan_optimizer.exact.pulp_highs import Limits

        yield Exact(Limits(gap=4e-5, nodes=100_000, seconds=60.0))
    if which != "none":
        yield from (DensityGreedy(), TopK(), KeepInventory())


def _density(problem: PlacementProblem) -> float:
    """Value of the plan in which every cache ranks by worth per byte as if it stood alone."""
    standing = Standing(problem)
    alone = [choose(standing.offer(cache)) for cache in range(problem.cache_count)]
    return net_value(problem, Placement(tuple(np.flatnonzero(hold) for hold in alone)))


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.median([row[name] for row in rows])) for name in rows[0]}


def _cells(row: dict[str, float]) -> list[str]:
    digits = dict.fromkeys(["gap, %", "worst group, %", "exact gap, %"], 4) | {"decomposition": 4, "exact": 4}
    return [f"{row[name]:.{digits.get(name, 2)}f}" if name in row else "-" for name in [*COLUMNS, *SHARES]]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["S", "M"])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=["usual"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--simple", nargs="*", default=["S", "M", "L"], help="sizes at which the simple methods run")
    parser.add_argument("--exact", nargs="*", default=["S"], help="sizes at which the whole program is stated")
    parser.add_argument("--solve", help=argparse.SUPPRESS)
    parser.add_argument("--opponents", default="none", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
