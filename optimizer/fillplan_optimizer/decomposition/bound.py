"""The proof: an upper bound from prices alone, over all files, in plain float64 numpy.

Weak duality: for any prices >= 0, sum(price x limit) plus, file by file, the best worth of the tree with prices
paid is at least the value of every placement. How the prices were found does not matter; bad prices only give a
weak bound. It shares no code with the kernels, and it looks at every pair, whatever the core left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.tree import Tree


@dataclass(frozen=True, eq=False)
class NodePrices:
    """Prices of a tree's nodes; companion prices by (node, video)."""

    storage: Floats
    """[N] >= 0."""
    fill: Floats
    """[N] >= 0."""
    serve: Floats
    """[N] >= 0."""
    tie_files: tuple[Ints, ...]
    """Per node the videos with a companion price."""
    tie: tuple[Floats, ...]
    """Per node their companion prices, >= 0, paid to the companion."""


def upper_bound(tree: Tree, prices: NodePrices) -> float:
    """No placement of the tree's files is worth more than this."""
    total = float(prices.storage @ tree.storage + prices.fill @ tree.fill)
    limited = prices.serve > 0
    total += float(prices.serve[limited] @ tree.serve[limited])
    return total + float(_best(tree, prices, 0)[0].sum())


def _best(tree: Tree, prices: NodePrices, node: int) -> list[Floats]:
    """[F] best priced worth of a node and all below it, for each set of holders above.

    Sets count in binary, the root's bit first: entry 2 s + 1 of a child is set s of its parent with the parent.
    """
    sets = 2 ** (len(tree.chains[node]) - 1)
    inner = served(tree, prices.serve, node)
    for child in tree.children[node]:
        for total, best in zip(inner, _best(tree, prices, child), strict=True):
            total += best
    price = holding_price(tree, prices, node)
    off = np.where(tree.pinned[node], -np.inf, 0.0)
    on = np.where(tree.allowed[node], -price, -np.inf)
    return [np.maximum(inner[2 * s] + off, inner[2 * s + 1] + on) for s in range(sets)]


def served(tree: Tree, serve_price: Floats, node: int, files: Ints | slice = slice(None)) -> list[Floats]:
    """[files] worth of what the clients nearest to a node request, for each set of holders up to the node.

    A byte may come from any holder, or from none, less the holder's serve price. A nearest cache that holds a file
    and has no serve limit serves it in any case, even if a byte from above is worth more.
    """
    chain = tree.chains[node]
    worth = [np.zeros(tree.file_count)[files] for _ in range(2 ** len(chain))]
    for point in tree.points[node]:
        demand = tree.problem.point_demand(int(point))[files]
        value = np.where(tree.asks(int(point)), tree.worth(int(point)) - serve_price, 0.0)
        for s, total in enumerate(worth):
            holders = [above for bit, above in enumerate(reversed(chain)) if s >> bit & 1]
            if holders and holders[0] == node and np.isinf(tree.serve[node]):
                total += value[node] * demand
            else:
                total += max([0.0, *(float(value[above]) for above in holders)]) * demand
    return worth


def holding_price(tree: Tree, prices: NodePrices, node: int) -> Floats:
    """[F] what holding each file at a node costs at these prices, fill cost and companion price included."""
    fresh = prices.fill[node] + tree.cost[node]
    price = (prices.storage[node] + np.where(tree.held[node], 0.0, fresh)) * tree.size
    videos, tie = prices.tie_files[node], prices.tie[node]
    price[videos] += tie
    np.subtract.at(price, tree.companion[videos], tie)
    return price
