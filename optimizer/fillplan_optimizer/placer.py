"""What every solver is: one method, a file each."""

from __future__ import annotations

from typing import Protocol

from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.start import Start


class Placer(Protocol):
    """A way to solve placement problems, a file each."""

    @property
    def name(self) -> str:
        """What settings and results call it."""
        ...

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve, from an earlier solution if one is given.

        Raises Infeasible if the pins cannot be met, SolverFailure if no solution was found.
        """
        ...
