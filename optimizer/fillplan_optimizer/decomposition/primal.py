"""From prices to a plan: whole files, cache by cache, the parent and its edges in turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_optimizer.decomposition import kernels, margin
from fillplan_optimizer.decomposition.byte_prices import settle_bytes, settle_ties
from fillplan_optimizer.decomposition.core import Core, Levels, copy
from fillplan_optimizer.decomposition.descent import Descent
from fillplan_optimizer.decomposition.shelf import (
    Meter,
    Shelf,
    admit,
    drop_idle_leaders,
    net_gain,
    shelf_of,
    spare,
    unmetered,
)
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.problem import Bools, Floats, Ints
from fillplan_optimizer.result import Placement

_PARTS = (1.0, 0.98, 0.85, 0.5, 0.0)
"""Parts of its serve price at which a cache with a serve limit is packed, until one is worse; the best plan is kept."""

_CLOSE = 2e-5
"""Part of an edge's value: where a plan can lose no more than that, other parts are not tried."""


@dataclass(frozen=True)
class Recovery:
    """What limits the search for a plan."""

    rounds: int = 3
    """Turns between the parent and its edges."""
    deviations: int = 64
    """Deviations from the priced choice that packing lays out."""


class Plan:
    """Holdings on a core while they are being built."""

    def __init__(self, descent: Descent, recovery: Recovery) -> None:
        self.core: Core = descent.core
        self.levels: Levels = descent.levels
        self.settled = descent.settled
        self.recovery = recovery
        self.hold: Bools = self.core.pinned.copy()
        self.shelves = [shelf_of(self.core, node) for node in range(len(self.core.value))]
        self.parts: dict[int, tuple[float, ...]] = {}
        """Per node the parts of its serve price that are still tried: after its first packing only the best."""
        self._own = copy(descent.levels)
        self._worth = np.zeros(len(self.core.at))
        self._scratch = np.zeros((5, len(self.core.at)))
        self._short = np.zeros(len(self.core.value), dtype=np.bool_)

    def segment(self, node: int) -> slice:
        """The entries of a node."""
        return slice(int(self.core.start[node]), int(self.core.start[node + 1]))

    def held(self, node: int) -> Bools:
        """[K] files that a node holds."""
        holds = np.zeros(len(self.core.file), dtype=np.bool_)
        segment = self.segment(node)
        holds[self.core.at[segment][self.hold[segment]]] = True
        return holds

    def placement(self, tree: Tree) -> Placement:
        """What each cache holds."""
        files: list[Ints] = [np.zeros(0, dtype=np.int64)] * tree.problem.cache_count
        for node, cache in enumerate(tree.cache):
            if cache >= 0:
                mask = self.settled[node].copy()
                mask[self.core.file[self.held(node)]] = True
                files[cache] = np.flatnonzero(mask)
        return Placement(tuple(files))

    def adopt(self, tree: Tree, placement: Placement) -> None:
        """Hold what an earlier placement says, as far as it fits, by falling worth per byte."""
        for node, (cache, shelf) in enumerate(zip(tree.cache, self.shelves, strict=True)):
            if cache >= 0:
                held = np.zeros(tree.file_count, dtype=np.bool_)
                held[placement.files[cache]] = True
                entries = np.flatnonzero(held[self.core.file[self.core.at[self.segment(node)]]])
                gain = self.core.value[node] * shelf.demand - shelf.cost * shelf.fresh
                order = entries[np.argsort(-(gain / shelf.size)[entries], kind="stable")]
                self.hold[self.segment(node)] = _fill_up(shelf, unmetered(shelf), shelf.pinned, order, gain)

    def served(self, node: int, above: Bools, hold: Bools) -> tuple[float, float]:
        """Bytes that an edge serves of files that it alone holds, and of those that the parent holds too."""
        demand, limit = self.shelves[node].demand, float(self.core.serve[node])
        alone = min(limit, float(demand[hold & ~above].sum()))
        return alone, min(limit - alone, float(demand[hold & above].sum()))

    def value(self) -> float:
        """Worth of the plan in two tiers: bytes over an edge's limit go up, the parent's own first to the origin."""
        core, holds = self.core, self.held(0)
        load, total = float(core.reach[holds].sum()), 0.0
        for node, shelf in enumerate(self.shelves):
            hold = self.hold[self.segment(node)]
            total -= shelf.cost * float(shelf.fresh[hold].sum())
            if node > 0:
                alone, shared = self.served(node, holds[core.at[self.segment(node)]], hold)
                total += float(core.value[node]) * (alone + shared)
                load -= shared
        return total + float(core.value[0]) * min(load, float(core.serve[0]))

    def pack(self, node: int, worth: Floats, meter: Meter | None = None) -> Bools:
        """[m] a near-best choice of whole files for a node, given what each entry is worth there.

        With a meter the worth is net of the serve price.
        """
        return self.pack_close(node, worth, meter)[0]

    def pack_close(self, node: int, worth: Floats, meter: Meter | None = None) -> tuple[Bools, float]:
        """The same, and the most that it loses against the best choice."""
        shelf, prices, tie = self.shelves[node], *self.own_prices(node, worth)
        meter = meter or unmetered(shelf)
        gain = worth - shelf.cost * shelf.fresh
        reduced = gain - prices[0] * shelf.size - prices[1] * shelf.fresh
        order = _by_density(gain, (reduced - tie) / shelf.size, sum(prices))
        first = _fill_up(shelf, meter, shelf.pinned, order, gain)
        known = net_gain(shelf, meter, gain, first)
        loss = prices[0] * shelf.storage + prices[1] * shelf.fill + margin.priced_worth(shelf, reduced) - known
        all_prices = np.array([*prices, meter.price])
        other = margin.pack_margin(shelf, meter, reduced, all_prices, loss, self.recovery.deviations)
        if other is not None:
            other = _fill_up(shelf, meter, other, order, gain)
            better = net_gain(shelf, meter, gain, other) - known
            if better > 0.0:
                return other, loss - better
        return first, loss

    def own_prices(self, node: int, worth: Floats) -> tuple[tuple[float, float], Floats]:
        """Storage and fill price, and companion prices [m], of a node by itself."""
        segment = self.segment(node)
        for own, group in zip(self._own[:2], self.levels[:2], strict=True):
            own[node] = group[node]
        self._worth[segment] = worth
        settle_bytes(self.core, self._own, node, self._worth, self._short, self._scratch)
        settle_ties(self.core, self._own, node, self._worth)
        prices = float(self._own.storage[node]), float(self._own.fill[node])
        return prices, self._own.tie[segment]


def _by_density(gain: Floats, density: Floats, price: float) -> Ints:
    """Entries that gain, by falling reduced density; far from the margin, where all or none fit, unsorted."""
    candidates = np.flatnonzero(gain > 0)
    density = density[candidates]
    near = np.flatnonzero(np.abs(density) <= 0.5 * price)
    near = near[np.argsort(-density[near], kind="stable")]
    order: Ints = candidates[
        np.concatenate([np.flatnonzero(density > 0.5 * price), near, np.flatnonzero(density < -0.5 * price)])
    ]
    return order


def _fill_up(shelf: Shelf, meter: Meter, hold: Bools, order: Ints, gain: Floats) -> Bools:
    """Hold more files as they come in `order`, where they fit."""
    hold = hold.copy()
    left = spare(shelf, meter, hold)
    admit(shelf, meter, order, gain, hold, left)
    drop_idle_leaders(shelf, meter, gain, hold, left)
    admit(shelf, meter, order, gain, hold, left)
    return hold


def recover(tree: Tree, descent: Descent, recovery: Recovery, start: Placement | None = None) -> Plan:
    """The best plan met while the parent and its edges are packed in turns, each given the other.

    start: an earlier placement; the plan is worth no less than what of it still fits. It does not replace the first
    packing: plans that begin from an old one stay too near to it.
    """
    plan, best, chosen = Plan(descent, recovery), -np.inf, descent.core.pinned
    if start is not None:
        plan.adopt(tree, start)
        best, chosen = plan.value(), plan.hold
        plan.hold = descent.core.pinned.copy()
    plan.hold[plan.segment(0)] = plan.pack(0, _priced_parent_worth(descent))
    return _in_turns(plan, range(recovery.rounds), best, chosen)


def improve(tree: Tree, descent: Descent, recovery: Recovery, placement: Placement) -> Plan:
    """The same from a placement: what of it fits, and what turns make of that."""
    plan = Plan(descent, recovery)
    plan.adopt(tree, placement)
    return _in_turns(plan, range(1, 1 + recovery.rounds), plan.value(), plan.hold.copy())


def recover_edges_first(descent: Descent, recovery: Recovery) -> Plan:
    """The same from the other end: each edge given those before it, the parent and later edges still priced."""
    plan, core, levels = Plan(descent, recovery), descent.core, descent.levels
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    kernels.refresh(core, levels, off, on)
    for node in range(1, len(core.value)):
        segment = plan.segment(node)
        at, demand = core.at[segment], core.demand[segment]
        kernels.add_edge(core, levels, node, off, on, -1.0)
        e, lift = kernels.edge_worth(core, levels, node)
        worth = np.maximum(off[at] + e * demand, on[at] + lift * demand) - np.maximum(off[at], on[at])
        hold = plan.pack(node, worth)
        off[at[hold]] += e * demand[hold]
        on[at[hold]] += lift * demand[hold]
        plan.hold[segment] = hold
    _pack_parent(plan)
    return _in_turns(plan, range(1, 1 + recovery.rounds), plan.value(), plan.hold.copy())


def _in_turns(plan: Plan, turns: range, best: float, chosen: Bools) -> Plan:
    """Pack the edges given the parent, then the parent given them; keeps the best plan met, `chosen` at first."""
    for turn in turns:
        for node in range(1, len(plan.core.value)):
            _pack_edge(plan, node, turn)
        changed = bool(plan.core.start[1]) and _pack_parent(plan)
        value = plan.value()
        if value > best:
            best, chosen = value, plan.hold.copy()
        if not changed:
            break
    plan.hold = chosen
    return plan


def _priced_parent_worth(descent: Descent) -> Floats:
    """[m] what each file is worth at the parent if every edge does what is best at the prices."""
    core, levels = descent.core, descent.levels
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    kernels.refresh(core, levels, off, on)
    root, shelf = slice(0, int(core.start[1])), shelf_of(core, 0)
    price = levels.storage[0] * shelf.size + (levels.fill[0] + shelf.cost) * shelf.fresh + levels.tie[root]
    worth: Floats = on[core.at[root]] - off[core.at[root]] + price
    return np.where(shelf.pinned, 0.0, worth)


def _pack_edge(plan: Plan, node: int, turn: int) -> None:
    """Pack an edge given the parent's files; after the first turn only if that is better than what it holds."""
    core, shelf, segment = plan.core, plan.shelves[node], plan.segment(node)
    above = plan.held(0)[core.at[segment]]
    tau, p = float(plan.levels.serve[node]), core.value[0] - plan.levels.serve[0]
    best, chosen, last, most = -np.inf, plan.hold[segment].copy(), -np.inf, np.inf
    if turn > 0:
        best = _edge_value(plan, node, above, chosen)
    for part in plan.parts.get(node, _PARTS if tau > 0 else (0.0,)):
        worth = (core.value[node] - part * tau - above * p) * shelf.demand
        meter = None
        if np.isfinite(core.serve[node]):
            # what is over the limit is first what the parent holds too, and that loses only its lift
            lift = float(core.value[node] - part * tau - (p if above.any() else 0.0))
            load = np.where(worth > 0, shelf.demand, 0.0)
            worth = np.maximum(worth, 0.0)
            meter = Meter(load, float(core.serve[node]), part * tau, max(0.0, lift))
        hold, loss = plan.pack_close(node, worth, meter)
        value = _edge_value(plan, node, above, hold)
        if value > best:
            best, chosen, plan.parts[node] = value, hold, (part,)
        most = min(most, value + loss)
        if value < last or most - best <= _CLOSE * most:
            break
        last = value
    plan.hold[segment] = chosen


def _edge_value(plan: Plan, node: int, above: Bools, hold: Bools) -> float:
    """What an edge adds to the group given the parent's files and serve price, its own serve limit kept."""
    core, shelf = plan.core, plan.shelves[node]
    alone, shared = plan.served(node, above, hold)
    lift = core.value[node] - core.value[0] + plan.levels.serve[0]
    return float(core.value[node] * alone + lift * shared - shelf.cost * shelf.fresh[hold].sum())


def _pack_parent(plan: Plan) -> bool:
    """Pack the parent on what its edges leave; whether that is better than what it holds."""
    core, root = plan.core, plan.segment(0)
    best, chosen = plan.value(), plan.hold[root].copy()
    better = False
    for part in plan.parts.get(0, _PARTS if plan.levels.serve[0] > 0 else (0.0,)):
        p = float(core.value[0] - part * plan.levels.serve[0])
        left = core.reach.copy()
        extra = np.zeros(len(left))
        for node in range(1, len(core.value)):
            held, at = plan.hold[plan.segment(node)], core.at[plan.segment(node)]
            demand = plan.shelves[node].demand[held]
            left[at[held]] -= demand
            extra[at[held]] += max(0.0, p - core.value[node] + plan.levels.serve[node]) * demand
        worth, load = (p * left + extra)[core.at[root]], left[core.at[root]]
        meter = None
        if np.isfinite(core.serve[0]):
            meter = Meter(load, float(core.serve[0]), float(core.value[0]) - p, p)
        plan.hold[root] = plan.pack(0, worth, meter)
        value = plan.value()
        if value > best * (1 + 1e-12):
            best, chosen, better = value, plan.hold[root].copy(), True
            plan.parts[0] = (part,)
    plan.hold[root] = chosen
    return better
