"""The bound again, with whole files at each cache.

Priced bytes let a cache hold a part of the file at its margin; where tonight's fill is a few files wide, that is most
of the gap. So let every pair of cache and file have a price pi of its own: the tree pays it for what it holds, and each
cache collects at most its own best choice of whole files,

    sum over files of the tree's best worth less pi
    + sum over caches of max { sum of pi over held files, fill costs taken off: storage, fill, companions, pins kept }.

Every pi is valid (Lagrangian decomposition: Guignard and Kim 1987). It starts as the price of the bytes, which gives
the bound of `bound.py`. One visit to each cache sets pi to what every file is worth there, all others' prices paid;
that is the best pi of this cache given the others, and lowers the bound by what whole bytes cost the cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.bound import NodePrices, holding_price, served
from fillplan_optimizer.decomposition.descent import Descent
from fillplan_optimizer.decomposition.knapsack import Search, best_choice, choice_of
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.result import Placement


@dataclass(frozen=True)
class Whole:
    """Where the bound with whole files is worth its time."""

    gap: float = 1e-4
    """Gap of a group above which it is tried."""
    far: float = 3.5e-4
    """Gap of a group above which caches may have twice as many open files as `search` says; four times as many from
    three times that gap on, which is rare and worth a second."""
    loss: float = 3e-5
    """A cache whose best known choice of whole files loses less than this part of the bound is passed over."""
    polish: float = 2e-5
    """The same for choosing again at the end, see module `polish`."""
    search: Search = field(default_factory=Search)

    def for_gap(self, gap: float) -> Whole:
        """The same for a group of that gap: where it is far with more open files, which HiGHS settles less closely."""
        if gap <= self.far:
            return self
        times = 2 if gap <= 3 * self.far else 4
        return replace(self, search=replace(self.search, files=times * self.search.files, gap=1.5 * self.search.gap))


class WholeFiles:
    """A tree of two tiers with a price per pair of cache and file."""

    def __init__(self, tree: Tree, descent: Descent, prices: NodePrices, whole: Whole) -> None:
        self.tree, self.descent, self.whole = tree, descent, whole
        self._serve_price = prices.serve
        self._price = np.array([holding_price(tree, prices, node) for node in range(tree.node_count)])
        self._collected = prices.storage * tree.storage + prices.fill * tree.fill
        limited = prices.serve > 0
        self._limits = float(prices.serve[limited] @ tree.serve[limited])
        self._off, self._on = served(tree, prices.serve, 0)
        self._plan = Plan(descent, Recovery())
        self.hold: Bools = tree.pinned.copy()
        """[N, F] the caches' own choices, each at the prices that it met."""
        for node in range(1, tree.node_count):
            self._add_edge(node, 1.0)
        self._unit = self.bound()

    def bound(self) -> float:
        """No placement is worth more than this."""
        best = self._with_node(0, self._off, self._on)
        return self._limits + float(self._collected.sum()) + float(best.sum())

    def visit_all(self) -> None:
        """Every edge once, then the parent."""
        for node in (*range(1, self.tree.node_count), 0):
            if self.tree.cache[node] >= 0:
                self.visit(node)

    def placement(self) -> Placement:
        """The caches' own choices taken together."""
        tree = self.tree
        files = [np.zeros(0, dtype=np.int64)] * tree.problem.cache_count
        for node, cache in enumerate(tree.cache):
            if cache >= 0:
                files[cache] = np.flatnonzero(self.hold[node])
        return Placement(tuple(files))

    def _with_node(self, node: int, without: Floats, with_node: Floats) -> Floats:
        """[F] best worth if the node may choose, its price paid; pinned files are held."""
        held = np.where(self.tree.allowed[node], with_node - self._price[node], -np.inf)
        return np.where(self.tree.pinned[node], held, np.maximum(without, held))

    def _add_edge(self, node: int, sign: float) -> None:
        none, edge, parent, both = served(self.tree, self._serve_price, node)
        self._off += sign * self._with_node(node, none, edge)
        self._on += sign * self._with_node(node, parent, both)

    def _worth(self, node: int) -> Floats:
        """[F] what holding each file adds to the tree, the node itself taken out of `off` and `on`."""
        if node == 0:
            return self._on - self._off
        none, edge, parent, both = served(self.tree, self._serve_price, node)
        with_node = self._with_node(0, self._off + edge, self._on + both)
        return with_node - self._with_node(0, self._off + none, self._on + parent)

    def visit(self, node: int) -> None:
        """Set the node's prices to what its files are worth there, and find what it can collect of that."""
        tree = self.tree
        if node > 0:
            self._add_edge(node, -1.0)
        settled = tree.pinned[node] | ~tree.allowed[node]
        self._price[node] = np.where(settled, self._price[node], self._worth(node))
        self._collected[node], self.hold[node] = self._collect(node)
        if node > 0:
            self._add_edge(node, 1.0)

    def _collect(self, node: int) -> tuple[float, Bools]:
        """Most that the node's prices add up to over whole files, and a choice that is near to it."""
        tree, core = self.tree, self.descent.core
        fresh = np.where(tree.held[node], 0.0, tree.size)
        worth = self._price[node] - tree.cost[node] * fresh
        segment = self._plan.segment(node)
        files = core.file[core.at[segment]]
        offered = np.where(core.pinned[segment], 0.0, self._price[node][files])
        (storage, fill), ties = self._plan.own_prices(node, offered)
        reduced = worth - storage * tree.size - fill * fresh
        reduced[files] -= ties
        hold = self.descent.settled[node] | tree.pinned[node]
        hold[files[self._plan.pack(node, offered)]] = True
        gains = np.where(tree.pinned[node], reduced, np.maximum(reduced, 0.0))[tree.allowed[node]]
        most, reached = storage * tree.storage[node] + fill * tree.fill[node] + gains.sum(), worth[hold].sum()
        loss = float(most - reached)
        if loss <= self.whole.loss * abs(self._unit):
            return float(most), hold
        choice = choice_of(tree, node, reduced, loss)
        if len(choice.free) > self.whole.search.files:
            return float(most), hold
        # where one cache loses much, a part of that would still be a gap that is far
        gap = min(self.whole.search.gap, self.whole.far * abs(self._unit) / loss)
        search = replace(self.whole.search, gap=gap)
        bound, better = best_choice(tree, node, worth, choice, hold, loss, search)
        if better is not None and worth[better].sum() > reached:
            hold = better
        return min(float(most), max(bound, float(worth[hold].sum()))), hold
