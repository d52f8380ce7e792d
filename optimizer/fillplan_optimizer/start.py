"""`Start`: an earlier solution to begin from, found again in a problem that has changed a little.

    first = placer("auto").place(problem)
    again = placer("auto").place(changed, start=Start.of(problem, first))

Prices and files are matched by cache and file id, so that caches, files, demand and limits may all have changed. A
start decides how long the search takes and never what is valid: limits and rules are those of the new problem, the
bound is proven anew, and the same problem with the same start gives the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.groups import Group
from fillplan_optimizer.problem import DemandPoints, PlacementProblem
from fillplan_optimizer.result import CompanionPrices, Placement, PlacementResult, Prices


@dataclass(frozen=True, eq=False)
class Start:
    """Prices and files of an earlier solution; the ids say which caches and files its arrays count."""

    cache_ids: tuple[str, ...]
    file_ids: tuple[str, ...]
    prices: Prices
    placement: Placement
    solved: tuple[PlacementProblem, PlacementResult] | None = None
    """The earlier problem and result, where they are at hand: groups that have not changed are not solved again."""

    @classmethod
    def of(cls, problem: PlacementProblem, result: PlacementResult) -> Start:
        """The solution of a problem as the start of another."""
        return cls(problem.cache_ids, problem.file_ids, result.prices, result.placement, (problem, result))

    def on(self, problem: PlacementProblem) -> Start:
        """The same in the indices of another problem: caches new there hold nothing and have no prices."""
        if (self.cache_ids, self.file_ids) == (problem.cache_ids, problem.file_ids):
            return self
        return self._mapped(
            problem.cache_ids,
            problem.file_ids,
            _places(self.cache_ids, problem.cache_ids),
            _places(problem.file_ids, self.file_ids),
        )

    def part(self, group: Group, problem: PlacementProblem) -> Start:
        """What concerns one group, in the indices of its own problem; `self` counts as the whole problem does."""
        local = np.full(len(self.file_ids), -1, dtype=np.int64)
        local[group.files] = np.arange(len(group.files))
        return self._mapped(problem.cache_ids, problem.file_ids, group.caches, local)

    def unchanged(self, group: Group, part: PlacementProblem, solver: str) -> PlacementResult | None:
        """The earlier result of a group in which every number is the same, if that solver found it; else None.

        part: the group's problem now.
        """
        if self.solved is None or self.solved[1].solver != solver:
            return None
        problem, result = self.solved
        proof = next((proof for proof in result.groups if _equal(proof.group, group)), None)
        if proof is None or not _equal(group.problem(problem), part):
            return None
        first = self.part(group, part)
        return PlacementResult(
            *(proof.status, first.placement, proof.value, proof.bound, proof.solver or solver, 0.0, first.prices),
            details={"sweeps": 0},
        )

    def _mapped(self, cache_ids: tuple[str, ...], file_ids: tuple[str, ...], cache: Ints, file: Ints) -> Start:
        """cache: [new caches] their place here, -1 for none. file: [files here] their new place, -1 for none."""
        blank: Ints = np.zeros(0, dtype=np.int64)
        files = [blank if old < 0 else _renamed(file, self.placement.files[old]) for old in cache]
        storage, fill, serve = (
            np.where(cache >= 0, price[cache], np.nan)
            for price in (self.prices.storage, self.prices.fill, self.prices.serve)
        )
        companion: CompanionPrices | None = self.prices.companion
        if companion is not None:
            companion = tuple((blank, np.zeros(0)) if old < 0 else _repriced(file, *companion[old]) for old in cache)
        return Start(cache_ids, file_ids, Prices(storage, fill, serve, companion), Placement(tuple(files)))


def _equal(one: object, other: object) -> bool:
    """Whether two problems, groups or parts of them are the same, number by number."""
    if isinstance(one, (PlacementProblem, DemandPoints, Group)):
        return all(_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return one == other


def _places(known: Sequence[str], wanted: Sequence[str]) -> Ints:
    """[wanted] place of each id in `known`, -1 where it is not there."""
    place = {name: index for index, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in wanted], dtype=np.int64)


def _renamed(file: Ints, files: Ints) -> Ints:
    found = file[files]
    return np.sort(found[found >= 0])


def _repriced(file: Ints, files: Ints, paid: Floats) -> tuple[Ints, Floats]:
    found = file[files]
    return found[found >= 0], paid[found >= 0]
