"""The search: relax, round, anneal a little, then improve region after region by its exact program.

Greedy choices and annealing from them end in plans that no small change betters, one to three per cent under the
bound. The relaxation knows what every cache's room is worth all over the network; roundings of it start in a better
valley, and regions of a few caches, all others as they stand, are programs that HiGHS solves in a second.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.mesh.anneal import anneal
from fillplan_optimizer.mesh.bound import Rents, most_worth
from fillplan_optimizer.mesh.clock import GO_ON, Clock
from fillplan_optimizer.mesh.draw import generator
from fillplan_optimizer.mesh.effort import Beginning, Effort, Found
from fillplan_optimizer.mesh.gather import gather
from fillplan_optimizer.mesh.greedy import fill_up, greedy, pinned
from fillplan_optimizer.mesh.neighbourhood import Neighbourhoods
from fillplan_optimizer.mesh.network import ALLOWED, Index, Mesh
from fillplan_optimizer.mesh.offers import table
from fillplan_optimizer.mesh.program import Effort as Limit
from fillplan_optimizer.mesh.program import Improved, improve
from fillplan_optimizer.mesh.region import MOST_CACHES, Core, Region, everything, files_of, region_of
from fillplan_optimizer.mesh.relax import prices_of_room, prices_of_served, relax
from fillplan_optimizer.mesh.rounding import best_rounding
from fillplan_optimizer.mesh.ruin import Heat, recreate
from fillplan_optimizer.mesh.state import State, hold_instead, load, total
from fillplan_optimizer.mesh.turns import listed, plain, settled, take_turns
from fillplan_optimizer.problem import FilesPerCache

_RELAX_SHARE, _ANNEAL_SHARE, _WHOLE_SHARE, _RECREATE_SHARE = 0.25, 0.15, 0.7, 0.93
"""Parts of the time left that relaxing, annealing, the whole program and recreation may take."""
_ROUND_SHARE = 0.15
_NOTHING: tuple[Index, Index] = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
"""Pairs of cache and file where no offers need to be kept."""
_CORES = ((0.9, 1.05), (0.7, 1.3))
"""Kinds of regions, improved at the same time on any number of cores: copies of less appeal than the first are left
out, held ones of more than the second stay. Narrow programs reach over more caches."""
_REGION_GAP = 0.002
"""Part of the whole gap that is left open in a region."""
_FULL = 0.9
"""Part of a cache's room beyond which it is called full."""
_NEARLY_LEAST = 0.1
"""Part of a cache's copies that may be less dense than what its room is said to be worth."""
_SLICES = 16
"""Parts of the annealing between which the clock is read."""


Listener = Callable[[str, Found], None]
"""Told after every piece of work: what it was, and what stands."""


def search(
    mesh: Mesh,
    effort: Effort,
    seed: int,
    clock: Clock,
    listener: Listener = lambda *_: None,
    begin: Beginning | None = None,
) -> Found:
    """Search until the effort is spent, the clock is over or the best is proven.

    begin: a standing to begin from, which must keep all limits; without it the lazy greedy makes a beginning.
    """
    found = Found(bound=float(most_worth(mesh).sum()))
    rng = np.random.default_rng(seed)
    for name, work in (
        ("greedy", partial(_begin, begin=begin)),
        ("relaxation", partial(_relax, begin=begin)),
        ("whole program", _whole),
        ("recreation" if plain(mesh) else "annealing", partial(_recreate if plain(mesh) else _anneal, seed=seed)),
        ("regions", partial(_regions, rng=rng)),
        ("gathering", _gather),
    ):
        if name != "greedy" and (clock.over or found.proven(effort.gap)):
            break
        work(mesh, effort, found, clock, partial(listener, name, found))
        listener(name, found)
    found.bound = max(found.bound, found.worth)
    return found


Told = Callable[[], None]


def _begin(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, begin: Beginning | None) -> None:
    if begin is not None:
        found.note(mesh, load(mesh, begin.files))
        return
    state = pinned(mesh)
    everywhere = listed(mesh.flag & ALLOWED != 0)
    take_turns(
        mesh, state, everywhere, np.arange(len(mesh.storage)), GO_ON
    )  # in no time, so that there is something at once
    found.note(mesh, state)
    with clock.watched() as halt:
        found.note(mesh, settled(mesh, greedy(mesh, halt), halt))
    told()
    if not clock.over and not found.proven(effort.gap):
        _gather(mesh, effort, found, clock, told)


def _relax(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, begin: Beginning | None) -> None:
    state = load(mesh, found.files)
    firsts = [prices_of_served(mesh, state.best)]
    if begin is not None and begin.row_price is not None:
        firsts = [begin.row_price]
    elif begin is not None:  # which of the two leads lower differs from network to network
        firsts.append(prices_of_room(mesh, *begin.rents))
    rents = _rents(mesh, state) if begin is None else begin.rents
    relaxed = relax(mesh, found.worth, effort.relax_steps, clock.share(_RELAX_SHARE), firsts, rents)
    found.bound = min(found.bound, relaxed.bound)
    found.relaxed = relaxed
    told()
    with clock.share(_ROUND_SHARE).watched() as halt:
        found.note(mesh, best_rounding(mesh, relaxed, halt))


def _recreate(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, seed: int) -> None:
    unit = _median_keep(load(mesh, found.files))
    tries = effort.ruins * len(mesh.storage)

    def note(worth: float, files: FilesPerCache) -> None:
        if found.better(worth, files):
            told()

    heat, chosen = Heat(unit * effort.warm, unit * effort.cold), _open(mesh, found, effort.appeal)
    recreate(mesh, found.files, chosen, heat, tries, seed, clock.share(_RECREATE_SHARE), note)


def _anneal(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, seed: int) -> None:
    state = load(mesh, found.files)
    offered = table(mesh, state, *_listed(mesh, found, effort.breadth))
    rng, tally, unit = generator(seed), np.zeros(8, dtype=np.int64), _median_keep(state)
    part = clock.share(_ANNEAL_SHARE)
    ratio = effort.cold / effort.hot
    for slice_ in range(_SLICES):
        hot, cold = (unit * effort.hot * ratio ** ((slice_ + k) / _SLICES) for k in (0, 1))
        with part.watched() as halt:
            anneal(mesh, state, offered, hot, cold, effort.visits * len(mesh.storage) // _SLICES, rng, tally, halt)
        found.note(mesh, state)
        if part.over:
            break
        told()


def _gather(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    """Fill up what has room, and bring scattered room together."""
    state = load(mesh, found.files)
    with clock.watched() as halt:
        fill_up(mesh, state, halt)
        if effort.exchanges:
            gather(mesh, state, table(mesh, state, *_NOTHING), effort.exchanges, halt)
    found.note(mesh, state)


def _whole(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    """All caches as one region, with every copy that could pay: its bound holds for the mesh."""
    caches = np.arange(len(mesh.storage))
    if len(caches) > MOST_CACHES:
        return
    state = load(mesh, found.files)
    region = region_of(mesh, state, caches, np.zeros(len(caches)), everything(mesh))
    if len(region.file) > effort.whole_pairs:
        return
    seconds = _WHOLE_SHARE * clock.left_seconds
    nodes = effort.whole_nodes if np.isinf(seconds) else None
    improved = improve(mesh, region, found.worth, Limit(effort.gap, nodes, seconds, clock.stopped.is_set))
    before = found.worth
    _apply(mesh, state, region, improved)
    found.note(mesh, state)
    found.bound = min(found.bound, before + improved.bound_gain)


def _regions(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, rng: np.random.Generator) -> None:
    """Regions of all kinds, solved at the same time and applied one after the other if they still help."""
    if effort.regions <= found.rounds:
        return
    state = load(mesh, found.files)
    near = Neighbourhoods(mesh, rng, len(_CORES))
    least = _room_price(mesh, found, effort.core)
    cores = [Core(_open(mesh, found, low), _open(mesh, found, high)) for low, high in _CORES]
    with ThreadPoolExecutor(len(_CORES)) as pool:
        while found.rounds < effort.regions and not clock.over and not found.proven(effort.gap):
            limit = _limit(effort, found, clock)
            work = partial(_improved, mesh, state, found.worth, limit, effort.region_copies, least)
            answers = list(pool.map(work, near.draw(), cores))
            for kind, (region, answer) in enumerate(answers):
                near.learn(kind, answer)
                _apply_if_better(mesh, state, region, answer)
            found.rounds += 1
            found.note(mesh, state)
            told()


def _limit(effort: Effort, found: Found, clock: Clock) -> Limit:
    gap = max(1e-7, _REGION_GAP * (found.bound - found.worth) / abs(found.worth))
    if np.isinf(clock.left_seconds):
        return Limit(gap, effort.nodes)
    return Limit(gap, effort.nodes, min(effort.region_seconds, clock.left_seconds))


def _improved(
    mesh: Mesh, state: State, worth: float, limit: Limit, most_copies: int, least: Floats, caches: Ints, core: Core
) -> tuple[Region, Improved]:
    region = region_of(mesh, state, caches, least[caches], core)
    if len(region.file) > most_copies:
        return region, Improved(None, 0.0, np.inf, False)
    return region, improve(mesh, region, worth, limit)


def _apply_if_better(mesh: Mesh, state: State, region: Region, answer: Improved) -> None:
    if answer.hold is None:
        return
    before, old = total(mesh, state), files_of(region, region.held)
    _apply(mesh, state, region, answer)
    if total(mesh, state) < before:
        for cache, files in zip(region.caches, old, strict=True):
            hold_instead(mesh, state, int(cache), files)


def _apply(mesh: Mesh, state: State, region: Region, answer: Improved) -> None:
    if answer.hold is not None:
        for cache, files in zip(region.caches, files_of(region, answer.hold), strict=True):
            hold_instead(mesh, state, int(cache), files)


def _listed(mesh: Mesh, found: Found, breadth: float) -> tuple[Index, Index]:
    """Pairs worth looking at: [M] cache, [M] file."""
    cache, file = np.nonzero(_open(mesh, found, breadth))
    return cache.astype(np.int32), file.astype(np.int32)


def _open(mesh: Mesh, found: Found, least: float) -> Bools:
    """[C, F] copies of so much appeal; all allowed ones before there is a relaxation."""
    if found.relaxed is None:
        return mesh.flag & ALLOWED != 0
    return found.relaxed.appeal(mesh) >= least


def _room_price(mesh: Mesh, found: Found, part: float) -> Floats:
    """[C] part of what a unit of room is worth."""
    return np.zeros(len(mesh.storage)) if found.relaxed is None else part * found.relaxed.rents.storage


def _rents(mesh: Mesh, state: State) -> Rents | None:
    """What room is worth in hand, rather too little: the density of what is nearly the least that full caches hold."""
    if not plain(mesh):
        return None
    storage = np.zeros(len(mesh.storage))
    for cache in np.flatnonzero(state.used > _FULL * mesh.storage):
        count = state.amount[cache]
        storage[cache] = np.quantile(state.keep[cache, :count] / mesh.size[state.slot[cache, :count]], _NEARLY_LEAST)
    return Rents(storage, np.zeros(len(storage)))


def _median_keep(state: State) -> float:
    kept = [keep[:count] for keep, count in zip(state.keep, state.amount, strict=True)]
    worth = np.concatenate(kept)
    return float(np.median(worth[worth > 0])) if (worth > 0).any() else 1.0
