"""From a tree to its prices: sweeps until they stop paying, on a core that widens where it must."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.bound import NodePrices
from fillplan_optimizer.decomposition.core import Breadth, Core, Levels, build
from fillplan_optimizer.decomposition.relief import settle_parent_serve
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.problem import Bools, Floats, Ints

_COARSEST, _FINEST = 0.1, 0.01
"""Radius of the joint search for serve prices, as a part of the edge's worth: first, and below which it ends."""


@dataclass(frozen=True)
class Effort:
    """What limits the descent; never the clock."""

    sweeps: int = 60
    """Most sweeps on one core."""
    gain: float = 1e-7
    """A sweep that lowers the bound by less than this part of it is the last."""
    widenings: int = 12
    """Most times that the core is rebuilt wider."""


@dataclass(frozen=True, eq=False)
class Descent:
    """A core with its final prices."""

    core: Core
    levels: Levels
    dual: float
    """Value of the priced problem on the core."""
    sweeps: int


def descend(tree: Tree, effort: Effort, start: Levels | None = None) -> Descent:
    """Lower the bound by sweeps; prices carry over when the core widens."""
    breadth = Breadth.initial(tree)
    core = build(tree, breadth)
    levels = start or zero_levels(core)
    done = 0
    for _ in range(effort.widenings + 1):
        dual, short, sweeps = _sweep_on(core, levels, effort)
        done += sweeps
        if not short.any():
            break
        breadth = breadth.wider(short)
        wider = build(tree, breadth)
        levels = carry_over(core, levels, wider)
        core = wider
    return Descent(core, levels, dual, done)


def zero_levels(core: Core) -> Levels:
    """All prices zero."""
    nodes, entries = len(core.value), len(core.at)
    return Levels(np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(entries))


def copy(levels: Levels) -> Levels:
    """A copy that the kernels do not touch."""
    return Levels(*(price.copy() for price in levels))


def carry_over(old: Core, levels: Levels, new: Core) -> Levels:
    """The same prices on another core; companion prices of pairs that are no longer listed are dropped."""
    tie = np.zeros(len(new.at))
    paying = np.flatnonzero((old.audio >= 0) & (levels.tie > 0))
    node = np.searchsorted(old.start, paying, side="right") - 1
    files = int(max(old.file.max(initial=0), new.file.max(initial=0))) + 1
    keys = _keys(new, files)
    order = np.argsort(keys, kind="stable")
    wanted = node * files + old.file[old.at[paying]]
    place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(order) - 1)]
    same = keys[place] == wanted
    tie[place[same]] = levels.tie[paying[same]]
    np.subtract.at(tie, new.audio[place[same]], levels.tie[paying[same]])
    return Levels(levels.storage.copy(), levels.fill.copy(), levels.serve.copy(), tie)


def node_prices(core: Core, levels: Levels) -> NodePrices:
    """The prices in the form of the bound."""
    files, ties = [], []
    for n in range(len(core.value)):
        entries = np.arange(core.start[n], core.start[n + 1])
        paying = entries[(core.audio[entries] >= 0) & (levels.tie[entries] > 0)]
        files.append(core.file[core.at[paying]])
        ties.append(levels.tie[paying].copy())
    return NodePrices(levels.storage.copy(), levels.fill.copy(), levels.serve.copy(), tuple(files), tuple(ties))


def _keys(core: Core, files: int) -> Ints:
    node = np.repeat(np.arange(len(core.value)), np.diff(core.start))
    return node * files + core.file[core.at]


def _sweep_on(core: Core, levels: Levels, effort: Effort) -> tuple[float, Bools, int]:
    """Sweep in place until the gain is spent; returns the dual, where the core is too narrow, and the sweeps."""
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    kernels.refresh(core, levels, off, on)
    dual, last_gain, radius, count = kernels.dual(core, levels, off, on), np.inf, 0.0, 0
    short = np.zeros(len(core.value), dtype=np.bool_)
    limited = bool(np.isfinite(core.serve[1:]).any())
    while count < effort.sweeps:
        count += 1
        before = copy(levels)
        short[:] = False
        kernels.sweep(core, levels, off, on, short, radius)
        if np.isfinite(core.serve[0]):
            settle_parent_serve(core, levels, off, on)
        swept = kernels.dual(core, levels, off, on)
        gain = dual - swept
        dual = swept
        if gain > 0.5 * last_gain:
            dual = _leap(core, before, levels, dual, off, on)
        last_gain = gain
        if gain <= (1e-4 if short.any() else effort.gain) * abs(dual):
            if short.any() or not limited or 0.0 < radius < _FINEST:
                break
            radius = radius / 4.0 or _COARSEST
    return dual, short, count


def _leap(core: Core, before: Levels, levels: Levels, dual: float, off: Floats, on: Floats) -> float:
    """Go on in the direction of the last sweep as long as that lowers the bound."""
    step = [now - then for now, then in zip(levels[:3], before[:3], strict=True)]
    stretch = 1.0
    while True:
        storage, fill, serve = (
            np.maximum(0.0, now + stretch * change) for now, change in zip(levels[:3], step, strict=True)
        )
        ahead = Levels(storage, fill, serve, levels.tie)
        ahead.fill[:] = np.maximum(ahead.fill, core.floor - ahead.storage)
        kernels.refresh(core, ahead, off, on)
        reached = kernels.dual(core, ahead, off, on)
        if reached >= dual:
            kernels.refresh(core, levels, off, on)
            return dual
        for now, then in zip(levels[:3], ahead[:3], strict=True):
            now[:] = then
        dual = reached
        stretch *= 2.0
