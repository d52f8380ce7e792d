"""A placement that was made for another problem, brought within the limits and rules of this one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_optimizer import packing
from fillplan_optimizer.greedy import keep_what_is_there
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing
from fillplan_optimizer.start import Start


def mended(problem: PlacementProblem, placement: Placement) -> Placement:
    """A placement made for another problem, brought within this one's limits and rules.

    What may be held still is; what is forced comes in; where that does not fit, or a main audio is missing, the cache
    chooses anew among these files, given what the others hold.
    """
    standing = Standing(problem)
    standing.set(Placement(tuple(_allowed(standing, cache, files) for cache, files in enumerate(placement.files))))
    for cache in range(problem.cache_count):
        if not _sound(standing, cache):
            offer = standing.offer(cache)
            brought = offer.companion[standing.hold[cache]]
            choice = standing.hold[cache].copy()
            choice[brought[brought >= 0]] = True
            standing.put(cache, packing.choose(replace(offer, allowed=offer.allowed & choice)), offer.load_bytes)
    return standing.placement()


def or_mended(problem: PlacementProblem, result: PlacementResult, start: Start) -> PlacementResult:
    """A result, or its bound with the start's own placement where that, mended, is worth more."""
    placement = keep_what_is_there(Standing.of(problem, mended(problem, start.placement)))
    value = net_value(problem, placement)
    if value <= result.value:
        return result
    return replace(result, placement=placement, value=value, bound=max(result.bound, value))


def _allowed(standing: Standing, cache: int, files: Ints) -> Ints:
    blank = standing.blank_offer(cache)
    hold = blank.forced.copy()
    hold[files[blank.allowed[files]]] = True
    return np.flatnonzero(hold)


def _sound(standing: Standing, cache: int) -> bool:
    blank, hold = standing.blank_offer(cache), standing.hold[cache]
    companion = blank.companion[hold]
    return bool(
        blank.size_bytes[hold].sum() <= blank.storage_bytes
        and blank.size_bytes[hold & ~blank.held].sum() <= blank.fill_budget_bytes
        and hold[companion[companion >= 0]].all()
    )
