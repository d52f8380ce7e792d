"""Hash Code 2017 instances: score, proven bound, gap and seconds, beside the lazy density greedy in the same run.

python -m tests.benchmarks.hashcode FILE... [--seconds 300] [--seed 0]
python -m tests.benchmarks.hashcode --made zoo spreading kittens    instances in the contest's manner, made here
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fillplan.workflow.solving import solve_hashcode
from fillplan_optimizer.hashcode.files import read_instance
from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.mesh.greedy import greedy
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.state import held_files
from tests.optimizer.hashcode import contest

COLUMNS = ("instance", "greedy", "score", "share of greedy", "bound", "gap", "proven", "seconds")


def main() -> None:
    options = _options()
    table = Table(*COLUMNS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for path in [*options.files, *(_made(shape, options.seed, folder) for shape in options.made)]:
            instance = read_instance(path)
            simple, begin = _greedy_score(instance), time.perf_counter()
            answer = solve_hashcode(path, folder / "out", options.seconds, options.seed, None)
            seconds = time.perf_counter() - begin
            table.add_row(path.name, f"{simple:,}", f"{answer.score:,}", f"{answer.score / max(1, simple):.4f}",
                          f"{answer.bound:,}", f"{answer.gap:.3%}", "yes" if answer.proven else "no",
                          f"{seconds:.1f}")  # fmt: skip
    Console(width=120).print(table)


def _greedy_score(instance: Instance) -> int:
    return instance.score(instance.saved_ms(held_files(greedy(network(instance.problem())))))


def _made(shape: str, seed: int, folder: Path) -> Path:
    path = folder / f"{shape}-{seed}.in"
    path.write_text(contest.text(contest.contest(shape, seed)), encoding="ascii")
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--made", nargs="*", default=[], choices=sorted(contest.SHAPES))
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
