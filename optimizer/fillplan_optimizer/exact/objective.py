"""The objective: worth of served bytes minus fill cost."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from fillplan_optimizer.exact.pulp_highs import Program, Variable, linear
from fillplan_optimizer.exact.variables import Variables
from fillplan_optimizer.problem import PlacementProblem


def net_worth(program: Program, problem: PlacementProblem, variables: Variables, worth_unit: float) -> None:
    """max sum value x demand x served part - sum fill cost x size of files newly held, in `worth_unit`."""
    factor: dict[str, float] = defaultdict(float)
    variable: dict[str, Variable] = {}

    def add(term: Variable, worth: float) -> None:
        variable[term.name] = term
        factor[term.name] += worth / worth_unit

    for (point, place, file), part in variables.serve.items():
        add(part, _worth(problem, point, place, file))
    for (point, file), place in variables.direct.items():
        add(variables.hold[int(problem.options(point)[0][place]), file], _worth(problem, point, place, file))
    held = [problem.held_mask(cache) for cache in range(problem.cache_count)]
    for (cache, file), hold in variables.hold.items():
        cost = 0.0 if held[cache][file] else problem.fill_cost_per_byte[cache] * problem.size_bytes[file]
        add(hold, -float(cost))
    program.setObjective(linear((variable[name], amount) for name, amount in factor.items()))


def worth_unit(total_worth: float) -> float:
    """Worth per unit of the objective: a power of ten that brings the whole to about 1e5, for the solver's sake."""
    return (
        1.0 if 1.0 <= total_worth <= 1e6 or total_worth <= 0 else float(10.0 ** (np.floor(np.log10(total_worth)) - 5))
    )


def _worth(problem: PlacementProblem, point: int, place: int, file: int) -> float:
    demand = problem.demand_bytes[problem.points.region[point], file] * problem.points.share[point]
    return float(demand * problem.options(point)[1][place])
