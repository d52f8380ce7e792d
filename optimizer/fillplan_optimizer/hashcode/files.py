"""Instances and submissions as text.

    V E R C X            videos, endpoints, request rows, caches, megabytes per cache
    size ...             V sizes
    far K                per endpoint: latency to the data centre, then K lines `cache latency`
    video endpoint n     R rows

What is wrong inside the structure is collected, all of it; a number that decides the structure (a count, the end of
the file) ends the reading, for nothing after it can be told apart.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_data.errors import InputFaults, NotFound, StorageFailure
from fillplan_data.faults import Fault
from fillplan_data.wording import counted
from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.problem import FilesPerCache

_LARGEST = 10**9
"""No number of an instance may exceed this, so that no sum of products overflows unnoticed."""
_MOST_CELLS = 2 * 10**9
"""Of the matrix of endpoints and videos."""
_MOST_BYTES = 2 * 10**9
"""Of an unpacked file."""
_SHOWN = 200
_REMEDY = "correct the file, or fetch it anew"

Limits = Sequence[tuple[int, int]]


def read_instance(path: Path) -> Instance:
    """Read an instance, plain or compressed with gzip.

    Raises NotFound if there is no such file, StorageFailure if it cannot be read, and InputFaults with every fault
    found: line, expected, found.
    """
    numbers = _Numbers(path)
    videos = numbers.count("the number of videos", 1)
    endpoints = numbers.count("the number of endpoints", 1)
    rows = numbers.count("the number of request rows", 0)
    caches = numbers.count("the number of caches", 0)
    capacity = numbers.count("the capacity of a cache in MB", 0)
    if videos * max(endpoints, caches) > _MOST_CELLS:
        numbers.fault(1, f"at most {_MOST_CELLS:,} pairs of videos and endpoints", f"{videos:,} x {endpoints:,}")
        numbers.stop()
    size = numbers.block(videos, 1, "the size of a video in MB", [(1, _LARGEST)])[:, 0]
    far, start, links = _endpoints(numbers, endpoints, caches)
    limits = [(0, videos - 1), (0, endpoints - 1), (1, _LARGEST)]
    request = numbers.block(rows, 3, "a request row 'video endpoint requests'", limits)
    numbers.close()
    return Instance(size, caches, capacity, far, start, links[:, 0], links[:, 1], *request.T.copy())


def _endpoints(numbers: _Numbers, endpoints: int, caches: int) -> tuple[Ints, Ints, Ints]:
    far, start = np.zeros(endpoints, dtype=np.int64), np.zeros(endpoints + 1, dtype=np.int64)
    parts = [np.zeros((0, 2), dtype=np.int64)]
    for endpoint in range(endpoints):
        far[endpoint] = numbers.one(f"the data centre's latency of endpoint {endpoint}", (0, _LARGEST))
        count = numbers.count(f"the number of caches of endpoint {endpoint}", 0, caches)
        first = numbers.at
        links = numbers.block(count, 2, f"a line 'cache latency' of endpoint {endpoint}",
                              [(0, caches - 1), (0, _LARGEST)])  # fmt: skip
        order = np.argsort(links[:, 0], kind="stable")
        for again in np.sort(order[1:][np.diff(links[order, 0]) == 0]):
            numbers.fault(first + 2 * int(again), f"each cache once at endpoint {endpoint}",
                          f"cache {links[again, 0]} again")  # fmt: skip
        parts.append(links)
        start[endpoint + 1] = start[endpoint] + count
    return far, start, np.concatenate(parts)


def submission(files: FilesPerCache) -> str:
    """The text of a submission: the number of caches that hold anything, then a line for each."""
    lines = [" ".join(map(str, [cache, *videos.tolist()])) for cache, videos in enumerate(files) if len(videos)]
    return "\n".join([str(len(lines)), *lines]) + "\n"


class _Numbers:
    """The integers of a file, in order, each with the line it came from, and what was wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = 0
        self.faults: list[Fault] = []
        self._text = _text(path)
        self.value = self._parsed(self._text.split())

    def _parsed(self, tokens: list[str]) -> Ints:
        with suppress(ValueError, OverflowError):
            if "_" not in self._text:  # numpy reads 1_0 as 10
                return np.array(tokens, dtype=np.int64)
        for place, token in enumerate(tokens):
            if not (token.removeprefix("-").isascii() and token.removeprefix("-").isdecimal() and len(token) < 18):
                self.fault(place, f"a whole number up to {_LARGEST:,}", f"'{token[:40]}'")
        self.stop()
        raise AssertionError("some token was no number")

    def count(self, what: str, least: int, most: int = _LARGEST) -> int:
        """The next number, which decides how what follows is read."""
        number = self.one(what, (least, most))
        if self.faults and not least <= number <= most:
            self.stop()
        return number

    def one(self, what: str, limits: tuple[int, int]) -> int:
        """The next number."""
        return int(self.block(1, 1, what, [limits])[0, 0])

    def block(self, rows: int, columns: int, what: str, limits: Limits) -> Ints:
        """[rows, columns] numbers, each column within its limits (least, most)."""
        end = self.at + rows * columns
        if end > len(self.value):
            self.fault(len(self.value), what, "the end of the file")
            self.stop()
        found = self.value[self.at : end].reshape(rows, columns)
        low, high = np.array(limits, dtype=np.int64).T
        for wrong in np.flatnonzero(((found < low) | (found > high)).ravel()):
            least, most = limits[int(wrong) % columns]
            token = self.at + int(wrong)
            self.fault(token, f"{what}, here from {least:,} to {most:,}", str(self.value[token]))
        self.at = end
        return found

    def close(self) -> None:
        """Nothing may follow, and nothing may have been wrong."""
        if self.at < len(self.value):
            self.fault(self.at, "the end of the file", f"{len(self.value) - self.at:,} more numbers")
        self.stop()

    def fault(self, token: int, expected: str, found: str) -> None:
        """Note what is wrong with the token of that number."""
        if len(self.faults) <= _SHOWN:
            row = self._line(token) if len(self.faults) < _SHOWN else None
            self.faults.append(_fault(self.path, row, expected, found))

    def stop(self) -> None:
        """Raise InputFaults if anything was wrong."""
        if self.faults:
            many = f"{_SHOWN} or more faults" if len(self.faults) > _SHOWN else counted(len(self.faults), "fault")
            raise _refused(self.path, f"{many}; ", self.faults[:_SHOWN])

    def _line(self, token: int) -> int:
        before = 0
        lines = self._text.rstrip("\n").split("\n")
        for number, line in enumerate(lines, 1):
            before += len(line.split())
            if before > token:
                return number
        return len(lines)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES:,} bytes")
        return raw.decode("ascii")
    except FileNotFoundError as error:
        raise NotFound(f"{path}: no such file; give the path of a Hash Code 2017 instance") from error
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise _refused(path, "", [_fault(path, None, "ASCII text, plain or gzip", str(error))]) from error
    except OSError as error:
        raise StorageFailure(f"{path} cannot be read: {error.strerror}") from error


def _refused(path: Path, many: str, faults: Sequence[Fault]) -> InputFaults:
    lines = [f"{path}: {many}this is no Hash Code 2017 instance", *(f"  {fault}" for fault in faults)]
    return InputFaults(tuple(faults), "\n".join(lines))


def _fault(path: Path, row: int | None, expected: str, found: str) -> Fault:
    return Fault("fault", "instance", path.name, row, None, expected, found, _REMEDY)
