"""`Exact`: state the whole program, let HiGHS solve it, round, repair, and have the verifier judge it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fillplan_data.errors import SolverFailure
from fillplan_optimizer import bounds, packing
from fillplan_optimizer.exact import constraints, objective
from fillplan_optimizer.exact.declaration import declare
from fillplan_optimizer.exact.pulp_highs import Limits, Program, Solved, new_program, solve
from fillplan_optimizer.exact.variables import Variables
from fillplan_optimizer.greedy import DensityGreedy, keep_what_is_there
from fillplan_optimizer.groups import Group
from fillplan_optimizer.mending import or_mended
from fillplan_optimizer.merging import by_group
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from fillplan_optimizer.standing import Standing, local_prices
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify

_PROVEN = 4e-5
"""Largest relative gap that is called optimal, whatever gap HiGHS was asked for."""
_SLACK = 1e-9
"""Relative rounding allowed between HiGHS's arithmetic and the verifier's."""
_ABSOLUTE_GAP = 2e-6
"""In units of the program's objective: HiGHS stops at 1e-6, however small the relative gap asked for."""


class Exact:
    """The reference solver, for groups up to some ten thousand (cache, file) pairs."""

    name = "exact"

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Best placement within the limits of work, with HiGHS's bound, group by group.

        `optimal` if the verified value is within the gap, at most 4e-5, of the bound. In meshes and deep trees with
        serve limits the canonical routing may be worth less than the program's, and the result then says feasible.
        Raises Infeasible if the pins cannot be met, SolverFailure without any solution.
        """
        first = None if start is None else start.on(problem)

        def place(group: Group) -> PlacementResult:
            part = group.problem(problem)
            known = DensityGreedy().place(part)
            return self.place_group(part, known if first is None else or_mended(part, known, first.part(group, part)))

        return by_group(problem, place, self.name)

    def place_group(self, problem: PlacementProblem, known: PlacementResult | None = None) -> PlacementResult:
        """The same for one group; a result that is known already is never made worse."""
        begin = time.perf_counter()
        known = known or DensityGreedy().place(problem)
        unit = objective.worth_unit(bounds.trivial(problem))
        program, stated = state(problem, unit)
        if not stated.hold:
            nothing = keep_what_is_there(Standing(problem))
            result = replace(known, status="optimal", placement=nothing, value=0.0, bound=0.0, solver=self.name)
            return replace(result, seconds=time.perf_counter() - begin)
        solved = solve(program, self.limits, _start_values(stated, known.placement))
        if solved.values is None:
            raise SolverFailure(
                f"HiGHS ended with '{solved.status}' and no solution of {len(stated.hold):,} pairs after "
                f"{solved.nodes:,} nodes; raise the node limit or let `auto` choose another solver"
            )
        standing = Standing.of(problem, _rounded(problem, stated, solved.values))
        _repair(standing)
        placement = keep_what_is_there(standing)
        result = _judge(problem, placement, known, solved, unit, min(self.limits.gap, _PROVEN))
        return replace(result, seconds=time.perf_counter() - begin)


def state(problem: PlacementProblem, worth_unit: float = 1.0) -> tuple[Program, Variables]:
    """The whole program of FORMULATION.md."""
    program = new_program("placement")
    stated = declare(program, problem)
    objective.net_worth(program, problem, stated, worth_unit)
    constraints.add_all(program, problem, stated)
    return program, stated


def _start_values(stated: Variables, placement: Placement) -> Mapping[str, float]:
    """Holdings of a known placement as a start for HiGHS, which completes the services itself."""
    held = {(cache, int(file)) for cache, files in enumerate(placement.files) for file in files}
    return {hold.name: float(pair in held) for pair, hold in stated.hold.items()}


def _rounded(problem: PlacementProblem, stated: Variables, values: Mapping[str, float]) -> Placement:
    files: list[list[int]] = [[] for _ in range(problem.cache_count)]
    for (cache, file), hold in stated.hold.items():
        if values[hold.name] > 0.5:
            files[cache].append(file)
    return Placement(tuple(np.array(sorted(held), dtype=np.int64) for held in files))


def _repair(standing: Standing) -> None:
    """Whole bytes: where HiGHS's tolerance let a row run over, the least dense files go."""
    for cache in range(standing.problem.cache_count):
        offer = standing.offer(cache)
        hold = standing.hold[cache]
        over = offer.size_bytes[hold].sum() > offer.storage_bytes
        if over or offer.size_bytes[hold & ~offer.held].sum() > offer.fill_budget_bytes:
            standing.hold[cache] = packing.choose(replace(offer, allowed=offer.allowed & hold))


def _judge(
    problem: PlacementProblem,
    placement: Placement,
    known: PlacementResult,
    solved: Solved,
    unit: float,
    gap: float,
) -> PlacementResult:
    value = verify(problem, placement).value
    if known.value > value:
        placement, value = known.placement, known.value
    proven = np.inf if solved.bound is None else solved.bound * unit
    bound = max(min(proven + _SLACK * abs(proven), known.bound), value)
    return PlacementResult(
        status="optimal"
        if bound - value <= (1.01 * gap + 2 * _SLACK) * abs(bound) + _ABSOLUTE_GAP * unit
        else "feasible",
        placement=placement,
        value=value,
        bound=bound,
        solver=Exact.name,
        seconds=0.0,
        prices=local_prices(Standing.of(problem, placement)),
        details={"highs_status": solved.status, "nodes": solved.nodes},
    )
