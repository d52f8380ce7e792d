"""Google Hash Code 2017 instances: score, bound, seconds, and the score as a share of lazy greedy's.

python tests/benchmarks/hashcode.py FILE... [--seconds 60] [--seed 0] [--out FOLDER]
python tests/benchmarks/hashcode.py --made kittens spreading
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from fillplan_optimizer.hashcode import Instance, read_instance, solve
from fillplan_optimizer.mesh.greedy import greedy
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.state import total

sys.path.insert(0, str(Path(__file__).parents[1] / "optimizer" / "mesh"))
import contest


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        files = [*options.files, *(_made(shape, options.seed, Path(scratch)) for shape in options.made)]
        print(f"{'instance':<28}{'score':>11}{'bound':>11}  proof{'seconds':>9}{'greedy':>11}{'share':>9}{'GiB':>7}")
        for path in files:
            lazy, seconds_greedy = _lazy(read_instance(path))
            out = (options.out or Path(scratch)) / f"{path.name}.out"
            summary = solve(path, out, options.seconds, options.seed)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(
                f"{path.name:<28}{summary.score:>11,}{summary.bound:>11,}  {'yes' if summary.proven else 'no ':<5}"
                f"{summary.seconds:>9.1f}{lazy:>11,}{summary.score / lazy:>9.4f}{peak:>7.2f}"
                f"   (greedy: {seconds_greedy:.1f} s)",
                flush=True,
            )


def _lazy(instance: Instance) -> tuple[int, float]:
    begin = time.perf_counter()
    mesh = network(instance.problem())
    return instance.points(int(total(mesh, greedy(mesh)))), time.perf_counter() - begin


def _made(shape: str, seed: int, folder: Path) -> Path:
    path = folder / f"{shape}-{seed}.in"
    path.write_text(contest.text(contest.contest(shape, seed)), encoding="ascii")
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--made", nargs="*", default=[], choices=sorted(contest.SHAPES))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
