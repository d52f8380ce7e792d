"""Compiled sweeps over a core: every price block is minimised exactly, one after the other.

Notation: for each file `off` and `on` are the best worth of the group with the parent's copy off and on, prices
paid; the priced value of the group is sum(price x limit) + sum over files of max(off, on). What the parent serves
with no edge holding is part of `on` from the start, so that an edge entry adds max(0, e d - k) to `off` and
max(0, lift d - k) to `on`, where e is the edge's worth less its serve price, lift what the edge is worth more than
the parent, d the demand and k the price of the bytes plus the companion price.
"""

from __future__ import annotations

import numpy as np

from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.problem import Bools, Floats

ROUNDS = 3
"""Rounds between byte prices, companion prices and the serve price of one node within a sweep."""


@kernel
def select(value: Floats, weight: Floats, count: int, room: float, above: float) -> float:
    """The value at which the weight from the largest value down first exceeds `room`; reorders its input."""
    low, high = 0, count
    while high - low > 1:
        pivot = value[(low + high) // 2]
        greater, scan, end = low, low, high
        weight_greater, weight_equal = 0.0, 0.0
        while scan < end:
            current = value[scan]
            if current > pivot:
                weight_greater += weight[scan]
                value[scan], value[greater] = value[greater], current
                weight[scan], weight[greater] = weight[greater], weight[scan]
                greater += 1
                scan += 1
            elif current < pivot:
                end -= 1
                value[scan], value[end] = value[end], current
                weight[scan], weight[end] = weight[end], weight[scan]
            else:
                weight_equal += weight[scan]
                scan += 1
        if above + weight_greater > room:
            high = greater
        elif above + weight_greater + weight_equal > room:
            return pivot
        else:
            above += weight_greater + weight_equal
            low = end
    return value[low]


@kernel
def quantile(
    value: Floats, weight: Floats, first: int, last: int, room: float, guess: float, v: Floats, w: Floats
) -> float:
    """Least price >= 0 above which entries first .. last - 1 weigh at most `room`; v, w are scratch.

    Only values near `guess` are looked at closely; a wrong guess costs a second pass, never the result.
    """
    low, high = 0.9 * guess, 1.1 * guess
    for _ in range(3):
        above, inside, count = 0.0, 0.0, 0
        for i in range(first, last):
            if value[i] > high:
                above += weight[i]
            elif value[i] > low:
                v[count] = value[i]
                w[count] = weight[i]
                inside += weight[i]
                count += 1
        if above > room:
            low, high = high, np.inf
        elif above + inside > room:
            return select(v, w, count, room, above)
        elif low <= 0.0:
            return 0.0
        else:
            low, high = 0.0, low
    return 0.0


@kernel
def byte_price(core: Core, levels: Levels, n: int, i: int) -> float:
    """Price per byte of an entry at its node: storage, and for new bytes fill and cost."""
    if i < core.fresh[n]:
        return levels.storage[n]
    return levels.storage[n] + levels.fill[n] + core.cost[n]


@kernel
def refresh(core: Core, levels: Levels, off: Floats, on: Floats) -> None:
    """Recompute `off` and `on` from the prices."""
    off[:] = 0.0
    on[:] = -np.inf
    p = max(0.0, core.value[0] - levels.serve[0])
    for i in range(core.start[0], core.start[1]):
        f = core.at[i]
        on[f] = p * core.reach[f] - byte_price(core, levels, 0, i) * core.size[f] - levels.tie[i]
        if core.pinned[i]:
            off[f] = -np.inf
    for n in range(1, len(core.value)):
        add_edge(core, levels, n, off, on, 1.0)


@kernel
def edge_worth(core: Core, levels: Levels, n: int) -> tuple[float, float]:
    """What a byte is worth at an edge less its serve price: against the origin, and against the parent.

    Without a serve limit a held file is always served from the edge, even if the parent's byte is worth more.
    """
    e = core.value[n] - levels.serve[n]
    lift = e - max(0.0, core.value[0] - levels.serve[0])
    if np.isinf(core.serve[n]):
        return e, lift
    return max(0.0, e), max(0.0, lift)


@kernel
def add_edge(core: Core, levels: Levels, n: int, off: Floats, on: Floats, sign: float) -> None:
    """Add (sign 1) or take out (sign -1) an edge's part of `off` and `on`."""
    e, lift = edge_worth(core, levels, n)
    for i in range(core.start[n], core.start[n + 1]):
        f, d = core.at[i], core.demand[i]
        k = byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
        a, b = e * d - k, lift * d - k
        if core.pinned[i]:
            off[f] += sign * a
            on[f] += sign * b
        else:
            off[f] += sign * max(0.0, a)
            on[f] += sign * max(0.0, b)


@kernel
def dual(core: Core, levels: Levels, off: Floats, on: Floats) -> float:
    """Value of the priced problem on the core."""
    total = 0.0
    for n in range(len(core.value)):
        total += levels.storage[n] * core.storage[n] + levels.fill[n] * core.fill[n]
        if levels.serve[n] > 0.0:
            total += levels.serve[n] * core.serve[n]
    for f in range(len(off)):
        total += max(off[f], on[f])
    return total


@kernel
def surplus(core: Core, levels: Levels, n: int, i: int, worth: Floats) -> float:
    """What an entry is worth beyond the price of its bytes."""
    return worth[i] - byte_price(core, levels, n, i) * core.size[core.at[i]]


@kernel
def pool(core: Core, levels: Levels, n: int, j: int, first: int, last: int, worth: Floats, t: Floats) -> None:
    """Give a leader and the followers that must carry it one density, as far as first <= entry < last.

    A title's best set is worth, as a function of one price, what separate items would be worth if the leader
    were melted together with its densest followers until the next follower is less dense than the alloy. Entries
    outside first .. last - 1 pay another price, which stands: they add to the alloy what they are worth beyond it.
    """
    a, start, end = core.leader[j], core.followers[j], core.followers[j + 1]
    weight, value = 0.0, 0.0
    if first <= a < last:
        weight = core.size[core.at[a]]
        value = t[a] * weight
    else:
        value = surplus(core, levels, n, a, worth)
    for c in range(start, end):
        i = core.follower[c]
        if not first <= i < last:
            value += max(0.0, surplus(core, levels, n, i, worth))
    if weight == 0.0 and value >= 0.0:
        return
    density = value / weight if weight > 0.0 else -np.inf
    ceiling = np.inf
    while True:  # take up the densest follower that is not in the alloy yet
        best, chosen = density, -1
        for c in range(start, end):
            i = core.follower[c]
            if first <= i < last and best < t[i] < ceiling:
                best, chosen = t[i], i
        if chosen < 0:
            break
        ceiling = best
        for c in range(start, end):
            i = core.follower[c]
            if first <= i < last and t[i] == best:
                weight += core.size[core.at[i]]
                value += best * core.size[core.at[i]]
        density = value / weight
    for c in range(start, end):
        i = core.follower[c]
        if first <= i < last and t[i] >= ceiling:
            t[i] = density
    if first <= a < last:
        t[a] = density


@kernel
def densities(core: Core, levels: Levels, n: int, first: int, last: int, worth: Floats, t: Floats) -> None:
    """Worth per byte of entries first .. last - 1 net of fill cost, companions melted in; -1 where pinned."""
    for i in range(first, last):
        t[i] = worth[i] / core.size[core.at[i]]
        if i >= core.fresh[n]:
            t[i] -= core.cost[n]
        if core.pinned[i]:
            t[i] = -1.0
    for j in range(core.leaders[n], core.leaders[n + 1]):
        pool(core, levels, n, j, first, last, worth, t)


@kernel
def settle_bytes(
    core: Core, levels: Levels, n: int, worth: Floats, short: Bools, t: Floats, v: Floats, w: Floats, s: Floats
) -> None:
    """Best storage and fill price of a node, given what each entry is worth there: quantiles of the density."""
    first, fresh, last = core.start[n], core.fresh[n], core.start[n + 1]
    room, window = core.storage[n], core.fill[n]
    for i in range(first, last):
        s[i] = core.size[core.at[i]]
        if core.pinned[i]:
            room -= s[i]
            if i >= fresh:
                window -= s[i]
    for _ in range(ROUNDS):
        old, over = levels.storage[n], levels.storage[n] + levels.fill[n]
        densities(core, levels, n, fresh, last, worth, t)
        theta = quantile(t, s, fresh, last, window, over, v, w)
        levels.fill[n] = theta - old
        price = np.inf
        if room >= window:
            densities(core, levels, n, first, fresh, worth, t)
            price = quantile(t, s, first, fresh, room - window, old, v, w)
        if price > theta:
            densities(core, levels, n, first, last, worth, t)
            theta = quantile(t, s, first, last, room, over, v, w)
            price = theta
        levels.storage[n] = price
        levels.fill[n] = theta - price
        if price == old or core.leaders[n] == core.leaders[n + 1]:
            break
    if levels.storage[n] + levels.fill[n] < core.floor[n]:
        short[n] = True
        levels.fill[n] = core.floor[n] - levels.storage[n]


@kernel
def settle_ties(core: Core, levels: Levels, n: int, worth: Floats) -> None:
    """Best companion prices of a node: what a leader lacks is shared by its followers by their surplus."""
    for j in range(core.leaders[n], core.leaders[n + 1]):
        a = core.leader[j]
        lack, wealth = -surplus(core, levels, n, a, worth), 0.0
        levels.tie[a] = 0.0
        for c in range(core.followers[j], core.followers[j + 1]):
            wealth += max(0.0, surplus(core, levels, n, core.follower[c], worth))
        part = min(1.0, lack / wealth) if lack > 0.0 and wealth > 0.0 else 0.0
        for c in range(core.followers[j], core.followers[j + 1]):
            i = core.follower[c]
            levels.tie[i] = part * max(0.0, surplus(core, levels, n, i, worth))
            levels.tie[a] -= levels.tie[i]


@kernel
def settle_serve(
    core: Core, levels: Levels, n: int, off: Floats, on: Floats, t: Floats, v: Floats, w: Floats, d: Floats
) -> None:
    """Best serve price of an edge whose part is taken out of `off` and `on`: a quantile weighted by demand."""
    first, last = core.start[n], core.start[n + 1]
    p = max(0.0, core.value[0] - levels.serve[0])
    for i in range(first, last):
        f = core.at[i]
        d[i] = core.demand[i]
        t[i] = -1.0
        if d[i] > 0.0:
            k = byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
            idle = max(off[f], on[f])
            idle += -k if core.pinned[i] else max(0.0, -k)
            t[i] = core.value[n] - (idle + k - max(off[f], on[f] - p * d[i])) / d[i]
    price = quantile(t, d, first, last, core.serve[n], levels.serve[n], v, w)
    levels.serve[n] = min(price, core.value[n])


@kernel
def sweep(core: Core, levels: Levels, off: Floats, on: Floats, short: Bools) -> None:
    """One round over all nodes' prices but the parent's serve price; `off` and `on` stay in step."""
    count = len(core.at)
    t, v, w, s, worth = np.empty(count), np.empty(count), np.empty(count), np.empty(count), np.empty(count)
    for n in range(1, len(core.value)):
        add_edge(core, levels, n, off, on, -1.0)
        limited = core.serve[n] < np.inf
        for _ in range(ROUNDS if limited else 1):
            e, lift = edge_worth(core, levels, n)
            for i in range(core.start[n], core.start[n + 1]):
                f, d = core.at[i], core.demand[i]
                worth[i] = max(off[f] + e * d, on[f] + lift * d) - max(off[f], on[f])
            settle_bytes(core, levels, n, worth, short, t, v, w, s)
            settle_ties(core, levels, n, worth)
            if limited:
                settle_serve(core, levels, n, off, on, t, v, w, s)
        add_edge(core, levels, n, off, on, 1.0)
    for i in range(core.start[0], core.start[1]):
        f = core.at[i]
        on[f] += byte_price(core, levels, 0, i) * core.size[f] + levels.tie[i]
        worth[i] = on[f] - off[f]
    settle_bytes(core, levels, 0, worth, short, t, v, w, s)
    settle_ties(core, levels, 0, worth)
    for i in range(core.start[0], core.start[1]):
        f = core.at[i]
        on[f] -= byte_price(core, levels, 0, i) * core.size[f] + levels.tie[i]
