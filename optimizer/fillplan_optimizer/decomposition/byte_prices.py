"""Compiled storage, fill and companion prices of one node, all others as they stand.

Given what each entry is worth at the node, the best prices of its bytes are quantiles of worth per byte, and the best
companion prices follow from them in closed form.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.decomposition.quantile import quantile

ROUNDS = 6
"""Rounds between the prices of held and of new bytes, where companies pay both and do not settle at once."""


@kernel
def byte_price(core: Core, levels: Levels, n: int, i: int) -> float:
    """Price per byte of an entry at its node: storage, and for new bytes fill and cost."""
    if i < core.fresh[n]:
        return levels.storage[n]
    return levels.storage[n] + levels.fill[n] + core.cost[n]


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
    a, start, end, o = core.leader[j], core.followers[j], core.followers[j + 1], core.start[n]
    weight, value = 0.0, 0.0
    if first <= a < last:
        weight = core.size[core.at[a]]
        value = t[a - o] * weight
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
            if first <= i < last and best < t[i - o] < ceiling:
                best, chosen = t[i - o], i
        if chosen < 0:
            break
        ceiling = best
        for c in range(start, end):
            i = core.follower[c]
            if first <= i < last and t[i - o] == best:
                weight += core.size[core.at[i]]
                value += best * core.size[core.at[i]]
        density = value / weight
    for c in range(start, end):
        i = core.follower[c]
        if first <= i < last and t[i - o] >= ceiling:
            t[i - o] = density
    if first <= a < last:
        t[a - o] = density


@kernel
def find_tight(core: Core, n: int, base: Floats, tight: Floats) -> tuple[int, bool]:
    """List the leaders that some follower may have to carry; whether any of these companies pays two prices."""
    count, mixed, o = 0, False, core.start[n]
    for j in range(core.leaders[n], core.leaders[n + 1]):
        a = core.leader[j]
        densest, two = -np.inf, False
        for c in range(core.followers[j], core.followers[j + 1]):
            i = core.follower[c]
            densest = max(densest, base[i - o])
            two = two or (i < core.fresh[n]) != (a < core.fresh[n])
        if densest > base[a - o] or (two and a >= core.fresh[n]):
            tight[count] = j
            count += 1
            mixed = mixed or two
    return count, mixed


@kernel
def melt(
    core: Core, levels: Levels, n: int, first: int, last: int, worth: Floats, base: Floats, t: Floats, tight: Floats
) -> None:
    """Set `t` to the densities of entries first .. last - 1 with the given leaders melted in."""
    o = core.start[n]
    for place in tight:
        j = int(place)
        a = core.leader[j]
        if first <= a < last:
            t[a - o] = base[a - o]
        for c in range(core.followers[j], core.followers[j + 1]):
            i = core.follower[c]
            if first <= i < last:
                t[i - o] = base[i - o]
        pool(core, levels, n, j, first, last, worth, t)


@kernel
def settle_bytes(core: Core, levels: Levels, n: int, worth: Floats, short: Bools, scratch: Floats) -> None:
    """Best storage and fill price of a node, given what each entry is worth there: quantiles of the density.

    scratch: [6, entries of the node], by place within the node; kernels allocate nothing, for that alone would take
    seconds to compile.
    """
    base, t, s, v, w, leaders = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5]
    first, fresh, last = core.start[n], core.fresh[n], core.start[n + 1]
    room, window = core.storage[n], core.fill[n]
    for i in range(first, last):
        k = i - first
        s[k] = core.size[core.at[i]]
        base[k] = worth[i] / s[k] - (core.cost[n] if i >= fresh else 0.0)
        if core.pinned[i]:
            base[k] = -1.0
            room -= s[k]
            window -= s[k] if i >= fresh else 0.0
        t[k] = base[k]
    count, mixed = find_tight(core, n, base, leaders)
    tight = leaders[:count]
    for _ in range(ROUNDS if mixed else 1):
        old, over = levels.storage[n], levels.storage[n] + levels.fill[n]
        melt(core, levels, n, fresh, last, worth, base, t, tight)
        theta = quantile(t, s, fresh - first, last - first, window, over, v, w)
        levels.fill[n] = theta - old
        price = np.inf
        if room >= window:
            melt(core, levels, n, first, fresh, worth, base, t, tight)
            price = quantile(t, s, first - first, fresh - first, room - window, old, v, w)
        if price > theta:
            melt(core, levels, n, first, last, worth, base, t, tight)
            theta = quantile(t, s, first - first, last - first, room, over, v, w)
            price = theta
        levels.storage[n] = price
        levels.fill[n] = theta - price
        if price == old:
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
        if lack <= 0.0 and levels.tie[a] == 0.0:
            continue
        levels.tie[a] = 0.0
        for c in range(core.followers[j], core.followers[j + 1]):
            wealth += max(0.0, surplus(core, levels, n, core.follower[c], worth))
        part = min(1.0, lack / wealth) if lack > 0.0 and wealth > 0.0 else 0.0
        for c in range(core.followers[j], core.followers[j + 1]):
            i = core.follower[c]
            levels.tie[i] = part * max(0.0, surplus(core, levels, n, i, worth))
            levels.tie[a] -= levels.tie[i]
