"""Trees, cores and prices for the tests of this package."""

from __future__ import annotations

from itertools import product

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.bound import NodePrices
from fillplan_optimizer.decomposition.core import Breadth, Core, Levels, build
from fillplan_optimizer.decomposition.descent import Effort, TwoTiers, descend, zero_levels
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.shelf import Shelf, spare, unmetered
from fillplan_optimizer.decomposition.tree import Tree, read_tree
from fillplan_optimizer.groups import split
from fillplan_optimizer.problem import PlacementProblem
from tests.optimizer.instances import network, tiny


def trees(problem: PlacementProblem) -> list[Tree]:
    """The tree of each group."""
    found = [read_tree(group.problem(problem)) for group in split(problem)]
    assert all(tree is not None for tree in found)
    return [tree for tree in found if tree is not None]


def small_tree(seed: int, **options: object) -> Tree:
    """A group of a few edges and some hundred files, with everything on."""
    problem = network(25, 4, 1, seed, **{"serve_share": 0.5, **options})  # type: ignore[arg-type]
    return max(trees(problem), key=lambda tree: tree.node_count)


def tiny_trees(seed: int, **options: object) -> list[Tree]:
    """The groups of a tiny problem that are two tiers high at most."""
    shape = ["one-tier", "two-tier"][seed % 2]
    problem = tiny(seed, shape=shape, monotone=seed % 5 != 0, **options)  # type: ignore[arg-type]
    return [tree for tree in trees(problem) if tree.two_tiers]


def whole_core(tree: Tree) -> Core:
    """All pairs that can be worth anything, nothing settled."""
    return build(tree, Breadth(np.full(tree.node_count, np.inf)), np.zeros_like(tree.held))


def random_levels(core: Core, rng: np.random.Generator, scale: float) -> Levels:
    """Prices of the size of `scale` per byte, some of them zero; companion prices consistent."""
    nodes = len(core.value)
    storage, fill = (rng.exponential(scale, nodes) * (rng.random(nodes) < 0.7) for _ in range(2))
    serve = np.where(np.isfinite(core.serve), rng.random(nodes) * core.value, 0.0)
    tie = np.zeros(len(core.at))
    paying = core.follower[rng.random(len(core.follower)) < 0.5]
    tie[paying] = rng.exponential(scale, len(paying)) * core.size[core.at[paying]]
    np.subtract.at(tie, core.leader[core.unit[paying]], tie[paying])
    return Levels(storage, fill, serve, tie)


def random_prices(tree: Tree, rng: np.random.Generator) -> NodePrices:
    """Any prices at all, as a bound must stand them."""
    nodes = tree.node_count
    scale = float(tree.value.max() * tree.reach(0).sum() / max(1.0, tree.size.sum()))
    storage, fill = (rng.exponential(scale, nodes) * (rng.random(nodes) < 0.7) for _ in range(2))
    serve = np.where(np.isfinite(tree.serve), rng.random(nodes) * 1.2 * tree.value, 0.0)
    files, ties = [], []
    for node in range(nodes):
        allowed = tree.allowed[node]
        has = np.flatnonzero((tree.companion >= 0) & allowed)
        has = has[allowed[tree.companion[has]]]
        has = has[rng.random(len(has)) < 0.5]
        files.append(has)
        ties.append(rng.exponential(scale, len(has)) * tree.size[has])
    return NodePrices(storage, fill, serve, tuple(files), tuple(ties))


def isolated(seed: int, limited: bool) -> tuple[Core, Levels, int, Floats, Floats]:
    """A swept core with one edge's part taken out of `off` and `on`."""
    tree = small_tree(seed)
    core = whole_core(tree)
    levels = zero_levels(core)
    TwoTiers(core, levels).sweep(0.0)
    off, on = np.zeros(len(core.file)), np.zeros(len(core.file))
    kernels.refresh(core, levels, off, on)
    edges = [n for n in range(1, tree.node_count) if np.isfinite(core.serve[n]) == limited]
    node = edges[seed % len(edges)] if edges else 1
    kernels.add_edge(core, levels, node, off, on, -1.0)
    return core, levels, node, off, on


def keeps_company(shelf: Shelf, hold: Bools) -> bool:
    """Whether every follower that is held has its leader."""
    follows = shelf.company >= 0
    return bool((~hold[follows] | hold[shelf.leader[shelf.company[follows]]]).all())


def best_subset(shelf: Shelf, gain: Floats, within: bool = True) -> float:
    """Most that any allowed choice gains; without limits if not `within`."""
    best = -np.inf
    for bits in product([False, True], repeat=len(shelf.size)):
        hold = np.array(bits, dtype=np.bool_)
        if (shelf.pinned & ~hold).any() or not keeps_company(shelf, hold):
            continue
        if not within or (spare(shelf, unmetered(shelf), hold) >= 0).all():
            best = max(best, float(gain[hold].sum()))
    return best


def packings(seeds: range) -> list[tuple[Shelf, Floats, Bools, float]]:
    """Shelf, gain, choice and most loss of every node of tiny trees."""
    found = []
    for seed in seeds:
        for tree in tiny_trees(seed, files=9):
            plan = Plan(descend(tree, Effort()), Recovery())
            for node, shelf in enumerate(plan.shelves):
                worth = tree.value[node] * shelf.demand
                hold, loss = plan.pack_close(node, worth)
                found.append((shelf, worth - shelf.cost * shelf.fresh, hold, loss))
    return found
