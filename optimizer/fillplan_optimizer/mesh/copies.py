"""The open copies of a mesh: what is left of the relaxation once the certain is set aside.

Where storage cannot bind whatever is filled, held files stay: they cost nothing. A row never pays less than the best
of these is worth to it, so that only caches nearer than that are links; and a copy that would not pay for its room
even if nobody else held the file is left out. The first loses nothing; the second is paid for in the bound, which is
worked out with all copies in the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.network import ALLOWED, FRESH, Flags, Index, Mesh


class Copies(NamedTuple):
    """M open copies by cache, then by file; R rows with L links to them, by file; a plain tuple of arrays."""

    start: Ints
    """[C + 1] copies of cache c are start[c] .. start[c + 1] - 1."""
    cache: Index
    """[M]."""
    file: Index
    """[M]."""
    size: Ints
    """[M] units."""
    flag: Flags
    """[M] as in Mesh."""
    entry: Floats
    """[M] fill cost of the copy, 0 where it is held."""
    mate: Index
    """[M] place of the companion's copy among those of the cache, -1 for none."""
    row: Ints
    """[R] row of the mesh."""
    link: Ints
    """[R + 1] row r may be served by copy[link[r]:link[r + 1]]."""
    copy: Index
    """[L] by falling worth."""
    worth: Floats
    """[L] of the whole row served by that copy."""
    part: Ints
    """[P + 1] rows part[p] .. part[p + 1] - 1 share no file with any other part."""


def stays(mesh: Mesh) -> Bools:
    """[C, F] held files of caches where storage cannot bind, their companion there too: dropping them gains nothing."""
    may, fresh = mesh.flag & ALLOWED != 0, mesh.flag & FRESH != 0
    kept = may & ~fresh
    kept &= (kept @ mesh.size + mesh.budget <= mesh.storage)[:, None]
    companion = np.flatnonzero(mesh.companion >= 0)
    audio = mesh.companion[companion]
    kept[:, companion] &= kept[:, audio] | ~may[:, audio]
    return kept


@kernel
def floors(mesh: Mesh, kept: Bools) -> Floats:
    """[N] what each row is worth served by the best of the copies that stay."""
    floor = np.zeros(len(mesh.weight))
    for file in range(len(mesh.size)):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point = mesh.point[row]
            for k in range(mesh.link[point], mesh.link[point + 1]):
                if kept[mesh.linked[k], file]:
                    floor[row] = mesh.weight[row] * mesh.near[k]
                    break
    return floor


def with_companions(mesh: Mesh, chosen: Bools) -> Bools:
    """Also the companions of what is chosen [C, F], where they are allowed."""
    video = np.flatnonzero(mesh.companion >= 0)
    cache, place = np.nonzero(chosen[:, video])
    audio = mesh.companion[video[place]]
    may = mesh.flag[cache, audio] & ALLOWED != 0
    chosen = chosen.copy()
    chosen[cache[may], audio[may]] = True
    return chosen


def copies(mesh: Mesh, chosen: Bools, floor: Floats, parts: int) -> Copies:
    """The open copies [C, F], companions among them, and the rows that they may serve for more than the floor [N]."""
    cache, file = np.nonzero(chosen)
    start = np.searchsorted(cache, np.arange(len(chosen) + 1))
    number = np.full(chosen.shape, -1, dtype=np.int32)
    number[cache, file] = np.arange(len(cache))
    row, link, copy, worth = _links(mesh, number, floor)
    flag, size, companion = mesh.flag[cache, file], mesh.size[file], mesh.companion[file]
    mate = np.where(companion >= 0, number[cache, companion], -1)
    bounds = mesh.start[np.linspace(0, len(mesh.size), parts + 1).astype(np.int64)]
    return Copies(
        start=start,
        cache=cache.astype(np.int32),
        file=file.astype(np.int32),
        size=size,
        flag=flag,
        entry=np.where(flag & FRESH, mesh.cost[cache] * size, 0.0),
        mate=np.where(mate >= 0, mate - start[cache], -1).astype(np.int32),
        row=row,
        link=link,
        copy=copy,
        worth=worth,
        part=np.searchsorted(row, bounds),
    )


@kernel
def _links(mesh: Mesh, number: Index, floor: Floats) -> tuple[Ints, Ints, Index, Floats]:
    count = 0
    for file in range(len(mesh.size)):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point = mesh.point[row]
            for k in range(mesh.link[point], mesh.link[point + 1]):
                count += number[mesh.linked[k], file] >= 0 and mesh.weight[row] * mesh.near[k] > floor[row]
    rows, link = np.empty(len(floor), dtype=np.int64), np.zeros(len(floor) + 1, dtype=np.int64)
    copy, worth = np.empty(count, dtype=np.int32), np.empty(count)
    many, n = 0, 0
    for file in range(len(mesh.size)):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point, before = mesh.point[row], n
            for k in range(mesh.link[point], mesh.link[point + 1]):
                served = mesh.weight[row] * mesh.near[k]
                if served <= floor[row]:
                    break
                if number[mesh.linked[k], file] >= 0:
                    copy[n], worth[n] = number[mesh.linked[k], file], served
                    n += 1
            if n > before:
                rows[many] = row
                many += 1
                link[many] = n
    return rows[:many].copy(), link[: many + 1].copy(), copy, worth


@kernel
def offer(copies: Copies, price: Floats, worth: Floats, first: int, last: int) -> None:
    """Add to [M] what the copies are worth to rows first to last beyond their prices [R]."""
    for row in range(first, last):
        for k in range(copies.link[row], copies.link[row + 1]):
            over = copies.worth[k] - price[row]
            if over <= 0.0:
                break
            worth[copies.copy[k]] += over


@kernel
def slopes(copies: Copies, price: Floats, part: Floats, slope: Floats, first: int, last: int) -> None:
    """How the bound grows with the price of each of these rows: less for every copy that serves it."""
    for row in range(first, last):
        rest = 1.0
        for k in range(copies.link[row], copies.link[row + 1]):
            if copies.worth[k] <= price[row]:
                break
            rest -= part[copies.copy[k]]
        slope[row] = rest
