"""Google Hash Code 2017, "Streaming videos": instances in, submissions out, scores.

    V E R C X            videos, endpoints, request rows, caches, megabytes per cache
    size ...             V sizes
    far K                per endpoint: latency to the data centre, then K lines `cache latency`
    video endpoint n     R rows; the same pair may stand in several

Each request is served by the nearest holder, the data centre holds everything, and the score is
floor(1000 x milliseconds saved / requests). That is a mesh without fill limits: a video is a file, an endpoint
a region, a request counts as one byte of demand, worth the milliseconds that a cache saves, so that a
placement's value is in requests x milliseconds and exact.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from fillplan_data.errors import InputFaults, NotFound, StorageFailure, VerificationFailed
from fillplan_data.faults import Fault
from fillplan_optimizer.problem import DemandPoints, Ints, PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Placer

MEGABYTE = 1_000_000
_LARGEST = 10**12
"""No number of an instance may exceed this, so that no sum of products overflows unnoticed."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance as it was read; everything is an integer."""

    size_mb: Ints
    """[V] >= 1."""
    cache_count: int
    capacity_mb: int
    """Of every cache."""
    far_ms: Ints
    """[E] latency to the data centre."""
    link_start: Ints
    """[E + 1] endpoint e reaches `link_cache[link_start[e]:link_start[e + 1]]`."""
    link_cache: Ints
    link_ms: Ints
    video: Ints
    """[R] per request row."""
    endpoint: Ints
    """[R]."""
    requests: Ints
    """[R] >= 1."""

    @property
    def total_requests(self) -> int:
        """All requests."""
        return int(self.requests.sum())

    def points(self, saved: int) -> int:
        """The score of so many requests x milliseconds saved."""
        return saved * 1000 // self.total_requests

    def problem(self) -> PlacementProblem:
        """The instance as a mesh; caches no faster than the data centre are left out of an endpoint's order."""
        videos, endpoints, caches = len(self.size_mb), len(self.far_ms), self.cache_count
        demand = np.zeros((endpoints, videos))
        np.add.at(demand, (self.endpoint, self.video), self.requests.astype(np.float64))
        storage = np.full(caches, self.capacity_mb * MEGABYTE, dtype=np.int64)
        blank = tuple(np.zeros(0, dtype=np.int64) for _ in range(caches))
        return PlacementProblem(
            cache_ids=tuple(str(cache) for cache in range(caches)),
            file_ids=tuple(str(video) for video in range(videos)),
            size_bytes=self.size_mb * MEGABYTE,
            title=np.arange(videos),
            companion=np.full(videos, -1),
            storage_bytes=storage,
            fill_budget_bytes=storage,
            serve_limit_bytes=np.full(caches, np.inf),
            fill_cost_per_byte=np.zeros(caches),
            parent=np.full(caches, -1),
            points=self._points(),
            demand_bytes=demand,
            rights=np.ones((caches, videos), dtype=np.bool_),
            held=blank,
            pinned=blank,
            blocked=blank,
        )

    def _points(self) -> DemandPoints:
        endpoints = len(self.far_ms)
        owner = np.repeat(np.arange(endpoints), np.diff(self.link_start))
        saved = self.far_ms[owner] - self.link_ms
        keep = np.flatnonzero(saved > 0)
        keep = keep[np.lexsort((self.link_cache[keep], -saved[keep], owner[keep]))]
        count = np.bincount(owner[keep], minlength=endpoints)
        return DemandPoints(
            region=np.arange(endpoints),
            share=np.ones(endpoints),
            start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            cache=self.link_cache[keep],
            value_per_byte=saved[keep].astype(np.float64),
        )


@dataclass(frozen=True)
class Summary:
    """What `solve` found."""

    score: int
    bound: int
    """No submission can score more."""
    proven: bool
    """Whether the score is proven to be the best possible."""
    seconds: float


def solve(instance_path: Path, out_path: Path, time_limit_seconds: float | None = None, seed: int = 0) -> Summary:
    """Solve an instance file and write the submission.

    Without a time limit the work is fixed and the submission depends on instance and seed alone. Raises
    InputFaults for a malformed instance, NotFound without one, StorageFailure where `out_path` cannot be written.
    """
    from fillplan_optimizer.mesh.placer import MeshSearch  # numba: only where it is needed

    instance = read_instance(instance_path)
    placer = MeshSearch(seed=seed, time_limit_seconds=time_limit_seconds)
    result = place(instance, placer)
    write_submission(out_path, result.placement)
    score = instance.points(saved_ms(instance, result.placement))
    bound = max(score, instance.points(int(np.floor(result.bound + 1e-6))))
    return Summary(score, bound, score == bound, result.seconds)


def place(instance: Instance, placer: Placer) -> PlacementResult:
    """Let any placer solve an instance."""
    return placer.place(instance.problem())


def saved_ms(instance: Instance, placement: Placement) -> int:
    """Requests x milliseconds saved, in whole numbers and with no solver's arithmetic.

    Raises VerificationFailed if a cache holds more than its capacity or a video twice.
    """
    holds = np.zeros((instance.cache_count, len(instance.size_mb)), dtype=np.bool_)
    for cache, videos in enumerate(placement.files):
        used = int(instance.size_mb[videos].sum())
        if used > instance.capacity_mb or len(np.unique(videos)) != len(videos):
            raise VerificationFailed(
                f"cache {cache}: expected at most {instance.capacity_mb} MB, each video once; found "
                f"{len(videos)} videos with {used} MB, {len(np.unique(videos))} of them different"
            )
        holds[cache, videos] = True
    saved = 0
    by_endpoint = np.argsort(instance.endpoint, kind="stable")
    cut = np.searchsorted(instance.endpoint[by_endpoint], np.arange(len(instance.far_ms) + 1))
    for endpoint, far in enumerate(instance.far_ms):
        rows = by_endpoint[cut[endpoint] : cut[endpoint + 1]]
        links = slice(instance.link_start[endpoint], instance.link_start[endpoint + 1])
        nearest = np.full(len(rows), far)
        for cache, latency in zip(instance.link_cache[links], instance.link_ms[links], strict=True):
            np.minimum(nearest, latency, out=nearest, where=holds[cache, instance.video[rows]])
        saved += int((instance.requests[rows] * (far - nearest)).sum())
    return saved


def write_submission(path: Path, placement: Placement) -> None:
    """Write a submission: the number of caches that hold anything, then a line for each."""
    lines = [
        " ".join(map(str, [cache, *videos.tolist()])) for cache, videos in enumerate(placement.files) if videos.size
    ]
    try:
        path.write_text("\n".join([str(len(lines)), *lines]) + "\n", encoding="ascii")
    except OSError as error:
        raise StorageFailure(f"The submission cannot be written to {path}: {error.strerror}") from error


def read_instance(path: Path) -> Instance:
    """Read an instance, plain or compressed with gzip.

    Raises NotFound if there is no such file, InputFaults naming line, expected and found.
    """
    numbers = _Numbers(path)
    videos = numbers.next("the number of videos", 1)
    endpoints = numbers.next("the number of endpoints", 1)
    rows = numbers.next("the number of request rows", 1)
    caches = numbers.next("the number of caches", 1)
    capacity = numbers.next("the capacity of a cache in MB", 1)
    size = numbers.block(videos, 1, "the size of a video in MB", [(1, _LARGEST)])[:, 0]
    far, start, links = _endpoints(numbers, endpoints, caches)
    limits = [(0, videos - 1), (0, endpoints - 1), (1, _LARGEST)]
    request = numbers.block(rows, 3, "a request row 'video endpoint count'", limits)
    numbers.close()
    return Instance(size, caches, capacity, far, start, links[:, 0], links[:, 1], *request.T.copy())


def _endpoints(numbers: _Numbers, endpoints: int, caches: int) -> tuple[Ints, Ints, Ints]:
    far, start = np.zeros(endpoints, dtype=np.int64), np.zeros(endpoints + 1, dtype=np.int64)
    parts = [np.zeros((0, 2), dtype=np.int64)]
    for endpoint in range(endpoints):
        far[endpoint] = numbers.next(f"the data centre's latency of endpoint {endpoint}", 0)
        count = numbers.next(f"the number of caches of endpoint {endpoint}", 0, caches)
        what = f"a line 'cache latency' of endpoint {endpoint}"
        first = numbers.at
        links = numbers.block(count, 2, what, [(0, caches - 1), (0, _LARGEST)])
        order = np.argsort(links[:, 0], kind="stable")
        twice = order[1:][np.diff(links[order, 0]) == 0]
        if twice.size:
            cache = links[twice[0], 0]
            numbers.fail(first + 2 * int(twice[0]), f"each cache once at endpoint {endpoint}", f"cache {cache} again")
        parts.append(links)
        start[endpoint + 1] = start[endpoint] + count
    return far, start, np.concatenate(parts)


class _Numbers:
    """The integers of a file, in order, each with the line it came from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = 0
        self.text = _text(path)
        tokens = self.text.split()
        try:
            self.value = np.array(tokens, dtype=np.int64)
        except (ValueError, OverflowError):
            self.value = np.zeros(0, dtype=np.int64)
            self._refuse_first_bad(tokens)

    def next(self, what: str, least: int, most: int = _LARGEST) -> int:
        """The next number, within its limits."""
        return int(self.block(1, 1, what, [(least, most)])[0, 0])

    def block(self, rows: int, columns: int, what: str, limits: list[tuple[int, int]]) -> Ints:
        """[rows, columns] numbers, each column within its limits (least, most)."""
        end = self.at + rows * columns
        if end > len(self.value):
            self.fail(len(self.value), what, "the end of the file")
        found = self.value[self.at : end].reshape(rows, columns)
        low, high = np.array(limits, dtype=np.int64).T
        wrong = np.flatnonzero(((found < low) | (found > high)).ravel())
        if wrong.size:
            least, most = limits[int(wrong[0]) % columns]
            token = self.at + int(wrong[0])
            self.fail(token, f"{what}, here between {least} and {most}", str(self.value[token]))
        self.at = end
        return found

    def close(self) -> None:
        """Nothing may follow."""
        if self.at < len(self.value):
            self.fail(self.at, "the end of the file", f"{len(self.value) - self.at} more numbers")

    def fail(self, token: int, expected: str, found: str) -> NoReturn:
        """Raise InputFaults for the token of that number."""
        before = 0
        lines = self.text.split("\n")
        row = max(1, len(lines) - (lines[-1] == ""))
        for number, line in enumerate(lines, 1):
            before += len(line.split())
            if before > token:
                row = number
                break
        remedy = "correct the file, or download it anew"
        fault = Fault("fault", "instance", str(self.path), row, None, expected, found, remedy)
        raise InputFaults((fault,), f"This is no Hash Code 2017 instance.\n{fault}")

    def _refuse_first_bad(self, tokens: list[str]) -> NoReturn:
        for place, token in enumerate(tokens):
            if not token.lstrip("-").isdecimal() or abs(int(token)) > _LARGEST:
                self.fail(place, f"a whole number up to {_LARGEST}", f"'{token[:40]}'")
        raise AssertionError("some token is no number")


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}; give the path of a Hash Code instance") from error
    except OSError as error:
        raise StorageFailure(f"{path} cannot be read: {error.strerror}") from error
    try:
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("ascii")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        fault = Fault(
            "fault", "instance", str(path), None, None, "ASCII text, plain or gzip", str(error), "download it anew"
        )
        raise InputFaults((fault,), f"This is no Hash Code 2017 instance.\n{fault}") from error
