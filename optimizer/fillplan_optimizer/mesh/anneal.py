"""Simulated annealing over copies: insert, relocate and exchange, each with the evictions it needs.

Files do not interact within a cache, so that a move's worth is known exactly from one pass over the rows of the
file that comes and the stored losses of those that go; only accepted moves cost more.
"""

from __future__ import annotations

import math

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.draw import draw
from fillplan_optimizer.mesh.evictions import MOST, WINDOW, least_loss, stairs_of, victims
from fillplan_optimizer.mesh.greedy import absent_companion, bundle_fill, bundle_gain, bundle_size
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import FRESH, Flags, Mesh
from fillplan_optimizer.mesh.offers import Offers, enter, leave
from fillplan_optimizer.mesh.state import State, allowed, fixed, gain_without

RELOCATIONS, EXCHANGES = 32, 4
"""Proposals of the other kinds per visit of a cache."""


@kernel
def _insert(
    mesh: Mesh,
    state: State,
    offers: Offers,
    file: int,
    cache: int,
    gained: float,
    least: float,
    rng: Ints,
    out: Ints,
    density: Floats,
) -> float:
    """Insert if the worth changes by at least `least`; returns the change, 0 if it was refused."""
    room = state.used[cache] + bundle_size(mesh, state, file, cache) - mesh.storage[cache]
    fill = state.filled[cache] + bundle_fill(mesh, state, file, cache) - mesh.budget[cache]
    n = 0
    if room > 0 or fill > 0:
        spared = mesh.companion[file]
        lost, n = victims(mesh, state, cache, room, fill, spared, gained - least, rng, out, density)
        if gained - lost < least:
            return 0.0
        gained -= lost
    for k in range(n):
        leave(mesh, state, offers, out[k], cache)
    companion = absent_companion(mesh, state, file, cache)
    if companion >= 0:
        enter(mesh, state, offers, companion, cache)
    enter(mesh, state, offers, file, cache)
    return gained


@kernel
def _visit(
    mesh: Mesh,
    state: State,
    offers: Offers,
    cache: int,
    temperature: float,
    rng: Ints,
    out: Ints,
    density: Floats,
    stairs: Floats,
    tally: Ints,
) -> float:
    """Propose every offer of a cache once."""
    change = 0.0
    first, last = offers.start[cache], offers.start[cache + 1]
    if last == first:
        return 0.0
    gains, pairs, files, alone = offers.gain, offers.pair, offers.file, offers.alone
    size, companion, flag = mesh.size, mesh.companion, mesh.flag[cache]
    steps = stairs_of(mesh, state, cache, stairs)
    far = 16.0 * temperature
    k = first + int(draw(rng) * (last - first))
    for _ in range(last - first):
        k = k + 1 if k + 1 < last else first
        file = files[k]
        lost = least_loss(stairs, steps, size[file]) if flag[file] & FRESH else 0.0
        if companion[file] < 0 and alone[k] + far < lost:
            continue
        gained = gains[pairs[k]]
        if gained == -np.inf:
            continue
        if companion[file] >= 0:
            gained = bundle_gain(mesh, state, file, cache)
        if gained + far < lost:
            continue
        least = temperature * math.log(draw(rng) + 1e-300)
        if gained - lost < least:
            continue
        tally[4] += 1
        delta = _insert(mesh, state, offers, file, cache, gained, least, rng, out, density)
        if delta != 0.0:
            tally[0] += 1
            change += delta
            steps = stairs_of(mesh, state, cache, stairs)
    tally[3] += last - first
    return change


@inlined
def _neighbour(mesh: Mesh, file: int, rng: Ints) -> int:
    """A random cache of a random point that asks for the file, -1 if nobody does."""
    rows = mesh.start[file + 1] - mesh.start[file]
    if rows == 0:
        return -1
    point = mesh.point[mesh.start[file] + int(draw(rng) * rows)]
    links = mesh.link[point + 1] - mesh.link[point]
    return mesh.linked[mesh.link[point] + int(draw(rng) * links)]


@kernel
def _relocate(
    mesh: Mesh, state: State, offers: Offers, source: int, least: float, rng: Ints, out: Ints, density: Floats
) -> float:
    """Move a random copy to another cache, where others may have to go for it."""
    if state.amount[source] == 0:
        return 0.0
    slot = int(draw(rng) * state.amount[source])
    file = state.slot[source, slot]
    cache = _neighbour(mesh, file, rng)
    if cache < 0 or state.place[cache, file] >= 0 or not allowed(mesh, file, cache):
        return 0.0
    if fixed(mesh, state, file, source) or absent_companion(mesh, state, file, cache) >= 0:
        return 0.0
    gained = gain_without(mesh, state, file, cache, source) - state.keep[source, slot]
    if gained < least:
        return 0.0
    room = state.used[cache] + mesh.size[file] - mesh.storage[cache]
    fresh = mesh.size[file] if mesh.flag[cache, file] & FRESH else 0
    fill = state.filled[cache] + fresh - mesh.budget[cache]
    n = 0
    if room > 0 or fill > 0:
        lost, n = victims(mesh, state, cache, room, fill, mesh.companion[file], gained - least, rng, out, density)
        if gained - lost < least:
            return 0.0
        gained -= lost
    for k in range(n):
        leave(mesh, state, offers, out[k], cache)
    leave(mesh, state, offers, file, source)
    enter(mesh, state, offers, file, cache)
    return gained


@kernel
def _exchange(mesh: Mesh, state: State, offers: Offers, first: int, least: float, rng: Ints) -> float:
    """Let a copy here and one in a neighbouring cache change places."""
    if state.amount[first] == 0:
        return 0.0
    here = int(draw(rng) * state.amount[first])
    file = state.slot[first, here]
    second = _neighbour(mesh, file, rng)
    if second < 0 or second == first or state.amount[second] == 0:
        return 0.0
    there = int(draw(rng) * state.amount[second])
    other = state.slot[second, there]
    if other == file or state.place[second, file] >= 0 or state.place[first, other] >= 0:
        return 0.0
    if not _fits(mesh, state, first, file, other) or not _fits(mesh, state, second, other, file):
        return 0.0
    if fixed(mesh, state, file, first) or fixed(mesh, state, other, second):
        return 0.0
    gained = gain_without(mesh, state, file, second, first) - state.keep[first, here]
    gained += gain_without(mesh, state, other, first, second) - state.keep[second, there]
    if gained < least:
        return 0.0
    leave(mesh, state, offers, file, first)
    leave(mesh, state, offers, other, second)
    enter(mesh, state, offers, file, second)
    enter(mesh, state, offers, other, first)
    return gained


@kernel
def _fits(mesh: Mesh, state: State, cache: int, leaves: int, enters: int) -> bool:
    """Whether a cache may hold one file in place of another."""
    if not allowed(mesh, enters, cache) or absent_companion(mesh, state, enters, cache) >= 0:
        return False
    if mesh.companion[enters] == leaves:
        return False
    if state.used[cache] - mesh.size[leaves] + mesh.size[enters] > mesh.storage[cache]:
        return False
    filled = state.filled[cache]
    filled -= mesh.size[leaves] if mesh.flag[cache, leaves] & FRESH else 0
    filled += mesh.size[enters] if mesh.flag[cache, enters] & FRESH else 0
    return filled <= mesh.budget[cache]


@kernel
def anneal(
    mesh: Mesh,
    state: State,
    offers: Offers,
    hot: float,
    cold: float,
    visits: int,
    rng: Ints,
    tally: Ints,
    halt: Flags,
) -> float:
    """Cool geometrically from `hot` to `cold` over so many visits of caches; returns the change."""
    caches = len(mesh.storage)
    out = np.zeros(MOST, dtype=np.int64)
    density, stairs = np.zeros(WINDOW), np.zeros(2 * WINDOW)
    change = 0.0
    temperature = hot
    factor = (cold / hot) ** (1.0 / max(1, visits)) if hot > 0.0 else 1.0
    for _ in range(visits):
        if halt[0]:
            break
        cache = int(draw(rng) * caches)
        change += _visit(mesh, state, offers, cache, temperature, rng, out, density, stairs, tally)
        for _ in range(RELOCATIONS):
            least = temperature * math.log(draw(rng) + 1e-300)
            delta = _relocate(mesh, state, offers, cache, least, rng, out, density)
            tally[1] += delta != 0.0
            change += delta
        for _ in range(EXCHANGES):
            least = temperature * math.log(draw(rng) + 1e-300)
            delta = _exchange(mesh, state, offers, cache, least, rng)
            tally[2] += delta != 0.0
            change += delta
        temperature *= factor
    return change
