"""Upper bounds on the value of any placement, without solving.

Both are valid with serve limits, fill windows, pins and any service order: each only leaves rules out.
Long sums are numpy's own, not the linear algebra library's, whose last digits depend on its threads.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.feasibility import forced_files
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Prices

_BLOCK = 20_000
"""Files worked on at once in a mesh."""


def best(problem: PlacementProblem, prices: Prices | None = None) -> float:
    """The least of the bounds that can be had: trivial, and Lagrangian where prices are known."""
    bound = trivial(problem)
    return bound if prices is None else min(bound, lagrangian(problem, prices))


def trivial(problem: PlacementProblem) -> float:
    """Every demand served by the best cache that may hold the file, at no cost but that of the pins."""
    worth = 0.0
    allowed = [problem.allowed(cache) for cache in range(problem.cache_count)]
    for point in range(len(problem.points.region)):
        top = np.zeros(problem.file_count)
        for cache, value in zip(*problem.options(point), strict=True):
            np.maximum(top, value * allowed[cache], out=top)
        worth += float((problem.point_demand(point) * top).sum())
    return worth - sum(_pin_cost(problem, cache) for cache in range(problem.cache_count))


def lagrangian(problem: PlacementProblem, prices: Prices) -> float:
    """Storage, fill and serve limits priced instead of kept; NaN prices count as 0.

    Any prices give a valid bound, good prices a close one. With all caches in one tree whose worth belongs
    to the cache, each file's best holdings at these prices are found exactly (from the leaves up, one state
    per worth that an ancestor may offer); otherwise a dual ascent bounds them (Erlenkotter, A dual-based
    procedure for uncapacitated facility location, Operations Research 26, 1978).
    """
    storage, fill, serve = (np.maximum(np.nan_to_num(p), 0.0) for p in (prices.storage, prices.fill, prices.serve))
    serve = np.where(np.isfinite(problem.serve_limit_bytes), serve, 0.0)
    limit = np.where(np.isfinite(problem.serve_limit_bytes), problem.serve_limit_bytes, 0.0)
    constant = float(storage @ problem.storage_bytes + fill @ problem.fill_budget_bytes + serve @ limit)
    rent = _Rent(problem, storage, fill)
    tree = _tree(problem)
    files = _by_tree(problem, tree, serve, rent) if tree is not None else _by_ascent(problem, serve, rent)
    return constant + files


class _Rent:
    """Per cache: what holding each file costs at the prices; inf where it may not be held."""

    def __init__(self, problem: PlacementProblem, storage: Floats, fill: Floats) -> None:
        self.problem, self.storage, self.fill = problem, storage, fill

    def of(self, cache: int) -> tuple[Floats, Bools]:
        """[F] cost of holding, and [F] whether holding is forced."""
        problem = self.problem
        entry = self.fill[cache] + problem.fill_cost_per_byte[cache]
        per_byte = self.storage[cache] + np.where(problem.held_mask(cache), 0.0, entry)
        cost = np.where(problem.allowed(cache), per_byte * problem.size_bytes, np.inf)
        return cost, forced_files(problem, cache)


def _pin_cost(problem: PlacementProblem, cache: int) -> float:
    if not problem.pinned[cache].size:
        return 0.0
    new = forced_files(problem, cache) & ~problem.held_mask(cache)
    return float(problem.fill_cost_per_byte[cache] * problem.size_bytes[new].sum())


def _tree(problem: PlacementProblem) -> tuple[Ints, Floats] | None:
    """Next cache of each cache (-1: origin) and its value, if every order follows the same chain."""
    points = problem.points
    follower = np.full(len(points.cache), -1, dtype=np.int64)
    follower[:-1] = points.cache[1:]
    follower[points.start[1:][np.diff(points.start) > 0] - 1] = -1
    parent = np.full(problem.cache_count, -1, dtype=np.int64)
    value = np.zeros(problem.cache_count)
    parent[points.cache], value[points.cache] = follower, points.value_per_byte
    same = (parent[points.cache] == follower) & (value[points.cache] == points.value_per_byte)
    return (parent, value) if same.all() and (_depths(parent) >= 0).all() else None


def follows_tree(problem: PlacementProblem) -> bool:
    """Whether all service orders follow one tree in which worth belongs to the cache, not to the client."""
    return _tree(problem) is not None


def _depths(parent: Ints) -> Ints:
    """[C] number of caches above each; -1 on a cycle."""
    depth, at = np.zeros(len(parent), dtype=np.int64), parent.copy()
    for _ in range(len(parent)):
        if (at < 0).all():
            return depth
        depth += at >= 0
        at = np.where(at >= 0, parent[at], -1)
    return np.where(at >= 0, -1, depth)


def _by_tree(problem: PlacementProblem, tree: tuple[Ints, Floats], serve: Floats, rent: _Rent) -> float:
    parent, value = tree
    worth = np.maximum(value - serve, 0.0)
    starts: dict[int, list[int]] = {}
    asks = np.flatnonzero(np.diff(problem.points.start) > 0)
    for point in asks:
        starts.setdefault(int(problem.points.cache[problem.points.start[point]]), []).append(int(point))
    below: dict[int, dict[float, Floats]] = {}
    total = 0.0
    for node in np.argsort(-_depths(parent), kind="stable"):
        best_of = _best_subtree(problem, int(node), parent, worth, starts, below.pop(int(node), {}), rent)
        if parent[node] < 0:
            total += float(best_of[0.0].sum())
            continue
        above = below.setdefault(int(parent[node]), {})
        for state, amount in best_of.items():
            above[state] = above[state] + amount if state in above else amount
    return total


def _best_subtree(
    problem: PlacementProblem,
    node: int,
    parent: Ints,
    worth: Floats,
    starts: dict[int, list[int]],
    below: dict[float, Floats],
    rent: _Rent,
) -> dict[float, Floats]:
    """[F] best value of everything below and at a cache, for each worth that its ancestors may offer."""
    demand = np.zeros(problem.file_count)
    for point in starts.get(node, ()):
        demand += problem.point_demand(point)
    offers, ancestor = {0.0}, int(parent[node])
    while ancestor >= 0:
        offers.add(float(worth[ancestor]))
        ancestor = int(parent[ancestor])
    cost, forced = rent.of(node)

    def value_at(state: float) -> Floats:
        beneath = below.get(state)
        return demand * state if beneath is None else demand * state + beneath

    result = {}
    for state in offers:
        holding = value_at(max(state, float(worth[node]))) - cost
        result[state] = np.where(forced, holding, np.maximum(value_at(state), holding))
    return result


def _by_ascent(problem: PlacementProblem, serve: Floats, rent: _Rent) -> float:
    """Lower every demand's price from its best worth as far as the rents of the caches allow."""
    costs = [rent.of(cache) for cache in range(problem.cache_count)]
    forced_rent = sum(float(cost[forced].sum()) for cost, forced in costs)
    total = 0.0
    for first in range(0, problem.file_count, _BLOCK):
        cut = slice(first, first + _BLOCK)
        slack = np.array([np.where(forced[cut], 0.0, cost[cut]) for cost, forced in costs])
        total += sum(_lowest_price(problem, point, cut, slack, serve) for point in range(len(problem.points.region)))
    return total - forced_rent


def _lowest_price(problem: PlacementProblem, point: int, cut: slice, slack: Floats, serve: Floats) -> float:
    """What a point's bytes still pay, summed over the files; what they are spared is taken off the slack of caches."""
    caches, values = problem.options(point)
    demand = problem.point_demand(point)[cut]
    worth = (values - serve[caches])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = worth - slack[caches] / demand
    price = np.where(demand > 0, floor.max(axis=0, initial=0.0), 0.0)
    slack[caches] -= demand * np.maximum(worth - price, 0.0)
    return float((demand * price).sum())
