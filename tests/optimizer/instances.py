"""Placement problems for tests and benchmarks: realistic networks, and small ones with every trap.

`network` makes trees like a video CDN's at any size (S, M, L, XL of the benchmarks); `tiny` makes problems
of a few files and caches with round numbers, so that ties, full stores and empty windows are common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.problem import DemandPoints, PlacementProblem
from fillplan_optimizer.result import Placement

SIZES = {"S": (200, 8, 2), "M": (2_000, 60, 6), "L": (10_000, 300, 20), "XL": (20_000, 1_000, 50)}
"""Titles, edges, parents."""

_RUNGS_KBPS = np.array([235, 750, 1750, 3000, 5800, 15600])
_RUNG_SHARE = np.array([0.03, 0.09, 0.22, 0.28, 0.30, 0.08])


def network(
    titles: int = 200,
    edges: int = 8,
    parents: int = 2,
    seed: int = 0,
    *,
    edge_storage: tuple[float, float] = (0.03, 0.15),
    parent_storage: tuple[float, float] = (0.15, 0.4),
    fill_share: tuple[float, float] = (0.02, 0.12),
    serve_share: float = 0.2,
    pins: int = 2,
) -> PlacementProblem:
    """A two-tier tree with stale inventories; shares are of the catalogue (storage) and of storage (fill).

    `serve_share` is the part of the edges that have a serve limit, which then binds.
    """
    rng = np.random.default_rng(seed)
    title, size, companion, weight = _catalogue(rng, titles)
    regions = max(2, edges // 3)
    demand = _demand(rng, regions, title, weight, size)
    caches = parents + edges
    tier = np.r_[np.zeros(parents, dtype=np.int64), np.ones(edges, dtype=np.int64)]
    parent = np.r_[np.full(parents, -1), np.sort(rng.integers(0, parents, edges))]
    value = np.where(tier == 1, rng.uniform(0.8, 1.3, caches), rng.uniform(0.25, 0.5, caches)) * 1e-9
    share_of_catalogue = np.where(tier == 1, rng.uniform(*edge_storage, caches), rng.uniform(*parent_storage, caches))
    storage = np.floor(share_of_catalogue * size.sum()).astype(np.int64)
    budget = np.floor(storage * rng.uniform(*fill_share, caches)).astype(np.int64)
    home = np.concatenate([np.arange(regions), rng.integers(0, regions, max(0, edges - regions))])[:edges]
    share = rng.dirichlet(np.full(edges, 4.0))
    share = 0.97 * share / np.bincount(home, weights=share, minlength=regions)[home]
    stale = demand * rng.lognormal(0.0, 0.7, demand.shape) * (rng.random(demand.shape) > 0.04)
    rights = np.repeat(rng.random((1, titles)) > 0.01, caches, axis=0)
    held = [_inventory(stale, home, share, parent, c, parents, size, storage[c]) for c in range(caches)]
    problem = _assembled(
        size_bytes=size,
        title=title,
        companion=companion,
        storage_bytes=storage,
        fill_budget_bytes=budget,
        serve_limit_bytes=_limits(rng, share * demand.sum(axis=1)[home], parents, serve_share),
        fill_cost_per_byte=np.full(caches, 0.03e-9),
        parent=parent,
        points=tree_points(home, share, np.arange(parents, caches), parent, value),
        demand_bytes=demand,
        rights=rights,
        held=tuple(np.sort(h) for h in held),
        blocked=tuple(np.sort(rng.choice(len(size), 3, replace=False)) for _ in range(caches)),
    )
    return _with_pins(problem, rng, pins)


def meshed(problem: PlacementProblem, seed: int = 0, others: int = 4) -> PlacementProblem:
    """The same network where every point also asks some other caches, farther away than its own."""
    rng, old = np.random.default_rng(seed), problem.points
    cache, value, start = [], [], [0]
    for point in range(len(old.region)):
        mine = slice(old.start[point], old.start[point + 1])
        strangers = np.setdiff1d(np.arange(problem.cache_count), old.cache[mine])
        more = rng.choice(strangers, min(others, len(strangers)), replace=False)
        asked = np.r_[old.cache[mine], more]
        worth = np.r_[old.value_per_byte[mine], old.value_per_byte[mine].max() * rng.uniform(0.1, 0.9, len(more))]
        order = np.argsort(-worth, kind="stable")
        cache.append(asked[order])
        value.append(worth[order])
        start.append(start[-1] + len(asked))
    points = replace(
        old, start=np.array(start, dtype=np.int64), cache=np.concatenate(cache), value_per_byte=np.concatenate(value)
    )
    return replace(problem, points=points, parent=np.full(problem.cache_count, -1))


def tree_points(region: Ints, share: Floats, cache: Ints, parent: Ints, value: Floats) -> DemandPoints:
    """Points of a tree: each asks its cache, then that one's parent, and so on."""
    orders = []
    for first in cache:
        order = [int(first)]
        while parent[order[-1]] >= 0:
            order.append(int(parent[order[-1]]))
        orders.append(order)
    flat = np.array([c for order in orders for c in order], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum([len(order) for order in orders])]).astype(np.int64)
    return DemandPoints(np.asarray(region, dtype=np.int64), np.asarray(share, float), start, flat, value[flat])


def mesh_points(orders: list[list[tuple[int, float]]]) -> DemandPoints:
    """Points of a mesh, one region each: (cache, value per byte), sorted here by falling value."""
    ranked = [sorted(order, key=lambda pair: (-pair[1], pair[0])) for order in orders]
    start = np.concatenate([[0], np.cumsum([len(order) for order in ranked])]).astype(np.int64)
    cache = np.array([c for order in ranked for c, _ in order], dtype=np.int64)
    value = np.array([v for order in ranked for _, v in order], dtype=np.float64)
    return DemandPoints(np.arange(len(orders)), np.ones(len(orders)), start, cache, value)


def tiny(
    seed: int,
    *,
    shape: str | None = None,
    files: int = 5,
    limits: bool | None = None,
    monotone: bool = True,
) -> PlacementProblem:
    """A problem of at most four caches and `files` files with everything on: pins that fit, blocks, rights,
    companions, zero budgets and stores, caches without demand, equal densities, serve limits.

    `shape`: one-tier, two-tier, three-tier or mesh (default: any). `monotone`: a parent is worth no more
    than its child.
    """
    rng = np.random.default_rng(seed)
    shape = shape or str(rng.choice(["one-tier", "two-tier", "three-tier", "mesh"]))
    caches = int(rng.integers(1, 5)) if shape != "three-tier" else 4
    parent = _tiny_parents(rng, shape, caches)
    regions = int(rng.integers(1, 4))
    size, title, companion = _tiny_catalogue(rng, files)
    demand = rng.integers(0, 8, (regions, files)).astype(float) * (rng.random((regions, files)) < 0.8)
    if rng.random() < 0.3:
        demand = np.repeat((size * rng.integers(0, 3))[None, :], regions, axis=0).astype(float)
    storage = rng.integers(0, int(size.sum()) + 1, caches)
    budget = np.where(rng.random(caches) < 0.25, 0, rng.integers(0, int(size.sum()) + 1, caches))
    value = _tiny_value(rng, parent, monotone)
    if limits is None:
        limits = bool(rng.random() < 0.4)
    limit = np.full(caches, np.inf)
    if limits:
        limit = np.where(rng.random(caches) < 0.6, rng.integers(0, 25, caches), np.inf)
    points = _tiny_points(rng, shape, regions, caches, parent, value)
    problem = _assembled(
        held=tuple(_fit(rng, size, storage[c]) for c in range(caches)),
        size_bytes=size,
        title=title,
        companion=companion,
        storage_bytes=storage,
        fill_budget_bytes=budget,
        serve_limit_bytes=limit,
        fill_cost_per_byte=rng.choice([0.0, 0.1, 0.7], caches),
        parent=parent,
        points=points,
        demand_bytes=demand,
        rights=rng.random((caches, int(title.max()) + 1)) > 0.08,
        blocked=tuple(np.flatnonzero(rng.random(files) < 0.08) for _ in range(caches)),
    )
    return _with_pins(problem, rng, int(rng.integers(0, 3)))


def _assembled(**arrays: Any) -> PlacementProblem:
    """A problem without pins, its caches and files named by number."""
    caches, files = len(arrays["parent"]), len(arrays["size_bytes"])
    whole = ("size_bytes", "title", "companion", "storage_bytes", "fill_budget_bytes", "parent")
    arrays |= {name: np.asarray(arrays[name], dtype=np.int64) for name in whole}
    blank: Ints = np.zeros(0, dtype=np.int64)
    return PlacementProblem(
        cache_ids=tuple(f"c{c}" for c in range(caches)),
        file_ids=tuple(f"f{f}" for f in range(files)),
        **{"pinned": tuple(blank for _ in range(caches)), **arrays},
    )


def _limits(rng: np.random.Generator, edge_bytes: Floats, parents: int, serve_share: float) -> Floats:
    """Serve limits of 30 to 70 % of what some of the edges are asked for; none elsewhere."""
    limit = np.full(parents + len(edge_bytes), np.inf)
    limited = rng.random(len(edge_bytes)) < serve_share
    limit[parents:][limited] = edge_bytes[limited] * rng.uniform(0.3, 0.7, int(limited.sum()))
    return limit


def _catalogue(rng: np.random.Generator, titles: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Per file: title, size, main audio of its title for videos, weight in its title's bytes."""
    runtime_s = rng.choice([1500, 2700, 6600], titles, p=[0.45, 0.35, 0.2]) * rng.uniform(0.8, 1.2, titles)
    rows: list[tuple[int, float, int, float]] = []
    for t in range(titles):
        audios, subtitles = int(rng.integers(1, 4)), int(rng.integers(0, 4))
        first_audio = len(rows)
        audio_bytes = runtime_s[t] * 128e3 / 8
        rows.extend((t, audio_bytes, -1, 128 * share) for share in rng.dirichlet(np.full(audios, 1.5)))
        top = int(rng.integers(4, 7))
        for rung in range(6 - top, 6) if rng.random() < 0.5 else range(top):
            bytes_ = runtime_s[t] * _RUNGS_KBPS[rung] * 1e3 / 8
            share = _RUNG_SHARE[rung] * rng.lognormal(0, 0.3)
            rows.append((t, bytes_, first_audio, _RUNGS_KBPS[rung] * share))
        rows.extend((t, runtime_s[t] * 20.0, -1, 0.16 * rng.random()) for _ in range(subtitles))
    title, size, companion, weight = (np.array(column) for column in zip(*rows, strict=True))
    return (
        title.astype(np.int64),
        np.ceil(size).astype(np.int64),
        companion.astype(np.int64),
        weight.astype(float),
    )


def _demand(rng: np.random.Generator, regions: int, title: Ints, weight: Floats, size: Ints) -> Floats:
    titles = int(title.max()) + 1
    popularity = 1.0 / (np.arange(titles) + 8.0) ** 0.9
    popularity = rng.permutation(popularity / popularity.sum())
    taste = rng.lognormal(0.0, 0.9, (regions, titles)) * (rng.random((regions, titles)) > 0.03)
    share = rng.lognormal(0.0, 0.35, (regions, len(title)))
    demand: Floats = (popularity * taste)[:, title] * weight * share
    per_region = rng.lognormal(0.0, 1.0, (regions, 1)) * size.sum() * 3
    return demand / demand.sum(axis=1, keepdims=True) * per_region


def _inventory(
    stale: Floats,
    home: Ints,
    share: Floats,
    parent: Ints,
    cache: int,
    parents: int,
    size: Ints,
    room: int,
) -> Ints:
    below = np.flatnonzero(parent[parents:] == cache) if cache < parents else np.array([cache - parents])
    expected = share[below] @ stale[home[below]] if below.size else stale.sum(axis=0)
    order = np.argsort(-expected / size, kind="stable")
    return order[np.cumsum(size[order]) <= room * 0.97]


def _with_pins(problem: PlacementProblem, rng: np.random.Generator, pins: int) -> PlacementProblem:
    """Pin a few files where they and their companions fit storage and tonight's fill."""
    pinned = []
    for cache in range(problem.cache_count):
        allowed, held = problem.allowed(cache), problem.held_mask(cache)
        chosen: set[int] = set()
        for file in rng.permutation(np.flatnonzero(allowed))[:pins]:
            want = chosen | {int(file)}
            need = want | {int(c) for c in problem.companion[list(want)] if c >= 0 and allowed[c]}
            index = np.array(sorted(need))
            fits = problem.size_bytes[index].sum() <= problem.storage_bytes[cache]
            if fits and problem.size_bytes[index[~held[index]]].sum() <= problem.fill_budget_bytes[cache]:
                chosen = want
        pinned.append(np.array(sorted(chosen), dtype=np.int64))
    return replace(problem, pinned=tuple(pinned))


def _tiny_catalogue(rng: np.random.Generator, files: int) -> tuple[Ints, Ints, Ints]:
    """Size, title and companion of a few files."""
    size = rng.integers(1, 6, files)
    title = np.sort(rng.integers(0, max(1, files // 2), files))
    companion = np.full(files, -1)
    for t in np.unique(title):
        members = np.flatnonzero(title == t)
        if len(members) > 1 and rng.random() < 0.7:
            companion[members[1:]] = members[0]
    return size, title, companion


def _tiny_value(rng: np.random.Generator, parent: Ints, monotone: bool) -> Floats:
    """Worth per byte of each cache: round numbers; if monotone, none above any of its children's."""
    depth = np.array([_depth(parent, c) for c in range(len(parent))])
    if not monotone:
        return rng.integers(1, 5, len(parent)) * 1.0
    value = (depth + 1.0) * rng.choice([1.0, 1.5], len(parent))
    for c in np.argsort(-depth):
        if parent[c] >= 0:
            value[parent[c]] = min(value[parent[c]], value[c])
    return value


def _tiny_parents(rng: np.random.Generator, shape: str, caches: int) -> Ints:
    parent = np.full(caches, -1)
    if shape == "two-tier" and caches > 1:
        parent[1:] = np.where(rng.random(caches - 1) < 0.8, 0, -1)
    if shape == "three-tier":
        parent[:] = [-1, 0, 1, int(rng.integers(0, 2))]
    return parent


def _tiny_points(
    rng: np.random.Generator, shape: str, regions: int, caches: int, parent: Ints, value: Floats
) -> DemandPoints:
    if shape == "mesh":
        return mesh_points(
            [
                [(int(c), float(rng.integers(1, 5))) for c in rng.permutation(caches)[: rng.integers(0, caches + 1)]]
                for _ in range(regions)
            ]
        )
    served = np.flatnonzero(
        (rng.random(caches) < 0.8) & ~np.isin(np.arange(caches), parent[parent >= 0]) | (rng.random(caches) < 0.3)
    )
    home = rng.integers(0, regions, len(served))
    share = np.array([rng.choice([0.25, 0.5, 1.0]) / max(1, (home == home[i]).sum()) for i in range(len(served))])
    return tree_points(home, share, served, parent, value)


def _depth(parent: Ints, cache: int) -> int:
    return 0 if parent[cache] < 0 else 1 + _depth(parent, int(parent[cache]))


def _fit(rng: np.random.Generator, size: Ints, room: int) -> Ints:
    order = rng.permutation(len(size))[: rng.integers(0, len(size) + 1)]
    return np.sort(order[np.cumsum(size[order]) <= room])


def tree(
    parent: list[int],
    value: list[float],
    size: list[int],
    demand: list[list[float]],
    *,
    home: list[int] | None = None,
    storage: list[int] | None = None,
    budget: list[int] | None = None,
    limit: list[float] | None = None,
    fill_cost: float = 0.0,
    companion: list[int] | None = None,
    held: list[list[int]] | None = None,
    pinned: list[list[int]] | None = None,
    blocked: list[list[int]] | None = None,
    closed: Sequence[tuple[int, int]] = (),
) -> PlacementProblem:
    """A tree by hand: `demand` has one row per region, whose clients ask cache `home` first (default: the
    first caches in order). Room, fill and serving are unlimited unless given; each file is a title of its own.
    """
    caches, files = len(parent), len(size)
    plenty = [sum(size)] * caches
    first = np.array(list(range(len(demand))) if home is None else home)
    rights = np.ones((caches, files), dtype=np.bool_)
    for cache, file in closed:
        rights[cache, file] = False
    indices = lambda lists: tuple(np.array(x, dtype=np.int64) for x in (lists or [[]] * caches))  # noqa: E731
    order = tree_points(np.arange(len(demand)), np.ones(len(demand)), first, np.array(parent), np.array(value, float))
    return _assembled(
        size_bytes=size,
        title=np.arange(files),
        companion=companion or [-1] * files,
        storage_bytes=storage or plenty,
        fill_budget_bytes=budget or plenty,
        serve_limit_bytes=np.array(limit or [np.inf] * caches, dtype=np.float64),
        fill_cost_per_byte=np.full(caches, fill_cost),
        parent=parent,
        points=order,
        demand_bytes=np.array(demand, dtype=np.float64).reshape(len(demand), files),
        rights=rights,
        held=indices(held),
        pinned=indices(pinned),
        blocked=indices(blocked),
    )


def placement(*files: list[int]) -> Placement:
    """A placement by hand: the files of each cache."""
    return Placement(tuple(np.array(held, dtype=np.int64) for held in files))


def changed(problem: PlacementProblem, seed: int) -> PlacementProblem:
    """Other demand, limits and inventory, the same caches and files; pins that may no longer fit are dropped."""
    rng = np.random.default_rng(seed)
    noise = rng.lognormal(0.0, 0.3, problem.demand_bytes.shape)
    blank = np.zeros(0, dtype=np.int64)
    return replace(
        problem,
        demand_bytes=problem.demand_bytes * noise,
        storage_bytes=(problem.storage_bytes * rng.uniform(0.6, 1.2, problem.cache_count)).astype(np.int64),
        fill_budget_bytes=(problem.fill_budget_bytes * rng.uniform(0.5, 1.3, problem.cache_count)).astype(np.int64),
        held=tuple(held[rng.random(len(held)) < 0.8] for held in problem.held),
        pinned=(blank,) * problem.cache_count,
    )
