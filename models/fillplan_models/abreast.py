"""Several pieces of work at once, where none knows of the others: the results are those of one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

MOST = 2
"""Pieces at once, however many threads there are: each may hold copies of the whole panel."""


def each(work: Callable[[Piece], Result], pieces: Iterable[Piece], threads: int) -> list[Result]:
    """`work` of every piece, in their order, on so many threads; raises what the first piece to fail raised.

    numpy and LightGBM let other threads on while they compute. A piece is not to start threads of LightGBM's own
    beside others: their number is one for the whole process.
    """
    with ThreadPoolExecutor(min(threads, MOST)) as pool:
        return list(pool.map(work, pieces))
