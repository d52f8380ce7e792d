"""From prices to a plan in deep trees: tier by tier from the root, then every cache again given all others."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition.deep import DeepTree
from fillplan_optimizer.decomposition.descent import Descent
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing


def recover_deep(tree: Tree, descent: Descent, recovery: Recovery, known: Placement) -> Placement:
    """The best of a known plan, the prices' own choice, and what turns between the caches make of that."""
    plan = _from_the_root(tree, descent, recovery)
    standing = Standing.of(tree.problem, plan.placement(tree))
    tried = [known, standing.placement()]
    for _ in range(recovery.rounds):
        _repack(tree, plan, standing)
        tried.append(standing.placement())
    values = [net_value(tree.problem, placement) for placement in tried]
    return tried[int(np.argmax(values))]


def _from_the_root(tree: Tree, descent: Descent, recovery: Recovery) -> Plan:
    """Pack each node given what is held above it, what is below doing its best at the prices."""
    plan, deep = Plan(descent, recovery), DeepTree(tree, descent.core, descent.levels)
    deep.dual()
    above: list[Floats] = [np.zeros(len(descent.core.file))]
    for node in range(tree.node_count):
        if node > 0:
            above.append(2 * above[tree.parent[node]] + plan.held(int(tree.parent[node])))
        plan.hold[plan.segment(node)] = plan.pack(node, deep.choose(node, above[node]))
    return plan


def _repack(tree: Tree, plan: Plan, standing: Standing) -> None:
    """Every cache once, those nearest to the clients first, given what all others hold now."""
    for node in reversed(range(tree.node_count)):
        cache, segment = int(tree.cache[node]), plan.segment(node)
        if cache < 0:
            continue
        offer = standing.offer(cache)
        files = plan.core.file[plan.core.at[segment]]
        tau = plan.levels.serve[node]
        worth = offer.gain[files] - tau * offer.load_bytes[files]
        mask = np.zeros(tree.file_count, dtype=np.bool_)
        mask[files[plan.pack(node, worth)]] = True
        standing.put(cache, mask, offer.load_bytes)
