"""A plan while it is being built: what every node holds, and how a node packs whole files at its own prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition import margin
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
from fillplan_optimizer.result import Placement


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
        self.moving = True
        """Whether the last turn changed what the parent holds, so that another one may gain."""
        self._own = copy(descent.levels)
        self._worth = np.zeros(len(self.core.at))
        self._scratch = np.zeros((6, int(np.diff(self.core.start).max())))
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

    def loss(self, dual: float) -> float:
        """Part of the priced problem's value that the plan falls short of it."""
        return (dual - self.core.constant - self.value()) / max(abs(dual), 1e-300)

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
        known = net_gain(meter, gain, first)
        loss = prices[0] * shelf.storage + prices[1] * shelf.fill + margin.priced_worth(shelf, reduced) - known
        all_prices = np.array([*prices, meter.price])
        other = margin.pack_margin(shelf, meter, reduced, all_prices, loss, self.recovery.deviations)
        if other is not None:
            other = _fill_up(shelf, meter, other, order, gain)
            better = net_gain(meter, gain, other) - known
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
