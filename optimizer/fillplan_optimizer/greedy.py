"""Fast placers without a solver: density greedy, and the two simple methods it must beat.

All three keep every limit, pin and companion; they differ in what they believe a file is worth.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer import bounds, packing
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.merging import by_group
from fillplan_optimizer.orders import farthest_position, positions
from fillplan_optimizer.packing import Offer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices, Status
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing, local_prices
from fillplan_optimizer.start import Start

_TOLERANCE = 1e-6
"""Relative gap below which a placement counts as proven optimal."""

_WORTH_A_ROUND = 1e-6
"""Relative gain below which no further round is tried."""


class DensityGreedy:
    """Rank by marginal worth per byte, cache by cache, in rounds; the strongest of the simple methods.

    Marginal means: of what nearer caches miss, and only what it adds over the caches behind. A round goes
    from the edges to their parents (where a parent is worth more than a child, also the other way); then
    each chooses again given the others. The best round by value is kept. At the end room left over keeps
    what is held already where that does no harm: keeping costs nothing and protects against demand that
    nobody foresaw, so files worth 0 may stay.
    """

    name = "greedy"

    def __init__(self, rounds: int = 4) -> None:
        self.rounds = rounds

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """A good placement with a valid bound; a start changes nothing. Raises Infeasible if pins cannot be met."""
        return by_group(problem, lambda group: self._place_group(group.problem(problem)), self.name)

    def _place_group(self, problem: PlacementProblem) -> PlacementResult:
        standing = Standing(problem)
        order = _deepest_first(problem)
        ways = [order, order[::-1]] if _worth_grows(problem) else [order]
        _, placement = max((self._search(standing, way) for way in ways), key=lambda found: found[0])
        standing.set(placement)
        prices = local_prices(standing)
        return _result(problem, keep_what_is_there(standing), self.name, prices)

    def _search(self, standing: Standing, order: Ints) -> tuple[float, Placement]:
        """Rounds from empty caches until one gains nothing; the best value and its placement."""
        nothing = Placement(tuple(order[:0] for _ in order))
        return _rounds(standing, order, (-np.inf, nothing), self.rounds)


def chosen_again(problem: PlacementProblem, placement: Placement, rounds: int = 2) -> tuple[float, Placement]:
    """A placement within all limits after every cache chose again given the others, serve limits among what it sees;
    the best of the rounds by value, or what was there.
    """
    first = net_value(problem, placement), placement
    return _rounds(Standing(problem), _deepest_first(problem), first, rounds)


def _rounds(standing: Standing, order: Ints, best: tuple[float, Placement], rounds: int) -> tuple[float, Placement]:
    standing.set(best[1])
    for _ in range(rounds):
        for cache in order.tolist():
            offer = standing.offer(cache)
            standing.put(cache, packing.choose(offer), offer.load_bytes)
        value = net_value(standing.problem, standing.placement())
        if value <= best[0] + _WORTH_A_ROUND * abs(best[0]):
            break
        best = value, standing.placement()
    return best


class TopK:
    """The list that operators use today: most requested bytes per byte of size over all regions, the same
    ranking at every cache. It does not see what other caches hold, so parents repeat their children.
    """

    name = "topk"

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Fill every cache from one global ranking. Raises Infeasible if the pins cannot be met."""
        popularity = problem.demand_bytes.sum(axis=0)
        return _each_cache(problem, popularity, lambda offer: offer, self.name)


class KeepInventory:
    """Nothing new but pins: what is held stays as far as the rules let it (rights, pins, audio with its video),
    the least popular goes where it no longer fits. Not quite what doing nothing gives, which breaks those rules.
    """

    name = "keep"

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Keep what is held, as far as allowed. Raises Infeasible if the pins cannot be met."""
        popularity = problem.demand_bytes.sum(axis=0) + 1e-9 * problem.size_bytes

        def only_held(offer: Offer) -> Offer:
            return replace(offer, allowed=offer.allowed & (offer.held | offer.forced))

        return _each_cache(problem, popularity, only_held, self.name)


def keep_what_is_there(standing: Standing) -> Placement:
    """Use room left over for files held already: those that still add worth first, then those worth nothing.

    A file that would take bytes from a cache worth more is not kept. Gives the placement as it was if
    keeping lowers the value, as it can behind serve limits.
    """
    problem, before = standing.problem, standing.placement()
    added = [_keep(standing, cache) for cache in _deepest_first(problem).tolist()]
    lazy = standing.placement()
    return lazy if any(added) and net_value(problem, lazy) >= net_value(problem, before) else before


def _keep(standing: Standing, cache: int) -> bool:
    """Let one cache keep what it has room for; says whether there was anything."""
    blank, kept = standing.blank_offer(cache), standing.hold[cache]
    room = blank.storage_bytes - int(blank.size_bytes[kept].sum())
    able = blank.held & blank.allowed & ~kept & (blank.size_bytes <= room)
    if not able.any():
        return False
    offer = standing.offer(cache)
    candidate = np.flatnonzero(able & (offer.gain >= 0))
    order = candidate[np.argsort(-(offer.gain / offer.size_bytes)[candidate], kind="stable")]
    for stage in (order[offer.companion[order] < 0], order[offer.companion[order] >= 0]):
        stage = stage[(offer.companion[stage] < 0) | kept[offer.companion[stage]]]
        room = offer.storage_bytes - int(offer.size_bytes[kept].sum())
        kept[stage[packing.pack(offer.size_bytes[stage], room)]] = True
    standing.put(cache, kept, offer.load_bytes)
    return True


def _each_cache(
    problem: PlacementProblem, popularity: Floats, narrow: Callable[[Offer], Offer], name: str
) -> PlacementResult:
    """Let every cache fill itself by the same popularity [F], blind to the others and to costs."""
    start = time.perf_counter()
    check_pins(problem)
    standing = Standing(problem)
    for cache in range(problem.cache_count):
        blind = standing.blank_offer(cache)
        offer = replace(blind, gain=popularity, serve_limit_bytes=np.inf, fill_cost_per_byte=0.0)
        standing.hold[cache] = packing.choose(narrow(offer))
    result = _result(problem, standing.placement(), name, Prices.unknown(problem.cache_count))
    return replace(result, seconds=time.perf_counter() - start)


def _result(problem: PlacementProblem, placement: Placement, name: str, prices: Prices) -> PlacementResult:
    value = net_value(problem, placement)
    bound = max(bounds.best(problem, prices), value)
    status: Status = "optimal" if bound - value <= _TOLERANCE * abs(bound) else "feasible"
    return PlacementResult(status, placement, value, bound, name, 0.0, prices)


def _deepest_first(problem: PlacementProblem) -> Ints:
    """Caches nearest to the clients first; within a tier by falling worth of all demand that asks there."""
    points = problem.points
    demand = problem.demand_bytes.sum(axis=1)[points.region] * points.share
    asked: Floats = np.zeros(problem.cache_count)
    np.add.at(asked, points.cache, np.repeat(demand, np.diff(points.start)) * points.value_per_byte)
    return np.lexsort((np.arange(problem.cache_count), -asked, farthest_position(problem)))


def _worth_grows(problem: PlacementProblem) -> bool:
    """Whether some order has a farther cache that is worth more than the one before it."""
    value = problem.points.value_per_byte
    follows = positions(problem) > 0
    return bool((value[follows] > value[np.flatnonzero(follows) - 1]).any())
