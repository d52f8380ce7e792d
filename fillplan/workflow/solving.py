"""`solve hashcode`: an instance file in, a submission file out, no workspace."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fillplan.stages import Stages
from fillplan.workspace import file_to_write, real, storage_errors, write_whole
from fillplan_data.errors import AlreadyExists, StorageFailure
from fillplan_optimizer.hashcode.files import read_instance, submission
from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.hashcode.solving import Solved, solve
from fillplan_optimizer.mesh.clock import Clock

DEFAULT_SECONDS = 300.0
_RESERVE_PART, _RESERVE_SECONDS, _MOST_RESERVE_PART = 0.02, 1.5, 0.1
"""Of the time limit, kept for starting the program, scoring and writing; never more than the last part of it."""
_HEARING_SECONDS = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    limit is DEFAULT_SECONDS. Ctrl-C or SIGTERM ends the search and writes the best so far. Raises NotFound,
    InputFaults with every fault of the file, StorageFailure where `out_path` cannot be written, and AlreadyExists
    where it is the instance, before the search begins.
    """
    begin = time.perf_counter()
    if time_limit_seconds is None and iterations is None:
        time_limit_seconds = DEFAULT_SECONDS
    with storage_errors("writing the submission"), Stages("solve") as stages:
        target = _writable(out_path)
        if target == real(instance_path):
            raise AlreadyExists(f"{out_path} is the instance itself; choose another place for the submission")
        with stages.stage("read"):
            instance = read_instance(instance_path)
        deadline = None if time_limit_seconds is None else begin + _search_seconds(time_limit_seconds)
        solved, interrupted = _interruptible(instance, Clock(deadline), seed, iterations, stages)
        with stages.stage("write"):
            write_whole(target, submission(solved.files).encode("ascii"))
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


def _search_seconds(limit_seconds: float) -> float:
    reserve = _RESERVE_PART * limit_seconds + _RESERVE_SECONDS
    return limit_seconds - min(reserve, _MOST_RESERVE_PART * limit_seconds)


def _writable(out_path: Path) -> Path:
    """The file to write, links followed; found out now, not after minutes of search."""
    try:
        target = file_to_write(out_path)
        probe = target.with_name(f".{target.name}.probe")
        target.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StorageFailure(f"{out_path} cannot be written: {error.strerror}; choose another place") from error
    return target


def _interruptible(
    instance: Instance, clock: Clock, seed: int, iterations: int | None, stages: Stages
) -> tuple[Solved, bool]:
    """Search beside the main thread, which then can hear signals; whether it did."""
    with stages.stage("search") as stage, ThreadPoolExecutor(1) as pool, _stopping(clock):

        def told(work: str, score: int, bound: int) -> None:
            stage.note(f"{score:,} of at most {bound:,}, {work}")

        future = pool.submit(solve, instance, clock, seed, iterations, told)
        while not future.done():
            wait([future], _HEARING_SECONDS)  # signals are handled between two of these
        return future.result(), clock.stopped.is_set()


@contextmanager
def _stopping(clock: Clock) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop the clock; where this is not the main thread, nobody can listen."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: clock.stopped.set()) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
