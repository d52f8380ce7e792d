"""The exact program of a few caches, all others as they stand: the neighbourhood that the search improves in.

A row of demand is worth what its best holder gives. Let the caches of the region that could serve it be sorted by
falling worth v1 > v2 > ... > base, base being what the caches outside give. Its worth is then a sum of covers,

    base + sum over k of (v_k - v_{k+1}) [one of the first k holds the file]

and covers of a file by the same set of caches are one. A set of one cache is worth of the copy itself; each other
set takes one continuous variable, at most 1 and at most the sum of its copies (Cornuejols, Nemhauser, Wolsey, The
uncapacitated facility location problem, 1990). The linear program is as tight as with a variable per row and
cache, and many times smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Mesh
from fillplan_optimizer.mesh.state import State
from fillplan_optimizer.problem import FilesPerCache

MOST_CACHES = 62
"""Sets of caches are bits of an int64."""


@dataclass(frozen=True, eq=False)
class Region:
    """The program of some caches; X copies that may be held, M sets of two or more caches."""

    caches: Ints
    """[K]."""
    cache: Ints
    """[X] place in `caches`."""
    file: Ints
    """[X]."""
    held: Bools
    """[X] held now."""
    stays: Bools
    """[X] held now and not up for debate."""
    worth: Floats
    """[X] what the copy adds alone, fill cost taken off."""
    cover_worth: Floats
    """[M] what one copy among the set adds."""
    cover: Ints
    """[L] set of each link between sets and copies."""
    copy: Ints
    """[L] copy of each link."""

    def value(self, hold: Floats) -> float:
        """Worth of holding these copies [X]."""
        met = np.zeros(len(self.cover_worth))
        np.maximum.at(met, self.cover, hold[self.copy])
        return float((self.worth * hold).sum() + (self.cover_worth * met).sum())


class Core(NamedTuple):
    """[C, F] which copies are open questions."""

    open: Bools
    """May come into a program."""
    sure: Bools
    """Stay where they are held."""


def everything(mesh: Mesh) -> Core:
    """The core that leaves nothing out."""
    return Core(np.ones(mesh.flag.shape, dtype=np.bool_), np.zeros(mesh.flag.shape, dtype=np.bool_))


def region_of(mesh: Mesh, state: State, caches: Ints, least: Floats, core: Core) -> Region:
    """The program of `caches` [K]: copies that they hold, and of the open ones those that alone add more than
    `least` [K] per unit.
    """
    place = np.full(len(mesh.storage), -1, dtype=np.int64)
    place[caches] = np.arange(len(caches))
    near = _links(mesh, place)
    candidates = _candidates(mesh, state, caches, place, near, least, core)
    file, bits, worth = _covers(mesh, state, place, near, candidates)
    order = np.lexsort((bits, file))
    file, bits, worth = file[order], bits[order], worth[order]
    first = np.flatnonzero(np.diff(file, prepend=-1) | np.diff(bits, prepend=-1))
    file, bits = file[first], bits[first]
    worth = np.add.reduceat(worth, first) if len(first) else worth
    return _assembled(mesh, state, caches, candidates, (file, bits, worth), core)


def _assembled(
    mesh: Mesh, state: State, caches: Ints, candidates: Bools, covers: tuple[Ints, Ints, Floats], core: Core
) -> Region:
    file, bits, worth = covers
    copy_file, copy_cache = np.nonzero(candidates)
    number = np.full(candidates.shape, -1, dtype=np.int64)
    number[copy_file, copy_cache] = np.arange(len(copy_file))
    where = caches[copy_cache]
    fresh = mesh.flag[where, copy_file] & FRESH != 0
    alone = np.where(fresh, -mesh.cost[where] * mesh.size[copy_file], 0.0)
    several = bits & (bits - 1) != 0
    links = [np.flatnonzero(bits >> bit & 1) for bit in range(len(caches))]
    for bit, sets in enumerate(links):
        only = sets[~several[sets]]
        alone[number[file[only], bit]] += worth[only]
    rank = np.cumsum(several) - 1
    pairs = [(rank[s], number[file[s], bit]) for bit, sets in enumerate(links) for s in (sets[several[sets]],)]
    held = state.place[where, copy_file] >= 0
    return Region(
        caches=caches,
        cache=copy_cache,
        file=copy_file,
        held=held,
        stays=held & core.sure[where, copy_file],
        worth=alone,
        cover_worth=worth[several],
        cover=np.concatenate([np.zeros(0, dtype=np.int64), *(cover for cover, _ in pairs)]),
        copy=np.concatenate([np.zeros(0, dtype=np.int64), *(copy for _, copy in pairs)]),
    )


def files_of(region: Region, hold: Bools) -> FilesPerCache:
    """Per cache of the region the files of the chosen copies."""
    return tuple(region.file[hold & (region.cache == place)] for place in range(len(region.caches)))


def _links(mesh: Mesh, place: Ints) -> tuple[Ints, Ints, Floats]:
    """The region's part of every point's order: start per point, place in the region, worth per byte."""
    inside = place[mesh.linked] >= 0
    start = np.concatenate([[0], np.cumsum(inside)])[mesh.link]
    return start.astype(np.int64), place[mesh.linked[inside]], mesh.near[inside]


@kernel
def _base(mesh: Mesh, state: State, place: Ints, file: int, row: int) -> float:
    """Worth per byte of a row at the best holder outside the region."""
    if state.server[row] < 0 or place[state.server[row]] < 0:
        return state.best[row]
    base = 0.0
    for k in range(state.holders[file]):
        cache = state.holder[file, k]
        if place[cache] < 0:
            base = max(base, mesh.worth[cache, mesh.point[row]])
    return base


@kernel
def _candidates(
    mesh: Mesh, state: State, caches: Ints, place: Ints, near: tuple[Ints, Ints, Floats], least: Floats, core: Core
) -> Bools:
    """[F, K] copies in the program: held, forced, adding enough alone, or the companion of such a one."""
    start, cache_at, worth_at = near
    files, many = len(mesh.size), len(caches)
    chosen = np.zeros((files, many), dtype=np.bool_)
    gain = np.zeros(many)
    for file in range(files):
        gain[:] = 0.0
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point = mesh.point[row]
            if start[point] == start[point + 1]:
                continue
            base = _base(mesh, state, place, file, row)
            for k in range(start[point], start[point + 1]):
                if worth_at[k] <= base:
                    break
                gain[cache_at[k]] += mesh.weight[row] * (worth_at[k] - base)
        for k in range(many):
            cache = caches[k]
            flag = mesh.flag[cache, file]
            cost = mesh.cost[cache] if flag & FRESH else 0.0
            pays = (
                flag & ALLOWED
                and core.open[cache, file]
                and gain[k] > 0.0
                and gain[k] > (least[k] + cost) * mesh.size[file]
            )
            if pays or flag & FORCED or state.place[cache, file] >= 0:
                chosen[file, k] = True
    for file in range(files):
        companion = mesh.companion[file]
        if companion >= 0:
            for k in range(many):
                if chosen[file, k] and mesh.flag[caches[k], companion] & ALLOWED:
                    chosen[companion, k] = True
    return chosen


@kernel
def _covers(
    mesh: Mesh, state: State, place: Ints, near: tuple[Ints, Ints, Floats], chosen: Bools
) -> tuple[Ints, Ints, Floats]:
    """Steps of worth of all rows: file, set of caches as bits, worth; sets may come several times."""
    start, cache_at, worth_at = near
    most = 0
    for row in range(len(mesh.point)):
        most += start[mesh.point[row] + 1] - start[mesh.point[row]]
    files, bits, worth = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64), np.zeros(most)
    n = 0
    for file in range(len(mesh.size)):
        for row in range(mesh.start[file], mesh.start[file + 1]):
            point = mesh.point[row]
            if start[point] == start[point + 1]:
                continue
            base, reached, above = _base(mesh, state, place, file, row), np.int64(0), 0.0
            for k in range(start[point], start[point + 1]):
                if worth_at[k] <= base:
                    break
                if not chosen[file, cache_at[k]]:
                    continue
                if reached != 0 and above > worth_at[k]:
                    files[n], bits[n], worth[n] = file, reached, mesh.weight[row] * (above - worth_at[k])
                    n += 1
                reached |= np.int64(1) << cache_at[k]
                above = worth_at[k]
            if reached != 0:
                files[n], bits[n], worth[n] = file, reached, mesh.weight[row] * (above - base)
                n += 1
    return files[:n], bits[:n], worth[:n]
