"""At what demand a decision turns: the group of the cache planned anew, as `fillplan whatif` plans it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fillplan.explanation import Decision
from fillplan.problem import build_problem
from fillplan.scenarios.solving import Solve, planned
from fillplan.settings import PlanSettings
from fillplan.warm import start_of_run
from fillplan_optimizer.groups import split

REACH = 16.0
"""Times as much demand, or as little, that is tried at most."""
CLOSE = 1.1
"""Factors of demand this near each other are near enough to where a decision turns."""
MOST_PAIRS = 100_000
"""Pairs of cache and file in a group that is planned anew; more take too long to wait for."""


def with_turn(made: dict[str, Any], decision: Decision, plan: PlanSettings, solve: Solve) -> dict[str, Any]:
    """An explanation whose estimate of where demand turns the decision has given way to what plans made anew say.

    Raises Infeasible or SolverFailure as planning does.
    """
    held = bool(made["held"])
    stands, turns = turn(lambda factor: holds(decision, factor, plan, solve) == held, 1 / REACH if held else REACH)
    others = [change for change in made["would_change"] if change["what"] != "demand"]
    tried = {"stands_at": stands, "turns_at": turns}
    if turns is None:
        return {**made, "would_change": others, "demand_tried": tried}
    now, still = ("no longer holds it", "it still does") if held else ("holds it", "not yet")
    but = "" if stands == 1 else f"; with {stands:.3g} times {still}"
    says = f"{turns:.3g} times the demand for it (planned anew, the cache {now}{but})"
    return {
        **made,
        "would_change": [{"what": "demand", "factor": turns, "says": says, "alone": True}, *others],
        "demand_tried": tried,
    }


def turn(stays: Callable[[float], bool], most: float) -> tuple[float, float | None]:
    """(factor of demand at which a decision stays as it is, factor near it at which it turns), both tried; None where
    `most` does not turn it. Of factors that were not tried nothing is known: plans need not turn only once.
    """
    stands, turns = 1.0, most
    if stays(most):
        return most, None
    while max(turns, stands) > CLOSE * min(turns, stands):
        between = float(f"{math.sqrt(stands * turns):.3g}")  # as it will be told
        stands, turns = (between, turns) if stays(between) else (stands, between)
    return stands, turns


def is_small(decision: Decision) -> bool:
    """Whether the cache's group is soon planned anew: groups of trees that are not too large."""
    return not len(decision.tables.routes) and any(
        group.pair_count <= MOST_PAIRS for group in split(decision.problem) if decision.cache in group.caches
    )


def holds(decision: Decision, factor: float, plan: PlanSettings, solve: Solve) -> bool:
    """Whether the cache holds the file in a plan made anew for so many times the file's demand, wherever it is."""
    expected = decision.demand.expected_bytes.copy()
    expected[:, decision.file] *= factor
    demand = replace(decision.demand, expected_bytes=expected)
    whole = build_problem(decision.tables, demand, decision.run.plan_date, plan)
    group = next(group for group in split(whole) if decision.cache in group.caches)
    part = group.problem(whole)
    made = planned(part, start_of_run(decision.run).on(part), solve, keeps=plan.policy.outages.probability == 0)
    held = group.files[made.placement.files[group.caches.tolist().index(decision.cache)]]
    return decision.file in held.tolist()
