"""Everything in which PuLP 3.3 and 4.x differ, and what must be asked of HiGHS itself.

PuLP states the program; HiGHS is run and read through the model that PuLP builds for it, because PuLP 3.3
reports a limit as if it were optimality, fails on a node limit, and turns the sign of the dual bound.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pulp

_ROUNDING = 1e-6
"""Relative difference that is a matter of HiGHS's own tolerances."""
_EFFORT_OF_INNER_SEARCHES = 0.5
"""Of quick solves: part of the iterations that may go into programs around the best solution (HiGHS: 0.05)."""
Variable = Any
Expression = Any
Program = Any


@dataclass(frozen=True)
class Limits:
    """When HiGHS may stop. Nights set no `seconds`: the same input must give the same plan."""

    gap: float = 4e-5
    """Relative gap that counts as solved."""
    nodes: int = 100
    """Nodes of the search tree."""
    quick: bool = False
    """Leave out presolve and the inner searches but one, and give that one more of the work: for programs with a
    good start, which it betters sooner than branching does."""
    seconds: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Solved:
    """What HiGHS found; None where it has nothing."""

    status: str
    """HiGHS's own word: Optimal, Infeasible, Solution limit reached, Time limit reached, ..."""
    values: Mapping[str, float] | None
    """Value per variable name."""
    bound: float | None
    """Proven upper bound on the objective."""
    nodes: int


def new_program(name: str) -> Program:
    """An empty program to be maximised."""
    return pulp.LpProblem(name, pulp.LpMaximize)


def binary(program: Program, name: str) -> Variable:
    """A variable that is 0 or 1."""
    return program.add_variable(name, 0, 1, cat=pulp.LpInteger)


def fraction(program: Program, name: str) -> Variable:
    """A variable between 0 and 1."""
    return program.add_variable(name, 0, 1)


def linear(terms: Iterable[tuple[Variable, float]]) -> Expression:
    """Sum of variables times numbers, without going through a chain of additions."""
    pairs = [(variable, float(factor)) for variable, factor in terms]
    build = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)
    return build(pairs)


def lp_text(program: Program) -> str:
    """The program in LP format, one way in all versions of PuLP but for the header comment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.lp"
        program.writeLP(str(path))
        return path.read_text(encoding="utf-8")


def solve(program: Program, limits: Limits, start: Mapping[str, float] | None = None) -> Solved:
    """Run HiGHS with one thread; `start` may name a feasible solution, wholly or in part."""
    model = program.solverModel = Silent()  # type: ignore[no-untyped-call]
    for option, value in _options(limits).items():
        model.setOptionValue(option, value)
    pulp.HiGHS(msg=False).buildSolverModel(program)
    columns = _columns(program)
    if start:
        given = [(place, start[name]) for place, name in enumerate(columns) if name in start]
        places = np.array([place for place, _ in given], dtype=np.int32)
        model.setSolution(len(given), places, np.array([value for _, value in given], dtype=np.float64))
    model.run()
    if start and not adds_up(model):
        model.clearSolver()
        model.run()
    return _read(model, columns)


def adds_up(model: Any) -> bool:
    """Whether the objective that HiGHS reports is that of its values: with a start, 1.16 may report another."""
    costs, values = np.array(model.getLp().col_cost_), np.array(model.getSolution().col_value)
    if len(values) != len(costs):
        return True
    told, counted = float(model.getInfo().objective_function_value), float(costs @ values) + model.getLp().offset_
    return abs(told - counted) <= _ROUNDING * max(1.0, abs(counted))


class Silent(highspy.Highs):
    """HiGHS without its banner: from 1.16 on the constructor prints one, before any option can be set from outside."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the constructor calls it, right before the banner
        """As HiGHS does, but with its output switched off first."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _options(limits: Limits) -> dict[str, bool | int | float | str]:
    """HiGHS's options; the first one also holds for versions whose constructor does not ask `Silent`."""
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": limits.gap,
        "mip_max_nodes": limits.nodes,
        "random_seed": limits.seed,
    }
    if limits.quick:
        options |= {
            "presolve": "off",
            "mip_heuristic_effort": _EFFORT_OF_INNER_SEARCHES,
            "mip_heuristic_run_rens": False,
            "mip_heuristic_run_root_reduced_cost": False,
        }
    return options if limits.seconds is None else options | {"time_limit": float(limits.seconds)}


def _columns(program: Program) -> list[str]:
    """Variable names in the order of HiGHS's columns."""
    exported = getattr(program, "exported_variables", program.variables)
    return [variable.name for variable in exported()]


def _read(model: Any, columns: list[str]) -> Solved:
    info = model.getInfo()
    sign = -1.0 if "Minimize" in str(model.getObjectiveSense()[1]) else 1.0
    found = info.primal_solution_status == 2 and math.isfinite(info.objective_function_value)
    values = dict(zip(columns, model.getSolution().col_value, strict=True)) if found else None
    bound = sign * info.mip_dual_bound
    return Solved(
        status=model.modelStatusToString(model.getModelStatus()),
        values=values,
        bound=bound if math.isfinite(bound) else None,
        nodes=max(0, int(info.mip_node_count)),
    )
