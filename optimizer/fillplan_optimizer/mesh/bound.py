"""Upper bounds for meshes: storage and fill priced instead of kept, then every file is a problem of its own.

With rents q for holding, a file's problem is uncapacitated facility location; for any u >= 0, one per demand
row r of weight n,

    sum of u_r  +  sum over caches of max(0, sum over rows of max(0, n v - u_r) - q)

is at least its best value. Dual ascent finds good u: every row starts at its best worth and comes down level by
level as long as all caches that it would then pay have rent left (Erlenkotter, A dual-based procedure for
uncapacitated facility location, Operations Research 26, 1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Mesh
from fillplan_optimizer.problem import Bools, Floats, Ints


_DESCENTS = 30
"""Steps taken to lower the bound of one file whose dual ascent leaves a gap."""


@dataclass(frozen=True, eq=False)
class CachePrices:
    """Per unit of storage and of fill, [C] each."""

    storage: Floats
    fill: Floats


def lagrangian(mesh: Mesh, prices: CachePrices) -> tuple[float, Floats, Floats]:
    """Bound at these prices, and the units that a matching choice would hold and fill per cache."""
    used, filled = np.zeros(len(mesh.storage)), np.zeros(len(mesh.storage))
    files = _all_files(mesh, prices.storage, prices.fill, used, filled)
    return float(prices.storage @ mesh.storage + prices.fill @ mesh.budget) + files, used, filled


@kernel
def _all_files(mesh: Mesh, storage: Floats, fill: Floats, used: Floats, filled: Floats) -> float:
    caches = len(mesh.storage)
    rent, slack = np.zeros(caches), np.zeros(caches)
    most = 0
    for file in range(len(mesh.size)):
        most = max(most, mesh.start[file + 1] - mesh.start[file])
    price, level, trial = np.zeros(most), np.zeros(most, dtype=np.int64), np.zeros(most)
    opened = np.zeros(caches, dtype=np.bool_)
    bound = 0.0
    for file in range(len(mesh.size)):
        for cache in range(caches):
            flag = mesh.flag[cache, file]
            rent[cache] = storage[cache] * mesh.size[file]
            if flag & FRESH:
                rent[cache] += (fill[cache] + mesh.cost[cache]) * mesh.size[file]
            if not flag & ALLOWED:
                rent[cache] = np.inf
            if flag & FORCED:
                bound -= rent[cache]
                rent[cache] = 0.0
            slack[cache] = rent[cache]
        _ascend(mesh, file, slack, price, level)
        proven = _certify(mesh, file, rent, price, slack)
        worth = _open(mesh, file, rent, price, slack, opened)
        for cache in range(caches):
            if opened[cache]:
                used[cache] += mesh.size[file]
                if mesh.flag[cache, file] & FRESH:
                    filled[cache] += mesh.size[file]
        if proven > worth * (1.0 + 1e-9):
            proven = _descend(mesh, file, rent, price, trial, slack, proven, worth)
        bound += proven
    return bound


@kernel
def _ascend(mesh: Mesh, file: int, slack: Floats, price: Floats, level: Ints) -> None:
    """Lower all rows' prices in turn, one level at a time; `level` caches of a row's order stand above it."""
    first, rows = mesh.start[file], mesh.start[file + 1] - mesh.start[file]
    for i in range(rows):
        point = mesh.point[first + i]
        price[i] = mesh.weight[first + i] * mesh.worth[mesh.linked[mesh.link[point]], point]
        level[i] = 1
    moving = rows
    while moving > 0:
        moving = 0
        for i in range(rows):
            if level[i] >= 0 and _lower(mesh, first + i, i, slack, price, level):
                moving += 1


@kernel
def _lower(mesh: Mesh, row: int, i: int, slack: Floats, price: Floats, level: Ints) -> bool:
    """Lower one row's price to the next level, or as far as the rents allow; whether it may go on."""
    point = mesh.point[row]
    begin, end = mesh.link[point], mesh.link[point + 1]
    weight = mesh.weight[row]
    count = level[i]
    target = weight * mesh.worth[mesh.linked[begin + count], point] if begin + count < end else 0.0
    step = price[i] - target
    for k in range(count):
        step = min(step, slack[mesh.linked[begin + k]])
    if step > 0.0:
        for k in range(count):
            slack[mesh.linked[begin + k]] -= step
    if step < price[i] - target:
        price[i] -= max(step, 0.0)
        level[i] = -1
        return False
    price[i] = target
    if begin + count >= end or target <= 0.0:
        level[i] = -1
        return False
    level[i] = count + 1
    return True


@kernel
def _certify(mesh: Mesh, file: int, rent: Floats, price: Floats, slack: Floats) -> float:
    """The bound that these prices prove; leaves in `slack` what each cache's rent is short of being paid."""
    bound = 0.0
    slack[:] = rent
    for row in range(mesh.start[file], mesh.start[file + 1]):
        point = mesh.point[row]
        u = price[row - mesh.start[file]]
        bound += u
        for k in range(mesh.link[point], mesh.link[point + 1]):
            pays = mesh.weight[row] * mesh.worth[mesh.linked[k], point] - u
            if pays <= 0.0:
                break
            slack[mesh.linked[k]] -= pays
    for cache in range(len(rent)):
        if slack[cache] < 0.0:
            bound -= slack[cache]
    return bound


@kernel
def _open(mesh: Mesh, file: int, rent: Floats, price: Floats, slack: Floats, opened: Bools) -> float:
    """Open caches whose rent is paid, so that every row has one; returns what that choice is worth."""
    opened[:] = False
    for row in range(mesh.start[file], mesh.start[file + 1]):
        point = mesh.point[row]
        u = price[row - mesh.start[file]]
        chosen = -1
        for k in range(mesh.link[point], mesh.link[point + 1]):
            cache = mesh.linked[k]
            if mesh.weight[row] * mesh.worth[cache, point] < u or u <= 0.0:
                break
            if opened[cache]:
                chosen = -1
                break
            if chosen < 0 and slack[cache] <= 1e-9 * rent[cache]:
                chosen = cache
        if chosen >= 0:
            opened[chosen] = True
    return _trim(mesh, file, rent, opened)


@kernel
def _trim(mesh: Mesh, file: int, rent: Floats, opened: Bools) -> float:
    """Close caches that are not worth their rent, the worst first; returns what the rest is worth."""
    chosen = np.flatnonzero(opened)
    count = len(chosen)
    loss = np.zeros(count)
    while True:
        worth = 0.0
        for j in range(count):
            loss[j] = -rent[chosen[j]]
            worth -= rent[chosen[j]]
        for row in range(mesh.start[file], mesh.start[file + 1]):
            best, second, server = 0.0, 0.0, -1
            for j in range(count):
                value = mesh.worth[chosen[j], mesh.point[row]]
                if value > best:
                    second, best, server = best, value, j
                elif value > second:
                    second = value
            if server >= 0:
                worth += mesh.weight[row] * best
                loss[server] += mesh.weight[row] * (best - second)
        if count == 0:
            return worth
        least = np.argmin(loss[:count])
        if loss[least] >= 0.0:
            return worth
        opened[chosen[least]] = False
        count -= 1
        chosen[least] = chosen[count]


@kernel
def _descend(
    mesh: Mesh, file: int, rent: Floats, price: Floats, trial: Floats, paid: Floats, bound: float, worth: float
) -> float:
    """Lower the bound of a file by subgradient steps towards the worth of a known choice (Polyak 1969)."""
    first, rows = mesh.start[file], mesh.start[file + 1] - mesh.start[file]
    trial[:rows] = price[:rows]
    now, scale, stale = bound, 1.0, 0
    for _ in range(_DESCENTS):
        length = 0.0
        for i in range(rows):
            slope = _slope(mesh, first + i, trial[i], paid)
            length += slope * slope
        if length == 0.0:
            break
        step = scale * (now - worth) / length
        for i in range(rows):
            trial[i] = max(0.0, trial[i] - step * _slope(mesh, first + i, trial[i], paid))
        now = _certify(mesh, file, rent, trial, paid)
        if now < bound:
            bound, stale = now, 0
            price[:rows] = trial[:rows]
        else:
            stale += 1
            if stale == 3:
                scale, stale = 0.5 * scale, 0
    return bound


@inlined
def _slope(mesh: Mesh, row: int, u: float, short: Floats) -> float:
    """How the bound grows with the price of a row: 1 less the caches that it helps to overpay."""
    point, slope = mesh.point[row], 1.0
    for k in range(mesh.link[point], mesh.link[point + 1]):
        if mesh.weight[row] * mesh.worth[mesh.linked[k], point] <= u:
            break
        if short[mesh.linked[k]] < 0.0:
            slope -= 1.0
    return slope


@dataclass(frozen=True, eq=False)
class Certificate:
    """The lowest bound found, and the prices that prove it."""

    bound: float
    price: Floats
    """[C] per unit of storage."""


def certify(mesh: Mesh, price: Floats, value: float, steps: int) -> Certificate:
    """Lower the bound by so many subgradient steps from given storage prices, towards a known value."""
    fill = np.zeros(len(price))
    best, best_price = np.inf, price
    scale, stale = 1.0, 0
    for step in range(steps + 1):
        bound, used, _ = lagrangian(mesh, CachePrices(price, fill))
        if bound < best - 1e-7 * abs(best) or step == 0:
            best, best_price, stale = bound, price, 0
        else:
            stale += 1
            if stale >= 5:
                scale, stale, price = 0.5 * scale, 0, best_price
                continue
        slope = mesh.storage - used
        length = float(slope @ slope)
        if length == 0.0 or not np.isfinite(value):
            break
        price = np.maximum(0.0, price - scale * max(bound - value, 0.0) / length * slope)
    return Certificate(best, best_price)
