"""From prices to a plan: whole files, cache by cache, the parent and its edges in turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_optimizer.decomposition import admission, kernels, margin
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.descent import Descent, copy
from fillplan_optimizer.problem import Bools, Floats, Ints

_TAU_PARTS = (1.0, 0.98, 0.85, 0.5, 0.0)
"""Parts of the serve price at which an edge with a serve limit is packed; the best plan is kept."""


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
        self.recovery = recovery
        entries = len(self.core.at)
        self.hold: Bools = self.core.pinned.copy()
        self._scratch = [np.zeros(entries) for _ in range(4)]

    def segment(self, node: int) -> slice:
        """The entries of a node."""
        return slice(int(self.core.start[node]), int(self.core.start[node + 1]))

    def fill_cost(self, node: int) -> Floats:
        """[segment] cost of bringing each entry in."""
        segment = self.segment(node)
        cost = self.core.size[self.core.at[segment]] * self.core.cost[node]
        cost[: self.core.fresh[node] - segment.start] = 0.0
        return cost

    def pack(self, node: int, worth: Floats) -> Bools:
        """[segment] a near-best choice of whole files for a node, given what each entry is worth there."""
        core, segment = self.core, self.segment(node)
        size, cost = core.size[core.at[segment]], self.fill_cost(node)
        levels = self._own_prices(node, worth)
        price = np.full(len(size), levels.storage[node])
        price[core.fresh[node] - segment.start :] += levels.fill[node]
        reduced = worth - cost - price * size
        gain = np.zeros(len(core.at))
        gain[segment] = worth - cost
        order = self._order(segment, gain[segment], (reduced - levels.tie[segment]) / size)
        first = self._admit(node, core.pinned[segment], order, gain)
        ceiling = levels.storage[node] * core.storage[node] + levels.fill[node] * core.fill[node]
        ceiling += margin.priced_worth(core, node, reduced)
        prices = float(levels.storage[node]), float(levels.fill[node])
        loss = ceiling - float(gain[segment][first].sum())
        other = margin.pack_margin(core, node, reduced, prices, loss, self.recovery.deviations)
        if other is not None:
            other = self._admit(node, other, order, gain)
            if gain[segment][other].sum() > gain[segment][first].sum():
                return other
        return first

    def _own_prices(self, node: int, worth: Floats) -> Levels:
        """The prices of a node by itself."""
        core, levels = self.core, copy(self.levels)
        everywhere = np.zeros(len(core.at))
        everywhere[self.segment(node)] = worth
        short = np.zeros(len(core.value), dtype=np.bool_)
        kernels.settle_bytes(core, levels, node, everywhere, short, *self._scratch)
        kernels.settle_ties(core, levels, node, everywhere)
        return levels

    def _order(self, segment: slice, gain: Floats, density: Floats) -> Ints:
        candidates = np.flatnonzero(gain > 0)
        order: Ints = segment.start + candidates[np.argsort(-density[candidates], kind="stable")]
        return order

    def _admit(self, node: int, hold: Bools, order: Ints, gain: Floats) -> Bools:
        """Hold more files as they come in `order`, where they fit."""
        core, segment = self.core, self.segment(node)
        size = core.size[core.at[segment]]
        fresh = np.arange(len(size)) >= core.fresh[node] - segment.start
        spare = np.array([core.storage[node] - size[hold].sum(), core.fill[node] - size[hold & fresh].sum()])
        holding = np.zeros(len(core.at), dtype=np.bool_)
        holding[segment] = hold
        admission.admit(core, node, order, gain, holding, spare)
        admission.drop_idle_leaders(core, node, gain, holding, spare)
        admission.admit(core, node, order, gain, holding, spare)
        return holding[segment]


def recover(descent: Descent, recovery: Recovery) -> Plan:
    """A plan near the prices' own choice."""
    plan = Plan(descent, recovery)
    core, levels = descent.core, descent.levels
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    kernels.refresh(core, levels, off, on)
    root = plan.segment(0)
    at = core.at[root]
    price = np.array([kernels.byte_price(core, levels, 0, i) for i in range(root.start, root.stop)])
    worth = on[at] - off[at] + price * core.size[at] + levels.tie[root]
    worth[~np.isfinite(worth)] = 0.0
    plan.hold[root] = plan.pack(0, worth)
    for turn in range(recovery.rounds):
        moved = [_pack_edge(plan, node, turn) for node in range(1, len(core.value))]
        if root.stop == root.start or not (_pack_parent(plan) or (turn == 0 and any(moved))):
            break
    return plan


def _pack_edge(plan: Plan, node: int, turn: int) -> bool:
    core, segment = plan.core, plan.segment(node)
    above = _parent_holds(plan)[core.at[segment]]
    parts = _TAU_PARTS if plan.levels.serve[node] > 0 else (0.0,)
    best, chosen = -np.inf, plan.hold[segment].copy()
    if turn > 0:
        best = _edge_value(plan, node, above, chosen)
    before = best
    for part in parts:
        worth = (core.value[node] - part * plan.levels.serve[node] - above * core.value[0]) * core.demand[segment]
        if np.isfinite(core.serve[node]):
            worth = np.maximum(worth, 0.0)
        hold = plan.pack(node, worth)
        value = _edge_value(plan, node, above, hold)
        if value > best:
            best, chosen = value, hold
    plan.hold[segment] = chosen
    return best > before


def _edge_value(plan: Plan, node: int, above: Bools, hold: Bools) -> float:
    """What an edge adds to the group given the parent's files, its serve limit kept."""
    core, demand = plan.core, plan.core.demand[plan.segment(node)]
    alone, shared = float(demand[hold & ~above].sum()), float(demand[hold & above].sum())
    served_alone = min(alone, core.serve[node])
    served_shared = min(shared, core.serve[node] - served_alone)
    worth = core.value[node] * served_alone + (core.value[node] - core.value[0]) * served_shared
    return float(worth - plan.fill_cost(node)[hold].sum())


def _parent_holds(plan: Plan) -> Bools:
    holds = np.zeros(len(plan.core.file), dtype=np.bool_)
    root = plan.segment(0)
    holds[plan.core.at[root][plan.hold[root]]] = True
    return holds


def _pack_parent(plan: Plan) -> bool:
    """Pack the parent on what its edges leave; whether that is better than what it holds."""
    core, root = plan.core, plan.segment(0)
    left = core.reach.copy()
    for node in range(1, len(core.value)):
        segment = plan.segment(node)
        held = plan.hold[segment]
        left[core.at[segment][held]] -= core.demand[segment][held]
    worth = core.value[0] * left[core.at[root]]
    hold = plan.pack(0, worth)
    gain = worth - plan.fill_cost(0)
    if gain[hold].sum() <= gain[plan.hold[root]].sum() * (1 + 1e-12):
        return False
    plan.hold[root] = hold
    return True
