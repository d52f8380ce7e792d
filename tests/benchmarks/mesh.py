"""Nights on meshes: how close `auto` comes to its bound, beside the density greedy in the same run.

    python -m tests.benchmarks.mesh --sizes S M --seeds 3

Networks are those of `tests/optimizer/instances.py`, every edge's clients asking a few other caches too. Seconds are
those of solving alone, after the kernels were compiled on a small network.
"""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.table import Table

from fillplan_optimizer.auto import Auto
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import SIZES, meshed, network

COLUMNS = ("size", "seed", "caches", "files", "gap, %", "greedy's gap, %", "solve, s", "CPU, s", "greedy, s")


def main() -> None:
    options = _options()
    table = Table(*COLUMNS)
    Auto().place(meshed(network(60, 6, 2, seed=99), seed=99))
    for size in options.sizes:
        for seed in range(options.first, options.first + options.seeds):
            table.add_row(size, str(seed), *measured(meshed(network(*SIZES[size], seed=seed), seed)))
    Console(width=120).print(table)


def measured(problem: PlacementProblem) -> list[str]:
    """Size, gaps against the same bound, and seconds."""
    begin = time.perf_counter()
    simple = DensityGreedy().place(problem)
    between, cpu = time.perf_counter(), time.process_time()
    result = Auto().place(problem)
    seconds, cpu_seconds = time.perf_counter() - between, time.process_time() - cpu
    assert not verify(problem, result.placement).violations
    assert result.value >= simple.value
    gap, simple_gap = (100 * (result.bound - value) / result.bound for value in (result.value, simple.value))
    return [f"{problem.cache_count}", f"{problem.file_count:,}", f"{gap:.4f}", f"{simple_gap:.4f}", f"{seconds:.1f}",
            f"{cpu_seconds:.1f}", f"{between - begin:.1f}"]  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["S", "M"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
