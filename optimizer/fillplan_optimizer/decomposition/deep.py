"""Trees of more than two tiers, or whose bytes are worth differently to different clients: the same descent in numpy.

For each file and each set of holders above a node, the best priced worth of all below is known; what a file is worth at
a node is the difference that holding it makes to the whole tree. A walk from the root down meets every node with the
rest of the tree summed up in `outside`, settles the node's prices with the kernels of two tiers, and takes the new
summary back up, so that a sweep costs one pass over the tree. Sets double with every tier; four tiers are practical.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition.bound import served
from fillplan_optimizer.decomposition.byte_prices import settle_bytes, settle_ties
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.decomposition.relief import close_in
from fillplan_optimizer.decomposition.tree import Tree

Sets = list[Floats]
"""[K] worth per set of holders, in the order of `bound.served`."""


class DeepTree:
    """The priced problem of a deep tree on a core, with the summaries of a sweep."""

    def __init__(self, tree: Tree, core: Core, levels: Levels) -> None:
        self.tree, self.core, self.levels = tree, core, levels
        self.short: Bools = np.zeros(tree.node_count, dtype=np.bool_)
        self._scratch = np.zeros((6, int(np.diff(core.start).max())))
        self._worth = np.zeros(len(core.at))
        self._best: list[Sets] = [[] for _ in range(tree.node_count)]
        self._files = len(core.file)

    def sweep(self, step: float) -> float:
        """Settle every node's prices once; returns the value of the priced problem.

        step > 0: search serve prices in such steps, as parts of the node's worth.
        """
        self.short[:] = False
        self.dual()
        self._visit(0, [np.zeros(self._files)])
        for node in np.flatnonzero(np.isfinite(self.core.serve)) if step > 0 else ():
            self._search_serve(int(node), step * float(self.core.value[node]))
        return self.dual()

    def dual(self) -> float:
        """Value of the priced problem on the core; renews all summaries."""
        levels, core = self.levels, self.core
        total = core.constant + float(levels.storage @ core.storage + levels.fill @ core.fill)
        priced = levels.serve > 0
        total += float(levels.serve[priced] @ core.serve[priced])
        return total + float(self._summary(0)[0].sum())

    def choose(self, node: int, above: Floats) -> Floats:
        """[m] worth of each of a node's files given who holds it above; `above` [K] counts that set."""
        inner = self._inner(node)
        sets = above.astype(np.int64)
        at = self.core.at[self._segment(node)]
        off, on = np.stack(inner[0::2]), np.stack(inner[1::2])
        worth: Floats = on[sets[at], at] - off[sets[at], at]
        return worth

    def _segment(self, node: int) -> slice:
        return slice(int(self.core.start[node]), int(self.core.start[node + 1]))

    def _inner(self, node: int) -> Sets:
        """Worth of the node's own clients and of all below it, before the node's price of holding."""
        inner = served(self.tree, self.levels.serve, node, self.core.file)
        for child in self.tree.children[node]:
            inner = [worth + best for worth, best in zip(inner, self._best[child], strict=True)]
        return inner

    def _summary(self, node: int) -> Sets:
        for child in self.tree.children[node]:
            self._summary(child)
        self._best[node] = self._close(node, self._inner(node))
        return self._best[node]

    def _holding(self, node: int) -> tuple[Floats, Floats]:
        """[K] what not holding and holding cost (as worth, so never above 0 but for companions)."""
        segment, core, levels = self._segment(node), self.core, self.levels
        at, entry = core.at[segment], np.arange(segment.start, segment.stop)
        price = np.full(len(at), levels.storage[node])
        price[entry >= core.fresh[node]] += levels.fill[node] + core.cost[node]
        off, on = np.zeros(self._files), np.full(self._files, -np.inf)
        on[at] = -price * core.size[at] - levels.tie[segment]
        off[at[core.pinned[segment]]] = -np.inf
        return off, on

    def _close(self, node: int, inner: Sets) -> Sets:
        off, on = self._holding(node)
        return [np.maximum(a + off, b + on) for a, b in zip(inner[0::2], inner[1::2], strict=True)]

    def _visit(self, node: int, outside: Sets) -> None:
        """Settle a node given the rest of the tree per set of holders above, then its children."""
        inner = self._inner(node)
        with_node = np.max([a + b for a, b in zip(outside, inner[1::2], strict=True)], axis=0)
        without = np.max([a + b for a, b in zip(outside, inner[0::2], strict=True)], axis=0)
        segment, at = self._segment(node), self.core.at[self._segment(node)]
        self._worth[segment] = with_node[at] - without[at]
        settle_bytes(self.core, self.levels, node, self._worth, self.short, self._scratch)
        settle_ties(self.core, self.levels, node, self._worth)
        off, on = self._holding(node)
        for child in self.tree.children[node]:
            rest = [
                outside[s // 2] + worth - best + (on if s % 2 else off)
                for s, (worth, best) in enumerate(zip(inner, self._best[child], strict=True))
            ]
            before = self._best[child]
            self._visit(child, rest)
            inner = [a - b + c for a, b, c in zip(inner, before, self._best[child], strict=True)]
        self._best[node] = self._close(node, inner)

    def _search_serve(self, node: int, step: float) -> None:
        """Best serve price of a node, the others as they stand."""
        serve, before, best = self.levels.serve, float(self.levels.serve[node]), self.dual()

        def probe(shift: float) -> float:
            serve[node] = before + shift
            return self.dual()

        serve[node] = before + close_in(probe, best, step, -before, float(self.core.value[node]) - before)
