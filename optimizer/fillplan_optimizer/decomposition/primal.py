"""From prices to a plan: whole files, cache by cache, the parent and its edges in turns."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.descent import Descent
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.shelf import Meter, shelf_of
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.result import Placement

_PARTS = (1.0, 0.98, 0.85, 0.5, 0.0)
"""Parts of its serve price at which a cache with a serve limit is packed, until one is worse; the best plan is kept."""

_ASIDE = 1e-6
"""Part of a price that is too small to matter and large enough to tell worth from rounding."""

_CLOSE = 2e-5
"""Part of an edge's value: where a plan can lose no more than that, other parts are not tried."""


def recover(tree: Tree, descent: Descent, recovery: Recovery, start: Placement | None = None) -> Plan:
    """A plan from the first turn: the parent packed at the prices, its edges given it, and the parent given them.

    start: an earlier placement; the plan is worth no less than what of it still fits. It does not replace the first
    packing: plans that begin from an old one stay too near to it.
    """
    plan, best, chosen = Plan(descent, recovery), -np.inf, descent.core.pinned
    if start is not None:
        plan.adopt(tree, start)
        best, chosen = plan.value(), plan.hold
        plan.hold = descent.core.pinned.copy()
    plan.hold[plan.segment(0)] = plan.pack(0, _priced_parent_worth(descent))
    return _in_turns(plan, range(1), best, chosen)


def go_on(plan: Plan) -> Plan:
    """The best plan met in further turns, if the last one changed the parent's files; all parts of prices anew."""
    if not plan.moving:
        return plan
    plan.parts.clear()
    return _in_turns(plan, range(1, plan.recovery.rounds), plan.value(), plan.hold.copy())


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
        plan.moving = bool(plan.core.start[1]) and _pack_parent(plan)
        value = plan.value()
        if value > best:
            best, chosen = value, plan.hold.copy()
        if not plan.moving:
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
    for part in plan.parts.get(node, _edge_parts(float(core.value[node] - p), tau)):
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


def _edge_parts(lift: float, tau: float) -> tuple[float, ...]:
    """Parts of an edge's serve price to be tried, largest first.

    Most such prices end where files that the parent holds too are worth exactly nothing at the edge (its byte is worth
    `lift` more than the parent's): the price has to stay below that, or the limit is not used up.
    """
    if tau <= 0.0:
        return (0.0,)
    part = (1.0 - _ASIDE) * lift / tau
    if not 0.0 < part < 1.0:
        return _PARTS
    return tuple(sorted({part, *_PARTS[1 if part > _PARTS[1] else 0 :]}, reverse=True))


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
