"""`python -m tests.faults [--nights N] [--feeds N] [--healthy N] [--fuzz S] [--stepping N]`: counts by fault."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from tests.faults.fuzz import fuzz, fuzz_table
from tests.faults.judging import Feed, healthy_nights, judge_feeds
from tests.faults.laboratory import NIGHTS_PER_WORLD, Night, bad_nights, night_seed, nights_between
from tests.faults.stepping import step_through


def main() -> int:
    """Exit code 1 if any promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--nights", type=int, default=0, help="bad nights of every kind")
    parser.add_argument(
        "--log", type=Path, help="file that remembers every bad night; a run that was interrupted goes on from there"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the bad nights, a world at a time")
    parser.add_argument("--feeds", type=int, default=0, help="bad feeds, each with the gates open and shut")
    parser.add_argument("--healthy", type=int, default=0, help="worlds that live through ten healthy nights")
    parser.add_argument("--fuzz", type=float, default=0, help="seconds of random edits of every kind of file")
    parser.add_argument("--stepping", type=int, default=0, metavar="N", help="kill at every N-th changing system call")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    gc.freeze()  # what was imported stays: not to be gone through at every collection
    with tempfile.TemporaryDirectory() as folder:
        nights = list(_told(_logged(options, Path(folder))))
        feeds = list(judge_feeds(options.feeds, options.seed, Path(folder)))
        healthy = list(healthy_nights(options.healthy, 10, options.seed, Path(folder)))
        outcomes = list(fuzz(options.fuzz, options.seed, Path(folder))) if options.fuzz else []
        steps = list(step_through(options.seed, Path(folder), options.stepping)) if options.stepping else []
    for at, broken in steps:
        if broken:
            print(f"BROKEN killed at system call {at}: {broken}")
    print(f"{len(steps)} nights killed at a system call, {sum(broken is not None for _, broken in steps)} broken")
    for lines in (table(nights), feed_table(feeds), healthy_table(healthy), fuzz_table(outcomes)):
        print(lines, flush=True)
    return int(
        any(broken for _, broken in steps)
        or any(n.broken for n in nights)
        or any(outcome.startswith("CRASH") for _, outcome in outcomes)
    )


def _logged(options: argparse.Namespace, folder: Path) -> Iterator[Night]:
    """The bad nights that the log knows, then those that are still to be run."""
    count, seed, log = options.nights, options.seed, options.log
    if log is None:
        yield from _shared(0, count, seed, folder, options.jobs)
        return
    with log.open("a+", encoding="utf-8", buffering=1) as file:
        file.seek(0)
        done = [Night(**json.loads(line)) for line in file][:count]
        if any(night.seed != night_seed(seed, number) for number, night in enumerate(done)):
            raise SystemExit(f"{log}: a log of another --seed; name another file")
        yield from done
        for night in _shared(len(done), count, seed, folder, options.jobs):
            file.write(json.dumps(asdict(night)) + "\n")
            yield night


def _shared(first: int, end: int, seed: int, folder: Path, jobs: int) -> Iterator[Night]:
    """Bad nights from one number up to another, in order, by so many processes."""
    if jobs == 1:
        yield from bad_nights(end - first, seed, folder, first)
        return
    worlds = range(first // NIGHTS_PER_WORLD, -(-end // NIGHTS_PER_WORLD))
    starts = [max(first, world * NIGHTS_PER_WORLD) for world in worlds]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for nights in pool.map(nights_between, starts, [*starts[1:], end], repeat(seed), repeat(folder)):
            yield from nights


def _told(nights: Iterable[Night]) -> Iterator[Night]:
    for night in nights:
        if night.broken:
            print(f"BROKEN {night.kind} (seed {night.seed}): {night.broken}", flush=True)
        yield night


def feed_table(feeds: list[Feed]) -> str:
    """Bad feeds by kind: how many were harmful, how many of these were held."""
    by_kind: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        by_kind[feed.kind].append(feed)
    lines = [f"{'feed':<30} {'nights':>6} {'harmful':>8} {'held':>6}   exit codes"] if feeds else []
    for kind, found in sorted(by_kind.items()):
        harmful = [feed for feed in found if feed.harmful]
        codes = Counter(str(feed.code) for feed in found)
        shown = "  ".join(f"{code}: {n}" for code, n in sorted(codes.items()))
        lines.append(f"{kind:<30} {len(found):>6} {len(harmful):>8} {sum(f.held for f in harmful):>6}   {shown}")
    harmful = [feed for feed in feeds if feed.harmful]
    held, kinds = sum(feed.held for feed in harmful), len({feed.kind for feed in harmful})
    return "\n".join([*lines, f"{len(feeds)} bad feeds, {len(harmful)} harmful of {kinds} kinds, {held} of these held"])


def healthy_table(nights: list[tuple[int, int, int | None]]) -> str:
    """Healthy nights and false stops."""
    stopped = [(seed, night, code) for seed, night, code in nights if code]
    return "\n".join(
        [*(f"STOPPED {night}" for night in stopped), f"{len(nights)} healthy nights, {len(stopped)} stopped"]
    )


def table(nights: list[Night]) -> str:
    """Counts by fault: nights, exit codes, broken promises."""
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for night in nights:
        codes[night.kind]["broken" if night.broken else "dead" if night.code is None else str(night.code)] += 1
    lines = [
        f"{kind:<28} {sum(found.values()):>6}   " + "  ".join(f"{code}: {n}" for code, n in sorted(found.items()))
        for kind, found in sorted(codes.items())
    ]
    total = sum(night.broken is not None for night in nights)
    return "\n".join(
        [f"{'fault':<28} {'nights':>6}   nights by exit code", *lines, f"{len(nights)} nights, {total} broken"]
    )


if __name__ == "__main__":
    sys.exit(main())
