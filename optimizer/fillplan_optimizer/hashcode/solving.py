"""Solve an instance: search the mesh, certify a bound, count the score in whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.effort import Effort, Found
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.search import search
from fillplan_optimizer.problem import FilesPerCache

ENDLESS = 1_000_000
"""Rounds where only the clock ends the search."""
_ROUNDING = 1e-9
"""Relative error of the bound's floating-point sums, added before it is rounded down."""


@dataclass(frozen=True, eq=False)
class Solved:
    """What was found."""

    files: FilesPerCache
    """Videos of every cache."""
    score: int
    bound: int
    """No submission scores more."""
    rounds: int
    """Pairs of regions that were improved."""

    @property
    def proven(self) -> bool:
        """Whether the score is proven to be the best possible."""
        return self.score == self.bound


def solve(
    instance: Instance,
    clock: Clock,
    seed: int = 0,
    iterations: int | None = None,
    listener: Callable[[str, int, int], None] = lambda *_: None,
) -> Solved:
    """Search until the clock is over, `iterations` rounds are done or the best is proven.

    listener: told after every piece of work what it was, the best score and the bound. A clock without a deadline
    and a number of iterations make the result depend on instance and seed alone.
    """
    effort = Effort() if iterations is None else replace(Effort(), regions=iterations)
    if clock.deadline is not None:
        effort = replace(effort, ruins=ENDLESS, regions=effort.regions if iterations is not None else ENDLESS)

    def told(work: str, found: Found) -> None:
        listener(work, instance.score(round(found.worth)), _points(instance, found))

    found = search(network(instance.problem()), effort, seed, clock, told)
    score = instance.score(instance.saved_ms(found.files))
    return Solved(found.files, score, max(score, _points(instance, found)), found.rounds)


def _points(instance: Instance, found: Found) -> int:
    return instance.score(int(found.bound * (1 + _ROUNDING)))
