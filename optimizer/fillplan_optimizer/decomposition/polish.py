"""The last step of a plan: caches whose own choice is not close to the best one choose again, by HiGHS.

Packing by `margin` looks at some dozens of deviations; now and then the best choice is farther from the priced one.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition import margin
from fillplan_optimizer.decomposition.knapsack import Search, best_choice, choice_of
from fillplan_optimizer.decomposition.plan import Plan
from fillplan_optimizer.decomposition.tree import Tree


def polish(tree: Tree, plan: Plan, least_loss: float, search: Search) -> None:
    """Choose again, edges first, at each node that loses more than `least_loss` against its bound given all others.

    Only what makes the plan better is kept.
    """
    for node in (*range(1, tree.node_count), 0):
        if tree.cache[node] >= 0:
            _choose_again(tree, plan, node, least_loss, search)


def _choose_again(tree: Tree, plan: Plan, node: int, least_loss: float, search: Search) -> None:
    shelf, segment = plan.shelves[node], plan.segment(node)
    files = plan.core.file[plan.core.at[segment]]
    worth = _worth(plan, node)
    (storage, fill), tie = plan.own_prices(node, worth)
    gain = worth - shelf.cost * shelf.fresh
    priced = gain - storage * shelf.size - fill * shelf.fresh
    held = plan.hold[segment].copy()
    loss = storage * shelf.storage + fill * shelf.fill + margin.priced_worth(shelf, priced) - float(gain[held].sum())
    if loss <= least_loss:
        return
    net, reduced = np.zeros(tree.file_count), np.full(tree.file_count, -np.inf)
    net[files], reduced[files] = gain, priced - tie
    reduced[plan.settled[node]] = np.inf
    known = plan.settled[node].copy()
    known[files[held]] = True
    choice = choice_of(tree, node, reduced, loss)
    if len(choice.free) > search.files:
        return
    _, chosen = best_choice(tree, node, net, choice, known, loss, search)
    if chosen is not None:
        before = plan.value()
        plan.hold[segment] = chosen[files]
        if plan.value() <= before:
            plan.hold[segment] = held


def _worth(plan: Plan, node: int) -> Floats:
    """[m] worth of holding each file given what all others hold, serve prices paid."""
    core = plan.core
    segment = plan.segment(node)
    above = core.value[0] - plan.levels.serve[0]
    if node > 0:
        shared = plan.held(0)[core.at[segment]]
        net: Floats = core.value[node] - plan.levels.serve[node] - shared * above
        return np.maximum(net, 0.0) * plan.shelves[node].demand
    missed = core.reach.copy()
    for edge in range(1, len(core.value)):
        held = plan.hold[plan.segment(edge)]
        missed[core.at[plan.segment(edge)][held]] -= plan.shelves[edge].demand[held]
    worth: Floats = above * missed[core.at[segment]]
    return worth
