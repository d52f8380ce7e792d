"""The search: relax, round, anneal a little, then improve region after region by its exact program.

Greedy choices and annealing from them end in plans that no small change betters, one to three per cent under the
bound. The relaxation knows what every cache's room is worth all over the network; roundings of it start in a better
valley, and regions of a few caches, all others as they stand, are programs that HiGHS solves in a second.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from fillplan_optimizer.mesh.anneal import anneal
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.gather import gather
from fillplan_optimizer.mesh.greedy import fill_up, greedy, offers
from fillplan_optimizer.mesh.neighbourhood import Neighbourhoods
from fillplan_optimizer.mesh.network import Index, Mesh
from fillplan_optimizer.mesh.offers import table
from fillplan_optimizer.mesh.program import Effort as Limit
from fillplan_optimizer.mesh.program import Improved, improve
from fillplan_optimizer.mesh.region import MOST_CACHES, Region, files_of, region_of
from fillplan_optimizer.mesh.relax import Relaxed, most_worth, relax
from fillplan_optimizer.mesh.rounding import best_rounding
from fillplan_optimizer.mesh.state import State, empty, held_files, hold_instead, load, total
from fillplan_optimizer.problem import FilesPerCache, Floats, Ints

_PAIR = 2
"""Regions improved at the same time, on any number of cores."""
_RELAX_SHARE, _ANNEAL_SHARE, _WHOLE_SHARE = 0.3, 0.15, 0.7
"""Parts of the time left that relaxing, annealing and the whole program may take."""
_SLICES = 16
"""Parts of the annealing between which the clock is read."""


@dataclass(frozen=True)
class Effort:
    """How much work a search may do; with the seed it decides the result, whatever the machine."""

    relax_steps: int = 500
    visits: int = 600
    """Annealing visits per cache; each proposes all offers of the cache once."""
    hot: float = 0.03
    """First temperature, as a part of what a held copy is worth in the median."""
    cold: float = 0.002
    breadth: float = 0.3
    """Offers to the annealing that are worth less per unit, even alone, than this part of the median are left out."""
    core: float = 0.65
    """Copies that alone add less per unit than this part of what room is worth are left out of a region's program."""
    regions: int = 40
    """Pairs of regions improved."""
    nodes: int = 40
    """Nodes of HiGHS's search tree per region."""
    region_copies: int = 200_000
    """A region of more copies is not stated; the next ones are smaller."""
    whole_pairs: int = 1_500
    """A network of up to so many worthwhile copies is also stated as a whole, to be proven."""
    whole_nodes: int = 2_000
    region_seconds: float = 2.5
    """The longest that a region may take where there is a deadline."""
    gap: float = 1e-9
    """Relative gap at which the search ends."""


@dataclass(eq=False)
class Found:
    """The best standing so far and what is proven; readable at any time."""

    worth: float = -np.inf
    files: FilesPerCache = ()
    bound: float = np.inf
    storage_price: Floats = field(default_factory=lambda: np.zeros(0))
    fill_price: Floats = field(default_factory=lambda: np.zeros(0))
    rounds: int = 0

    def note(self, mesh: Mesh, state: State) -> None:
        """Keep a standing that is better."""
        worth = float(total(mesh, state))
        if worth > self.worth:
            self.worth, self.files = worth, held_files(state)

    def proven(self, gap: float) -> bool:
        """Whether nothing better is left to be found."""
        return self.bound - self.worth <= gap * abs(self.bound)


Listener = Callable[[str, Found], None]
"""Told after every piece of work: what it was, and what stands."""


def search(mesh: Mesh, effort: Effort, seed: int, clock: Clock, listener: Listener = lambda *_: None) -> Found:
    """Search until the effort is spent, the clock is over or the best is proven."""
    found = Found(bound=float(most_worth(mesh).sum()))
    rng = np.random.default_rng(seed)
    for name, work in (
        ("greedy", _begin),
        ("relaxation", _relax),
        ("annealing", partial(_anneal, seed=seed)),
        ("whole program", _whole),
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


def _begin(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    state = greedy(mesh)
    found.note(mesh, state)
    found.storage_price, found.fill_price = np.zeros(len(mesh.storage)), np.zeros(len(mesh.storage))
    if not clock.over and not found.proven(effort.gap):
        _gather(mesh, effort, found, clock, told)


def _relax(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    relaxed: Relaxed = relax(mesh, found.worth, effort.relax_steps, clock.share(_RELAX_SHARE))
    found.bound = min(found.bound, relaxed.bound)
    found.storage_price, found.fill_price = relaxed.storage_price, relaxed.fill_price
    if not clock.over:
        found.note(mesh, best_rounding(mesh, relaxed.part))


def _anneal(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, seed: int) -> None:
    state = load(mesh, found.files)
    listed = _listed(mesh, state, effort.breadth)
    offered = table(mesh, state, *listed)
    rng, tally, unit = _generator(seed), np.zeros(8, dtype=np.int64), _median_keep(state)
    part = clock.share(_ANNEAL_SHARE)
    ratio = effort.cold / effort.hot
    for slice_ in range(_SLICES):
        hot, cold = (unit * effort.hot * ratio ** ((slice_ + k) / _SLICES) for k in (0, 1))
        anneal(mesh, state, offered, hot, cold, effort.visits * len(mesh.storage) // _SLICES, rng, tally)
        found.note(mesh, state)
        if part.over:
            break
        told()


def _gather(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    """Fill up what has room, and bring scattered room together."""
    state = load(mesh, found.files)
    fill_up(mesh, state)
    gather(mesh, state, table(mesh, state, *_listed(mesh, state, effort.breadth)))
    found.note(mesh, state)


def _whole(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told) -> None:
    """All caches as one region, with every copy that could pay: its bound holds for the mesh."""
    caches = np.arange(len(mesh.storage))
    if len(caches) > MOST_CACHES:
        return
    state = load(mesh, found.files)
    region = region_of(mesh, state, caches, np.zeros(len(caches)))
    if len(region.file) > effort.whole_pairs:
        return
    seconds = _WHOLE_SHARE * clock.left_seconds
    nodes = effort.whole_nodes if np.isinf(seconds) else None
    improved = improve(mesh, region, found.worth, Limit(effort.gap, nodes, seconds))
    before = found.worth
    _apply(mesh, state, region, improved)
    found.note(mesh, state)
    found.bound = min(found.bound, before + improved.bound_gain)


def _regions(mesh: Mesh, effort: Effort, found: Found, clock: Clock, told: Told, rng: np.random.Generator) -> None:
    """Pairs of regions, solved at the same time and applied one after the other if both help."""
    state = load(mesh, found.files)
    near = Neighbourhoods(mesh, rng)
    least = effort.core * found.storage_price
    with ThreadPoolExecutor(_PAIR) as pool:
        while found.rounds < effort.regions and not clock.over and not found.proven(effort.gap):
            choices = near.pair(_PAIR)
            limit = Limit(1e-7, effort.nodes, min(effort.region_seconds, clock.left_seconds))
            if np.isinf(clock.left_seconds):
                limit = Limit(1e-7, effort.nodes)
            regions = [region_of(mesh, state, caches, least[caches]) for caches in choices]
            answers = list(pool.map(partial(_improved, mesh, found.worth, limit, effort.region_copies), regions))
            for caches, region, answer in zip(choices, regions, answers, strict=True):
                near.learn(caches, answer)
                _apply_if_better(mesh, state, region, answer)
            found.rounds += 1
            found.note(mesh, state)
            told()


def _improved(mesh: Mesh, worth: float, limit: Limit, most_copies: int, region: Region) -> Improved:
    if len(region.file) > most_copies:
        return Improved(None, 0.0, np.inf, False)
    return improve(mesh, region, worth, limit)


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


def _listed(mesh: Mesh, state: State, breadth: float) -> tuple[Index, Index]:
    """Pairs worth looking at: [M] cache, [M] file."""
    density, cache, file = offers(mesh, empty(mesh))
    price = np.zeros(len(mesh.storage))
    for place, count in enumerate(state.amount):
        if count:
            price[place] = np.median(state.keep[place, :count] / mesh.size[state.slot[place, :count]])
    keep = density >= breadth * price[cache]
    return cache[keep], file[keep]


def _median_keep(state: State) -> float:
    kept = [keep[:count] for keep, count in zip(state.keep, state.amount, strict=True)]
    worth = np.concatenate(kept)
    return float(np.median(worth[worth > 0])) if (worth > 0).any() else 1.0


def _generator(seed: int) -> Ints:
    """State of the kernels' generator; never zero."""
    return np.array([np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1 | 1], dtype=np.int64)
