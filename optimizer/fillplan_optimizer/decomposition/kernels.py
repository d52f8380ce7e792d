"""Compiled sweeps over a core: every price block is minimised exactly, one after the other.

Notation: for each file `off` and `on` are the best worth of the group with the parent's copy off and on, prices
paid; the priced value of the group is sum(price x limit) + sum over files of max(off, on). What the parent serves
with no edge holding is part of `on` from the start, so that an edge entry adds max(0, e d - k) to `off` and
max(0, lift d - k) to `on`, where e is the edge's worth less its serve price, lift what the edge is worth more than
the parent, d the demand and k the price of the bytes plus the companion price.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.byte_prices import byte_price, settle_bytes, settle_ties
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.decomposition.quantile import quantile

ROUNDS = 6
"""Rounds between the serve price and the byte prices of one edge within a sweep."""
STILL = 1e-6
"""Change of a serve price, as a part of the edge's worth, that is not worth another round."""
GROWTH, CUT, CLOSING = 3.0, 0.381966, 7
"""Line searches: growth of steps that pay, golden cut of the wider side, and probes that close in at the end."""


@kernel
def refresh(core: Core, levels: Levels, off: Floats, on: Floats) -> None:
    """Recompute `off` and `on` from the prices."""
    off[:] = 0.0
    on[:] = -np.inf
    p = max(0.0, core.value[0] - levels.serve[0])
    for n in range(len(core.value)):
        if n > 0:
            add_edge(core, levels, n, off, on, 1.0)
            continue
        for i in range(core.start[n], core.start[n + 1]):
            f = core.at[i]
            on[f] = p * core.reach[f] - byte_price(core, levels, n, i) * core.size[f] - levels.tie[i]
            if core.pinned[i]:
                off[f] = -np.inf


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
    total = core.constant
    for n in range(len(core.value)):
        total += levels.storage[n] * core.storage[n] + levels.fill[n] * core.fill[n]
        if levels.serve[n] > 0.0:
            total += levels.serve[n] * core.serve[n]
    for f in range(len(off)):
        total += max(off[f], on[f])
    return total


@kernel
def settle_serve(core: Core, levels: Levels, n: int, off: Floats, on: Floats, scratch: Floats) -> None:
    """Best serve price of an edge whose part is taken out of `off` and `on`: a quantile weighted by demand."""
    t, d, v, w = scratch[1], scratch[2], scratch[3], scratch[4]
    first, last = core.start[n], core.start[n + 1]
    p = max(0.0, core.value[0] - levels.serve[0])
    for i in range(first, last):
        f, at = core.at[i], i - first
        d[at] = core.demand[i]
        t[at] = -1.0
        if d[at] > 0.0:
            k = byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
            idle = max(off[f], on[f])
            idle += -k if core.pinned[i] else max(0.0, -k)
            t[at] = core.value[n] - (idle + k - max(off[f], on[f] - p * d[at])) / d[at]
    price = quantile(t, d, first - first, last - first, core.serve[n], levels.serve[n], v, w)
    levels.serve[n] = min(price, core.value[n])


@kernel
def settle_node(
    core: Core, levels: Levels, n: int, off: Floats, on: Floats, short: Bools, scratch: Floats, worth: Floats
) -> None:
    """Best byte and companion prices of an edge whose part is taken out of `off` and `on`."""
    e, lift = edge_worth(core, levels, n)
    for i in range(core.start[n], core.start[n + 1]):
        f, d = core.at[i], core.demand[i]
        worth[i] = max(off[f] + e * d, on[f] + lift * d) - max(off[f], on[f])
    settle_bytes(core, levels, n, worth, short, scratch)
    settle_ties(core, levels, n, worth)


@kernel
def node_dual(core: Core, levels: Levels, n: int, off: Floats, on: Floats) -> float:
    """The part of the priced value that an edge's prices decide, its part taken out of `off` and `on`."""
    e, lift = edge_worth(core, levels, n)
    total = levels.storage[n] * core.storage[n] + levels.fill[n] * core.fill[n]
    if levels.serve[n] > 0.0:
        total += levels.serve[n] * core.serve[n]
    for i in range(core.start[n], core.start[n + 1]):
        f, d = core.at[i], core.demand[i]
        k = byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
        a, b = e * d - k, lift * d - k
        if not core.pinned[i]:
            a, b = max(0.0, a), max(0.0, b)
        total += max(off[f] + a, on[f] + b) - max(off[f], on[f])
    return total


@kernel
def probe_serve(
    core: Core,
    levels: Levels,
    n: int,
    price: float,
    off: Floats,
    on: Floats,
    short: Bools,
    scratch: Floats,
    worth: Floats,
) -> float:
    """The edge's part of the priced value at a serve price, byte prices following."""
    levels.serve[n] = min(max(price, 0.0), core.value[n])
    settle_node(core, levels, n, off, on, short, scratch, worth)
    return node_dual(core, levels, n, off, on)


@kernel
def search_serve(
    core: Core,
    levels: Levels,
    n: int,
    off: Floats,
    on: Floats,
    short: Bools,
    scratch: Floats,
    worth: Floats,
    step: float,
) -> None:
    """Best serve price with byte prices following: steps that grow while they pay, then golden section.

    Byte and serve price one after the other stall where the same file is at the margin of both.
    """
    best, at = node_dual(core, levels, n, off, on), levels.serve[n]
    way = 0.0
    for sign in (1.0, -1.0):
        if way == 0.0 and 0.0 <= at + sign * step <= core.value[n]:
            f = probe_serve(core, levels, n, at + sign * step, off, on, short, scratch, worth)
            if f < best:
                best, at, way = f, at + sign * step, sign
    low, high = at - step, at + step
    while way != 0.0:
        step *= GROWTH
        ahead = min(max(at + way * step, 0.0), core.value[n])
        f = probe_serve(core, levels, n, ahead, off, on, short, scratch, worth)
        low, high = min(low, ahead), max(high, ahead)
        if f >= best or ahead == at:
            break
        if way > 0.0:
            low = at
        else:
            high = at
        best, at = f, ahead
    for _ in range(CLOSING if way != 0.0 else 0):
        x = at - CUT * (at - low) if at - low > high - at else at + CUT * (high - at)
        f = probe_serve(core, levels, n, x, off, on, short, scratch, worth)
        if f < best:
            low, high = (low, at) if x < at else (at, high)
            best, at = f, x
        elif x < at:
            low = x
        else:
            high = x
    probe_serve(core, levels, n, at, off, on, short, scratch, worth)


@kernel
def sweep(
    core: Core, levels: Levels, off: Floats, on: Floats, short: Bools, scratch: Floats, worth: Floats, step: float
) -> None:
    """One round over all nodes' prices but the parent's serve price; `off` and `on` stay in step.

    step > 0: search serve prices in such steps, as parts of the edge's worth, together with the byte prices;
    step < 0: let serve prices stand. scratch: [6, most entries of a node], worth: [M].
    """
    for n in range(1, len(core.value)):
        add_edge(core, levels, n, off, on, -1.0)
        settle_node(core, levels, n, off, on, short, scratch, worth)
        if core.serve[n] < np.inf and step >= 0.0:
            for _ in range(ROUNDS):
                old = levels.serve[n]
                settle_serve(core, levels, n, off, on, scratch)
                if abs(levels.serve[n] - old) <= STILL * core.value[n]:
                    break
                settle_node(core, levels, n, off, on, short, scratch, worth)
            if step > 0.0:
                search_serve(core, levels, n, off, on, short, scratch, worth, step * core.value[n])
        add_edge(core, levels, n, off, on, 1.0)
    for n in range(1):  # a literal 0 would be a type of its own, and all below compiled once more for it
        settle_root(core, levels, n, off, on, short, scratch, worth)


@kernel
def settle_root(
    core: Core, levels: Levels, n: int, off: Floats, on: Floats, short: Bools, scratch: Floats, worth: Floats
) -> None:
    """Best byte and companion prices of the parent, node `n`."""
    for i in range(core.start[n], core.start[n + 1]):
        f = core.at[i]
        on[f] += byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
        worth[i] = on[f] - off[f]
    settle_bytes(core, levels, n, worth, short, scratch)
    settle_ties(core, levels, n, worth)
    for i in range(core.start[n], core.start[n + 1]):
        f = core.at[i]
        on[f] -= byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]


@kernel
def loads(core: Core, levels: Levels, off: Floats, on: Floats, load: Floats) -> None:
    """Bytes that each node serves in the best priced choice; `load` [N] is the descent direction's other half."""
    load[:] = 0.0
    if core.value[0] > levels.serve[0]:
        for i in range(core.start[0], core.start[1]):
            f = core.at[i]
            if on[f] > off[f]:
                load[0] += core.reach[f]
    for n in range(1, len(core.value)):
        e, lift = edge_worth(core, levels, n)
        for i in range(core.start[n], core.start[n + 1]):
            f, d = core.at[i], core.demand[i]
            k = byte_price(core, levels, n, i) * core.size[f] + levels.tie[i]
            above = on[f] > off[f]
            gain = lift if above else e
            if (gain > 0.0 or core.serve[n] == np.inf) and (gain * d > k or core.pinned[i]):
                load[n] += d
                if above and core.value[0] > levels.serve[0]:
                    load[0] -= d
