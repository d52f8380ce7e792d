"""A choice among open copies, changed one copy at a time at a cost of the few rows that the copy could serve.

Leaner than `State`: rows carry their best and second best server only, in worth of the whole row, and nothing else is
kept up to date. Where points reach a few caches of many, that is a hundredth of what all rows of a file cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.copies import Copies
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import Flags, Index
from fillplan_optimizer.problem import FilesPerCache


class Reach(NamedTuple):
    """The links of `Copies`, by copy."""

    start: Ints
    """[M + 1] copy m may serve row[start[m]:start[m + 1]]."""
    row: Index
    """[L]."""
    worth: Floats
    """[L] of the whole row served by that copy."""


class Choice(NamedTuple):
    """Changed in place by the kernels."""

    held: Flags
    """[M]."""
    best: Floats
    """[R] worth of the row at its best holder, 0 without one."""
    second: Floats
    """[R] at the next."""
    server: Index
    """[R] the best holder's copy, -1 without one."""


def reach(copies: Copies) -> Reach:
    """The links of these copies the other way round."""
    order = np.argsort(copies.copy, kind="stable")
    row = np.repeat(np.arange(len(copies.row), dtype=np.int32), np.diff(copies.link))
    start = np.searchsorted(copies.copy[order], np.arange(len(copies.file) + 1))
    return Reach(start, row[order], copies.worth[order])


def choice(copies: Copies, far: Reach, held: Bools) -> Choice:
    """The choice of exactly the copies `held` [M]."""
    rows = len(copies.row)
    made = Choice(
        np.zeros(len(held), dtype=np.uint8), np.zeros(rows), np.zeros(rows), np.full(rows, -1, dtype=np.int32)
    )
    become(copies, far, made, 0, held)
    return made


def chosen_files(copies: Copies, made: Choice) -> FilesPerCache:
    """Sorted files per cache."""
    return tuple(
        copies.file[first:last][made.held[first:last] != 0].astype(np.int64)
        for first, last in zip(copies.start[:-1], copies.start[1:], strict=True)
    )


def worth_of(copies: Copies, made: Choice) -> float:
    """Worth of all rows at their best holders, less the cost of what is new."""
    return float(made.best.sum() - copies.entry[made.held != 0].sum())


@inlined
def hold(far: Reach, made: Choice, copy: int) -> None:
    """Hold a copy that is not held."""
    made.held[copy] = 1
    for k in range(far.start[copy], far.start[copy + 1]):
        row, worth = far.row[k], far.worth[k]
        if worth > made.best[row]:
            made.second[row] = made.best[row]
            made.best[row] = worth
            made.server[row] = copy
        elif worth > made.second[row]:
            made.second[row] = worth


@inlined
def release(copies: Copies, far: Reach, made: Choice, copy: int) -> float:
    """No longer hold a copy that is held; returns what that loses."""
    made.held[copy] = 0
    lost = -copies.entry[copy]
    for k in range(far.start[copy], far.start[copy + 1]):
        row = far.row[k]
        if far.worth[k] >= made.second[row]:
            before = made.best[row]
            _rank(copies, made, row)
            lost += before - made.best[row]
    return lost


@inlined
def _rank(copies: Copies, made: Choice, row: int) -> None:
    best, second, server = 0.0, 0.0, -1
    for k in range(copies.link[row], copies.link[row + 1]):
        if made.held[copies.copy[k]]:
            if server >= 0:
                second = copies.worth[k]
                break
            best, server = copies.worth[k], copies.copy[k]
    made.best[row], made.second[row], made.server[row] = best, second, server


@kernel
def become(copies: Copies, far: Reach, made: Choice, first: int, held: Bools) -> None:
    """Hold exactly these of the copies from `first` on."""
    for k in range(len(held)):
        if made.held[first + k] and not held[k]:
            release(copies, far, made, first + k)
    for k in range(len(held)):
        if held[k] and not made.held[first + k]:
            hold(far, made, first + k)


@kernel
def worth_alone(copies: Copies, far: Reach, made: Choice, cache: int) -> Floats:
    """What each copy of a cache adds to what the other caches hold, fill costs taken off."""
    first, last = copies.start[cache], copies.start[cache + 1]
    best, second, server = made.best, made.second, made.server
    added = np.empty(last - first)
    for copy in range(first, last):
        worth = -copies.entry[copy]
        for k in range(far.start[copy], far.start[copy + 1]):
            row = far.row[k]
            others = second[row] if server[row] == copy else best[row]
            worth += max(0.0, far.worth[k] - others)
        added[copy - first] = worth
    return added
