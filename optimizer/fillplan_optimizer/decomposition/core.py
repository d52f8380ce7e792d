"""The core of a tree: only the (cache, file) pairs that prices leave in play.

A pair is worth at most the cache's value times what its clients and those below it request, so a file that
is not held cannot pay while that is below the price of new bytes. Each cache therefore lists its inventory and its
densest new files down to a `floor`; as long as the price of new bytes stays at or above the floor the pairs left
out are zero in every optimum of the priced problem, and the core's prices are those of the full one. Where a price
wants to fall below its floor, the descent asks for a wider core. The bound never relies on any of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.quantile import quantile
from fillplan_optimizer.decomposition.tree import Tree

Index = npt.NDArray[np.int32]


class Core(NamedTuple):
    """K files, N nodes, M entries (node, file); a plain tuple of arrays, as the kernels take it."""

    file: Ints
    """[K] file of the problem."""
    size: Floats
    """[K] bytes."""
    reach: Floats
    """[K] bytes that the parent serves if it alone holds the file."""
    start: Ints
    """[N + 1] entries of node n are start[n] .. start[n + 1] - 1."""
    fresh: Ints
    """[N] first entry of node n that is not held there now; the entries before it are."""
    at: Index
    """[M] position in `file`."""
    demand: Floats
    """[M] bytes that the node serves if it alone holds the file."""
    pinned: Bools
    """[M]."""
    audio: Index
    """[M] entry of the companion at the same node, -1 for none."""
    leader: Ints
    """[A] entries that are companions of others and are not pinned, by entry."""
    leaders: Ints
    """[N + 1] node n's leaders are leader[leaders[n]] .. leader[leaders[n + 1] - 1]."""
    follower: Ints
    """[V] entries with a leader, by leader."""
    followers: Ints
    """[A + 1] leader j's followers are follower[followers[j]] .. follower[followers[j + 1] - 1]."""
    unit: Index
    """[M] number of the leader that an entry follows, -1 for none."""
    leading: Bools
    """[M] whether an entry is a leader."""
    value: Floats
    """[N] worth of a served byte."""
    storage: Floats
    """[N] bytes."""
    fill: Floats
    """[N] bytes."""
    serve: Floats
    """[N] bytes, inf without a limit."""
    cost: Floats
    """[N] fill cost per byte."""
    floor: Floats
    """[N] price of new bytes down to which the core is complete."""
    constant: float
    """Worth of what edges serve of files that are settled, see `settle`."""


class Levels(NamedTuple):
    """Prices on a core, changed in place by the kernels."""

    storage: Floats
    """[N]."""
    fill: Floats
    """[N]."""
    serve: Floats
    """[N]."""
    tie: Floats
    """[M] companion prices: what a video pays to its audio; negative at the audio."""


def copy(levels: Levels) -> Levels:
    """A copy that the kernels do not touch."""
    return Levels(*(price.copy() for price in levels))


def restore(levels: Levels, kept: Levels) -> None:
    """Put a copy's prices back in place."""
    for price, old in zip(levels, kept, strict=True):
        price[:] = old


@dataclass(frozen=True)
class Breadth:
    """How much the core lists: bytes of new files per node."""

    volume: Floats

    @classmethod
    def initial(cls, tree: Tree) -> Breadth:
        """Four times what can be filled; at the parent also what its edges will take away from it."""
        volume = 4.0 * np.minimum(tree.storage, tree.fill)
        for node, below in enumerate(tree.children):
            volume[node] += 2.0 * max((float(volume[child]) for child in below), default=0.0) / 4.0
        return cls(volume + 8.0 * float(tree.size.max(initial=0.0)))

    @classmethod
    def around(cls, tree: Tree, price: Floats) -> Breadth:
        """What is dense enough at prices [N] of new bytes that shall have room to fall by a third."""
        volume = np.zeros(tree.node_count)
        for node in range(tree.node_count):
            density = tree.value[node] * tree.reach(node) / tree.size - tree.cost[node]
            new = tree.allowed[node] & ~tree.held[node] & (density > max(0.0, 0.66 * price[node]))
            volume[node] = tree.size[new].sum()
        return cls(volume + 8.0 * float(tree.size.max(initial=0.0)))

    def wider(self, short: Bools, times: float) -> Breadth:
        """More volume where prices fell to their floor."""
        return Breadth(np.where(short, times * self.volume, self.volume))


def settle(tree: Tree) -> Bools:
    """[N, F] pairs that need no price: held by an edge, and worth it at any storage price that can come about.

    A held file is worth at most the edge's value per requested byte, so the storage price is at most the quantile of
    that (companions counted as surely held); it is worth at least what the edge is worth more than the parent.
    Edges with a serve limit settle nothing.
    """
    settled = np.zeros_like(tree.held)
    for node in range(1, tree.node_count) if tree.two_tiers else ():
        lift = tree.value[node] - tree.value[0]
        if lift > 0 and np.isinf(tree.serve[node]):
            density = np.where(tree.allowed[node], tree.demand(node) / tree.size, 0.0)
            surely = tree.held[node] & (lift * density > _highest_price(tree, node, tree.value[node] * density))
            leader = np.where(tree.companion >= 0, tree.companion, np.arange(tree.file_count))
            free = ~tree.allowed[node][leader] | surely[leader] | tree.pinned[node][leader]
            settled[node] = surely & free
    return settled


def _highest_price(tree: Tree, node: int, density: Floats) -> float:
    """What the storage price cannot exceed when files are worth at most `density` per byte."""
    density = np.where(tree.pinned[node], np.inf, density)
    companion = tree.companion[tree.allowed[node] & (tree.companion >= 0)]
    density[companion[tree.allowed[node][companion]]] = np.inf
    held_only = tree.storage[node] >= tree.fill[node]
    rivals = tree.held[node] if held_only else tree.allowed[node]
    room = float(tree.storage[node] - (tree.fill[node] if held_only else 0.0))
    scratch = np.empty((2, tree.file_count))
    price: float = quantile(density[rivals], tree.size[rivals], 0, int(rivals.sum()), room, 0.0, scratch[0], scratch[1])
    return price


def _open_reach(tree: Tree, settled: Bools) -> tuple[list[Floats], float]:
    """Bytes that each node can be asked for, the parent without what settled copies serve, and the worth of that."""
    reach, constant = [tree.reach(node) for node in range(tree.node_count)], 0.0
    for node in range(1, tree.node_count):
        served = np.where(settled[node], reach[node], 0.0)
        reach[0] = reach[0] - served
        constant += float(tree.value[node] * served.sum())
    return reach, constant


def build(tree: Tree, breadth: Breadth, settled: Bools) -> Core:
    """List the pairs in play; what is settled is taken out of them, of storage and of the parent's reach."""
    reach, constant = _open_reach(tree, settled)
    picks = [
        _entries(tree, node, reach[node], settled[node], float(breadth.volume[node])) for node in range(tree.node_count)
    ]
    listed = np.zeros(tree.file_count, dtype=np.bool_)
    for held, new, _ in picks:
        listed[held] = True
        listed[new] = True
    file = np.flatnonzero(listed)
    place = np.full(tree.file_count, -1, dtype=np.int32)
    place[file] = np.arange(len(file), dtype=np.int32)
    counts = [len(held) + len(new) for held, new, _ in picks]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    chosen = [np.concatenate([held, new]) for held, new, _ in picks]
    entries = list(enumerate(chosen))
    pinned = _join([tree.pinned[node][files] for node, files in entries], np.bool_)
    audio = _join([_audio(tree, files, int(start[node])) for node, files in entries], np.int32)
    leader, follower, followers = _companies(audio, pinned)
    unit, leading = np.full(len(audio), -1, dtype=np.int32), np.zeros(len(audio), dtype=np.bool_)
    unit[follower] = np.repeat(np.arange(len(leader), dtype=np.int32), np.diff(followers))
    leading[leader] = True
    return Core(
        file=file,
        size=tree.size[file],
        reach=reach[0][file],
        start=start,
        fresh=start[:-1] + np.array([len(held) for held, _, _ in picks], dtype=np.int64),
        at=_join([place[files] for files in chosen], np.int32),
        demand=_join([reach[node][files] for node, files in entries], np.float64),
        pinned=pinned,
        audio=audio,
        leader=leader,
        leaders=np.searchsorted(leader, start),
        follower=follower,
        followers=followers,
        unit=unit,
        leading=leading,
        value=tree.value,
        storage=tree.storage - settled @ tree.size,
        fill=tree.fill,
        serve=tree.serve,
        cost=tree.cost,
        floor=np.array([floor for _, _, floor in picks], dtype=np.float64),
        constant=constant,
    )


def _entries(tree: Tree, node: int, reach: Floats, settled: Bools, volume: float) -> tuple[Ints, Ints, float]:
    """Files listed at a node: held ones, new ones, and the price down to which this is complete."""
    allowed, held = tree.allowed[node] & ~settled, tree.held[node]
    worth = tree.value[node] * reach
    density = worth / tree.size - tree.cost[node]
    new = np.flatnonzero(allowed & ~held & (density > 0))
    floor = 0.0
    if tree.size[new].sum() > volume:
        room = np.empty((2, len(new)))
        floor = quantile(density[new], tree.size[new], 0, len(new), volume, 0.0, room[0], room[1])
        new = new[density[new] > floor]
    listed = held & allowed & ((worth > 0) | tree.pinned[node])
    listed[new] = True
    listed |= tree.pinned[node] & ~settled
    companion = tree.companion[listed]
    companion = companion[companion >= 0]
    listed[companion[allowed[companion]]] = True
    return np.flatnonzero(listed & held), np.flatnonzero(listed & ~held), floor


def _audio(tree: Tree, files: Ints, offset: int) -> Index:
    """Entry of each file's companion at a node, whose entries begin at `offset`; -1 without one that it may hold."""
    entry = np.full(tree.file_count + 1, -1, dtype=np.int64)
    entry[files] = offset + np.arange(len(files))
    return entry[tree.companion[files]].astype(np.int32)


def _companies(audio: Index, pinned: Bools) -> tuple[Ints, Ints, Ints]:
    """Leaders, followers, and where each leader's followers start."""
    follower = np.flatnonzero((audio >= 0) & ~pinned[audio])
    follower = follower[np.argsort(audio[follower], kind="stable")]
    leader, first = np.unique(audio[follower], return_index=True)
    followers = np.append(first, len(follower)).astype(np.int64)
    return leader.astype(np.int64), follower.astype(np.int64), followers


def _join(parts: list[Any], kind: npt.DTypeLike) -> Any:
    return np.concatenate(parts).astype(kind)
