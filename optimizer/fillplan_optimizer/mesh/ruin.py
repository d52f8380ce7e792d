"""Ruin and recreate: a few caches that share clients lose part of their files, then take turns to fill up again.

Exact turns make a good recreation of any ruin in a fraction of a millisecond, so that a core tries thousands a second;
what is worse than before is undone, at first with some tolerance (Schrimpf et al., Record breaking optimization
results using the ruin and recreate principle, Journal of Computational Physics 159, 2000). Two searches work side by
side, each on its own half of the caches, and often tell each other what they changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.choice import (
    Choice,
    Reach,
    become,
    choice,
    chosen_files,
    reach,
    release,
    worth_alone,
    worth_of,
)
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.copies import Copies, copies
from fillplan_optimizer.mesh.draw import draw, generator
from fillplan_optimizer.mesh.fitting import best_files
from fillplan_optimizer.mesh.network import FORCED, Flags, Mesh
from fillplan_optimizer.problem import FilesPerCache

_MOST_CACHES = 4
"""Caches ruined together; between two and so many."""
_LOST = 0.3
"""Chance of every file there to be dropped."""
_ROUNDS = 3
"""Turns of each of them at most."""
_WALK = 0.3
"""Chance to go on from the clients of another file, so that caches without common clients meet too."""
_CHAINS = 2
"""Searches side by side, on any number of cores."""
_SLICE = 100
"""Tries of each of them before they tell each other what they changed."""
_BETTER = 1e-9
"""Relative gain of a cache under which its files stay."""


@dataclass(frozen=True)
class Heat:
    """Losses tolerated at first and in the end; they fall with the tries or with the time, whichever is faster."""

    first: float
    last: float

    def after(self, spent: float) -> float:
        """The loss tolerated after a part of the search."""
        return self.first * (self.last / self.first) ** min(1.0, spent)


def recreate(
    mesh: Mesh,
    files: FilesPerCache,
    chosen: Bools,
    heat: Heat,
    tries: int,
    seed: int,
    clock: Clock,
    note: Callable[[float, FilesPerCache], None],
) -> None:
    """Better a holding by so many tries, or until the clock is over; `note` is told of everything better.

    chosen: [C, F] copies considered besides those held in the beginning.
    """
    held = np.zeros(mesh.flag.shape, dtype=np.bool_)
    for cache, mine in enumerate(files):
        held[cache, mine] = True
    open_ = copies(mesh, chosen | held, np.zeros(len(mesh.weight)), 1)
    team = _Team(mesh, open_, held[open_.cache, open_.file], seed)
    whole, slices = clock.left_seconds, -(-tries // (_SLICE * _CHAINS))
    best = -np.inf
    with ThreadPoolExecutor(_CHAINS) as pool, clock.watched() as halt:
        for slice_ in range(slices):
            if clock.over:
                break
            spent = slice_ / slices if np.isinf(whole) else max(slice_ / slices, 1.0 - clock.left_seconds / whole)
            worth, made = team.go(pool, heat.after(spent), min(_SLICE, -(-tries // _CHAINS)), halt)
            if worth > best:
                best = worth
                note(worth, chosen_files(open_, made))


class _Team:
    """Searches that each change only the caches of their own part."""

    def __init__(self, mesh: Mesh, open_: Copies, held: Bools, seed: int) -> None:
        self.mesh, self.open, self.far = mesh, open_, reach(open_)
        self.made = [choice(open_, self.far, held) for _ in range(_CHAINS)]
        self.generators = [generator(seed, chain) for chain in range(_CHAINS)]
        self.rng = np.random.default_rng(seed)

    def go(self, pool: ThreadPoolExecutor, warmth: float, tries: int, halt: Flags) -> tuple[float, Choice]:
        """One slice; the common choice after it and its worth."""
        before = self.made[0].held.copy()
        part = self.rng.permutation(np.arange(len(self.mesh.storage)) % _CHAINS)
        jobs = [
            pool.submit(ruin, self.mesh, self.open, self.far, made, part == chain, warmth, tries, rng, halt)
            for chain, (made, rng) in enumerate(zip(self.made, self.generators, strict=True))
        ]
        changed = [job.result() for job in jobs]
        apart = [worth_of(self.open, made) for made in self.made]
        for chain in range(_CHAINS):
            self._tell(self.made[chain].held, changed[chain])
        worth = worth_of(self.open, self.made[0])
        if worth < max(apart) - warmth:  # they were in each other's way
            winner = int(np.argmax(apart))
            for chain in range(_CHAINS):
                if chain != winner:
                    self._tell(before, changed[chain])
            worth = worth_of(self.open, self.made[0])
        return worth, self.made[0]

    def _tell(self, held: Flags, caches: Bools) -> None:
        """Let all of them hold in these caches what is held there."""
        for cache in np.flatnonzero(caches):
            first, last = self.open.start[cache : cache + 2]
            for made in self.made:
                become(self.open, self.far, made, first, held[first:last] != 0)


@kernel
def ruin(
    mesh: Mesh,
    open_: Copies,
    far: Reach,
    made: Choice,
    mine: Bools,
    warmth: float,
    tries: int,
    rng: Ints,
    halt: Flags,
) -> Bools:
    """Try so often to better a few of the caches `mine` [C]; which of them changed."""
    picked, order = np.zeros(_MOST_CACHES, dtype=np.int64), np.zeros(_MOST_CACHES, dtype=np.int64)
    old = np.zeros((_MOST_CACHES, np.diff(open_.start).max()), dtype=np.bool_)
    changed = np.zeros(len(mine), dtype=np.bool_)
    for _ in range(tries):
        if halt[0]:
            break
        many = _pick(mesh, open_, made, mine, picked, rng)
        change = 0.0
        for k in range(many):
            first, last = open_.start[picked[k]], open_.start[picked[k] + 1]
            old[k, : last - first] = made.held[first:last] != 0
        for k in range(many):
            change += _strip(open_, far, made, picked[k], rng)
        change += _rebuild(mesh, open_, far, made, picked, order, many, rng)
        if change >= warmth * math.log(draw(rng) + 1e-300):
            changed[picked[:many]] = True
            continue
        for k in range(many):
            first, last = open_.start[picked[k]], open_.start[picked[k] + 1]
            become(open_, far, made, first, old[k, : last - first])
    return changed


@kernel
def _pick(mesh: Mesh, open_: Copies, made: Choice, mine: Bools, picked: Ints, rng: Ints) -> int:
    """Caches near the clients of a random row, sometimes also near those of a file held there; returns how many."""
    point = mesh.point[int(draw(rng) * len(mesh.point))]
    wanted, many = 2 + int(draw(rng) * (len(picked) - 1)), 0
    for _ in range(8 * wanted):
        links = mesh.link[point + 1] - mesh.link[point]
        if many == wanted or links == 0:
            break
        cache = mesh.linked[mesh.link[point] + int(draw(rng) * links)]
        if mine[cache] and not (picked[:many] == cache).any():
            picked[many] = cache
            many += 1
        if draw(rng) < _WALK:
            file = _some_file(open_, made, cache, rng)
            rows = mesh.start[file + 1] - mesh.start[file] if file >= 0 else 0
            if rows > 0:
                point = mesh.point[mesh.start[file] + int(draw(rng) * rows)]
    return many


@kernel
def _some_file(open_: Copies, made: Choice, cache: int, rng: Ints) -> int:
    """A file that the cache holds, -1 if there is none."""
    first, many = open_.start[cache], open_.start[cache + 1] - open_.start[cache]
    at = int(draw(rng) * many)
    for k in range(many):
        copy = first + (at + k) % many
        if made.held[copy]:
            return open_.file[copy]
    return -1


@kernel
def _strip(open_: Copies, far: Reach, made: Choice, cache: int, rng: Ints) -> float:
    """Drop files at random; returns the change."""
    change = 0.0
    for copy in range(open_.start[cache], open_.start[cache + 1]):
        if made.held[copy] and not open_.flag[copy] & FORCED and draw(rng) < _LOST:
            change -= release(open_, far, made, copy)
    return change


@kernel
def _rebuild(
    mesh: Mesh, open_: Copies, far: Reach, made: Choice, picked: Ints, order: Ints, many: int, rng: Ints
) -> float:
    """Turns in random order until none adds anything; returns what they add."""
    change, idle = 0.0, -1
    order[:many] = picked[:many]
    for turn in range(_ROUNDS * many):
        k = turn % many
        if turn < many:
            other = k + int(draw(rng) * (many - k))
            order[k], order[other] = order[other], order[k]
        more = _turn(open_, far, made, order[k], mesh.storage[order[k]])
        change += more
        idle = idle + 1 if more <= 0.0 else 0
        if idle >= many - 1:
            break
    return change


@kernel
def _turn(open_: Copies, far: Reach, made: Choice, cache: int, storage: int) -> float:
    """Let a cache hold the best it can, given what the others hold; returns what that adds."""
    first, last = open_.start[cache], open_.start[cache + 1]
    worth, held = worth_alone(open_, far, made, cache), made.held[first:last] != 0
    chosen = best_files(worth, open_.size[first:last], open_.flag[first:last], storage, held)
    before = worth[held].sum()
    gained = worth[chosen].sum() - before
    if gained <= _BETTER * abs(before):
        return 0.0
    become(open_, far, made, first, chosen)
    return gained
