"""What a solver returns. Unknown stays None; it is never written as inf or 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.groups import Group
from fillplan_optimizer.problem import FilesPerCache

CompanionPrices = tuple[tuple[Ints, Floats], ...]
"""Per cache: videos, and the worth that each pays there towards its title's main audio."""

Status = Literal["optimal", "feasible"]


@dataclass(frozen=True, eq=False)
class Placement:
    """Which files each cache holds after tonight's fill."""

    files: FilesPerCache


@dataclass(frozen=True, eq=False)
class Prices:
    """Shadow prices per cache, in worth units per byte; NaN where a solver knows none."""

    storage: Floats
    """[C] worth of one more byte of storage."""
    fill: Floats
    """[C] worth of one more byte of tonight's fill budget."""
    serve: Floats
    """[C] worth of one more byte of serve limit."""
    companion: CompanionPrices | None = None
    """None where the solver knows none; with them the prices are those of one bound, and a warm start can go on."""

    @classmethod
    def unknown(cls, caches: int) -> Prices:
        """All NaN."""
        storage, fill, serve = np.full((3, caches), np.nan)
        return cls(storage, fill, serve)


@dataclass(frozen=True, eq=False)
class GroupProof:
    """What was proven for one group of caches."""

    group: Group
    status: Status
    value: float
    bound: float
    solver: str = ""
    """Which solver found the placement: of `auto`, the one whose placement was kept."""


@dataclass(frozen=True, eq=False)
class PlacementResult:
    """A placement with its proof. `value <= bound` up to rounding, both in the units of `value_per_gb`."""

    status: Status
    """`optimal` only if the solver proved the gap to be below its tolerance."""
    placement: Placement
    value: float
    """Worth of served bytes minus fill cost, as the verifier's arithmetic gives it."""
    bound: float
    """Proven upper bound on the value of any placement."""
    solver: str
    seconds: float
    """Wall-clock seconds, for reports; it decides nothing."""
    prices: Prices
    groups: tuple[GroupProof, ...] = ()
    """The proofs that add up to this one; empty for the result of a single group."""
    details: Mapping[str, float | int | str] = field(default_factory=dict)
    """What a solver wants to tell about its work (sweeps, nodes, groups by method); not part of a plan."""

    @property
    def gap(self) -> float:
        """(bound - value) / |bound|; 0 where the bound is 0, or by rounding below the value."""
        return max(0.0, self.bound - self.value) / abs(self.bound) if self.bound else 0.0
