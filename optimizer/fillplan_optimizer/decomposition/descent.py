"""From a tree to its prices: sweeps until they stop paying, on a core that widens where it must."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.bound import NodePrices
from fillplan_optimizer.decomposition.core import Breadth, Core, Levels, build, settle
from fillplan_optimizer.decomposition.deep import DeepTree
from fillplan_optimizer.decomposition.relief import search_parent_serve, settle_parent_serve
from fillplan_optimizer.decomposition.tree import Tree

_STEP = 0.001
"""First step of the joint searches for serve prices, as a part of the cache's worth; along a line the priced value is
convex, so that a small step shows every descent, and steps grow while they pay."""


@dataclass(frozen=True)
class Effort:
    """What limits the descent; never the clock."""

    sweeps: int = 60
    """Most sweeps in a row."""
    gain: float = 5e-7
    """A sweep that lowers the bound by less than this part of it is the last."""
    searches: int = 4
    """Most joint searches for serve prices."""
    search_gain: float = 2e-6
    """A joint search that lowers the bound by less than this part of it is the last."""
    widenings: int = 6
    """Most times that the core is rebuilt four times as wide; after that it is whole."""


@dataclass(frozen=True, eq=False)
class Descent:
    """A core with its final prices."""

    core: Core
    levels: Levels
    settled: Bools
    """[N, F] pairs held besides those of the core."""
    breadth: Breadth
    dual: float
    """Value of the priced problem on the core."""
    sweeps: int


class Priced(Protocol):
    """A priced problem on a core whose prices, in `levels`, are settled in place."""

    short: Bools
    """[N] where the last sweep found the core too narrow."""

    def sweep(self, step: float) -> float:
        """Settle all prices once, serve prices in steps (> 0) also jointly with others; returns the value."""
        ...

    def dual(self) -> float:
        """Value at the present prices."""
        ...


class TwoTiers:
    """The priced problem of a tree of two tiers, swept by the compiled kernels."""

    def __init__(self, core: Core, levels: Levels) -> None:
        self.core, self.levels = core, levels
        self.short: Bools = np.zeros(len(core.value), dtype=np.bool_)
        self._off, self._on = np.zeros(len(core.file)), np.zeros(len(core.file))
        self._room = np.empty((6, int(np.diff(core.start).max()))), np.empty(len(core.at))
        self.dual()

    def sweep(self, step: float) -> float:
        """One round over all nodes; see `kernels.sweep`."""
        self.short[:] = False
        kernels.sweep(self.core, self.levels, self._off, self._on, self.short, *self._room, step)
        if np.isfinite(self.core.serve[0]):
            settle_parent_serve(self.core, self.levels, self._off, self._on)
            if step > 0:
                search_parent_serve(self.core, self.levels, self._off, self._on, self.short, self._room, step)
        return kernels.dual(self.core, self.levels, self._off, self._on)

    def dual(self) -> float:
        """Value at the present prices, all summaries renewed."""
        kernels.refresh(self.core, self.levels, self._off, self._on)
        return kernels.dual(self.core, self.levels, self._off, self._on)


def descend(tree: Tree, effort: Effort, start: NodePrices | None = None) -> Descent:
    """Lower the bound by plain sweeps; prices carry over when the core widens.

    start: prices of a similar tree to begin from. They save the sweeps that lead there.
    """
    return _complete(tree, replace(effort, searches=0), _begin(tree, start))


def refine(tree: Tree, effort: Effort, descent: Descent) -> Descent:
    """Lower the bound further by joint searches for serve prices; the descent's prices change in place."""
    limited = effort.searches and np.isfinite(descent.core.serve).any()
    return _complete(tree, effort, descent) if limited else descent


def _begin(tree: Tree, start: NodePrices | None) -> Descent:
    settled = settle(tree)
    breadth = Breadth.initial(tree) if start is None else Breadth.around(tree, start.storage + start.fill)
    core = build(tree, breadth, settled)
    levels = zero_levels(core) if start is None else levels_on(core, start)
    return Descent(core, levels, settled, breadth, np.inf, 0)


def _complete(tree: Tree, effort: Effort, descent: Descent) -> Descent:
    """Settle the prices, on wider cores where they fall to a floor."""
    core, levels, breadth = descent.core, descent.levels, descent.breadth
    settled, done = descent.settled, descent.sweeps
    del descent  # as below
    for turn in range(effort.widenings + 2):
        priced: Priced = TwoTiers(core, levels) if tree.two_tiers else DeepTree(tree, core, levels)
        dual, sweeps = _sweep_on(priced, core, levels, effort)
        done += sweeps
        if not priced.short.any():
            break
        breadth = breadth.wider(priced.short, np.inf if turn == effort.widenings else 4.0)
        known = node_prices(core, levels)
        del core, levels, priced  # the largest arrays there are: not to be kept beside the new ones
        core = build(tree, breadth, settled)
        levels = levels_on(core, known)
    return Descent(core, levels, settled, breadth, dual, done)


def zero_levels(core: Core) -> Levels:
    """All prices zero."""
    nodes, entries = len(core.value), len(core.at)
    return Levels(np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(entries))


def levels_on(core: Core, prices: NodePrices) -> Levels:
    """Prices on a core; companion prices of pairs that are not listed, or that have no leader there, are dropped."""
    tie = np.zeros(len(core.at))
    files = 1 + max(int(part.max(initial=0)) for part in (core.file, *prices.tie_files))
    for node, (paying, paid) in enumerate(zip(prices.tie_files, prices.tie, strict=True)):
        entries = np.arange(core.start[node], core.start[node + 1])
        entry = np.full(files, -1, dtype=np.int64)
        entry[core.file[core.at[entries]]] = entries
        listed = entry[paying] >= 0
        place, due = entry[paying][listed], paid[listed]
        follows = core.unit[place] >= 0
        tie[place[follows]] = due[follows]
        np.subtract.at(tie, core.audio[place[follows]], due[follows])
    fill = np.maximum(prices.fill, core.floor - prices.storage)
    return Levels(prices.storage.copy(), fill, prices.serve.copy(), tie)


def node_prices(core: Core, levels: Levels) -> NodePrices:
    """The prices in the form of the bound."""
    files, ties = [], []
    for n in range(len(core.value)):
        entries = np.arange(core.start[n], core.start[n + 1])
        paying = entries[(core.audio[entries] >= 0) & (levels.tie[entries] > 0)]
        files.append(core.file[core.at[paying]])
        ties.append(levels.tie[paying].copy())
    return NodePrices(levels.storage.copy(), levels.fill.copy(), levels.serve.copy(), tuple(files), tuple(ties))


def _sweep_on(priced: Priced, core: Core, levels: Levels, effort: Effort) -> tuple[float, int]:
    """Sweep in place until the gain is spent; returns the value and the sweeps."""
    dual, count = _settle(priced, core, levels, effort, priced.dual())
    searches = effort.searches if np.isfinite(core.serve).any() and not priced.short.any() else 0
    for _ in range(searches):
        before = dual
        dual, more = _settle(priced, core, levels, effort, priced.sweep(_STEP))
        count += 1 + more
        if before - dual <= effort.search_gain * abs(dual):
            break
    return dual, count


def _settle(priced: Priced, core: Core, levels: Levels, effort: Effort, dual: float) -> tuple[float, int]:
    """Plain sweeps until the gain is spent, or until it is clear that the core is too narrow."""
    last_gain, count = np.inf, 0
    while count < effort.sweeps:
        count += 1
        before = _node_levels(levels)
        swept = priced.sweep(0.0)
        if priced.short.any():
            return swept, count
        gain = dual - swept
        dual = _leap(priced, core, before, levels, swept) if gain > 0.5 * last_gain else swept
        last_gain = gain
        if gain <= effort.gain * abs(dual):
            break
    return dual, count


def _node_levels(levels: Levels) -> list[Floats]:
    """Copies of all prices but the companions', which are far more and stand while others leap."""
    return [price.copy() for price in levels[:3]]


def _leap(priced: Priced, core: Core, before: list[Floats], levels: Levels, dual: float) -> float:
    """Go on in the direction of the last sweep as long as that lowers the bound."""
    steps = [now - then for now, then in zip(levels, before, strict=False)]
    stretch = 1.0
    while True:
        base = _node_levels(levels)
        for now, step in zip(levels[:3], steps, strict=True):
            np.maximum(0.0, now + stretch * step, out=now)
        np.maximum(levels.fill, core.floor - levels.storage, out=levels.fill)
        reached = priced.dual()
        if reached >= dual:
            for now, old in zip(levels, base, strict=False):
                now[:] = old
            return priced.dual()
        dual = reached
        stretch *= 2.0
