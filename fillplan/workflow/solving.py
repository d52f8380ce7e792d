"""`solve hashcode`: an instance file in, a submission file out, no workspace."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fillplan.stages import Stages
from fillplan.workspace import storage_errors, write_whole
from fillplan_data.errors import StorageFailure
from fillplan_optimizer.hashcode.files import read_instance, submission
from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.hashcode.solving import Solved, solve
from fillplan_optimizer.mesh.clock import Clock

DEFAULT_SECONDS = 300.0
_RESERVE = 0.04
"""Part of the time limit kept for pieces of work that do not watch the clock, and for writing."""


@dataclass(frozen=True)
class HashcodeAnswer:
    """What `solve hashcode` found."""

    out: Path
    score: int
    bound: int
    proven: bool
    gap: float
    rounds: int
    interrupted: bool
    seconds: float


def solve_hashcode(
    instance_path: Path, out_path: Path, time_limit_seconds: float | None, seed: int, iterations: int | None
) -> HashcodeAnswer:
    """Read an instance, search, write the submission.

    Without a time limit and with `iterations` the submission depends on instance and seed alone; with neither, the
    limit is DEFAULT_SECONDS. Ctrl-C ends the search and writes the best so far. Raises NotFound, InputFaults with
    every fault of the file, and StorageFailure where `out_path` cannot be written, before the search begins.
    """
    begin = time.perf_counter()
    if time_limit_seconds is None and iterations is None:
        time_limit_seconds = DEFAULT_SECONDS
    with storage_errors("writing the submission"), Stages("solve") as stages:
        _check_writable(out_path)
        with stages.stage("read"):
            instance = read_instance(instance_path)
        deadline = None if time_limit_seconds is None else begin + (1 - _RESERVE) * time_limit_seconds
        solved, interrupted = _interruptible(instance, Clock(deadline), seed, iterations, stages)
        with stages.stage("write"):
            write_whole(out_path, submission(solved.files).encode("ascii"))
    return HashcodeAnswer(
        out=out_path,
        score=solved.score,
        bound=solved.bound,
        proven=solved.proven,
        gap=(solved.bound - solved.score) / solved.bound if solved.bound else 0.0,
        rounds=solved.rounds,
        interrupted=interrupted,
        seconds=round(time.perf_counter() - begin, 3),
    )


def _check_writable(out_path: Path) -> None:
    """Find out now, not after minutes of search."""
    if out_path.is_dir():
        raise StorageFailure(f"{out_path}: expected a file to write, found a folder")
    probe = out_path.with_name(f".{out_path.name}.probe")
    out_path.parent.mkdir(parents=True, exist_ok=True)
    probe.touch()
    probe.unlink()


def _interruptible(
    instance: Instance, clock: Clock, seed: int, iterations: int | None, stages: Stages
) -> tuple[Solved, bool]:
    """Search beside the main thread, which then can hear Ctrl-C; whether it did."""
    with stages.stage("search") as stage, ThreadPoolExecutor(1) as pool:

        def told(work: str, score: int, bound: int) -> None:
            stage.note(f"{score:,} of at most {bound:,}, {work}")

        future = pool.submit(solve, instance, clock, seed, iterations, told)
        try:
            return future.result(), False
        except KeyboardInterrupt:
            clock.stopped.set()
            return future.result(), True
