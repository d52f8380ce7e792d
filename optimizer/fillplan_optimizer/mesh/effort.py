"""What a search is given and what it has: work to do, an earlier answer, the best so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.mesh.bound import Rents
from fillplan_optimizer.mesh.network import Mesh
from fillplan_optimizer.mesh.relax import Relaxed
from fillplan_optimizer.mesh.state import State, held_files, total
from fillplan_optimizer.problem import FilesPerCache


@dataclass(frozen=True)
class Effort:
    """How much work a search may do; with the seed it decides the result, whatever the machine."""

    relax_steps: int = 500
    serve_rounds: int = 12
    """Times that prices of serving are moved where caches have serve limits; each takes `serve_steps` of relaxing."""
    serve_steps: int = 30
    visits: int = 600
    """Annealing visits per cache; each proposes all offers of the cache once."""
    hot: float = 0.03
    """First temperature, as a part of what a held copy is worth in the median."""
    cold: float = 0.002
    ruins: int = 300
    """Tries to ruin and recreate a few caches, per cache of the network."""
    warm: float = 0.05
    """Loss tolerated at first by ruin and recreate, in the unit of `hot`; `cold` in the end."""
    appeal: float = 0.8
    """Copies of less appeal are not considered when caches are recreated."""
    breadth: float = 0.6
    """Copies of less appeal are not offered to the annealing."""
    core: float = 0.65
    """Copies that alone add less per unit than this part of what room is worth are left out of a region's program."""
    regions: int = 40
    """Pairs of regions improved."""
    nodes: int = 40
    """Nodes of HiGHS's search tree per region."""
    region_copies: int = 20_000
    """A region of more copies is not stated; the next ones are smaller."""
    whole_pairs: int = 1_500
    """A network of up to so many worthwhile copies is also stated as a whole, to be proven."""
    whole_nodes: int = 2_000
    exchanges: int = 10_000_000
    """Pairs of files looked at to bring scattered room together."""
    region_seconds: float = 2.5
    """The longest that a region may take where there is a deadline."""
    gap: float = 1e-9
    """Relative gap at which the search ends."""


@dataclass(frozen=True, eq=False)
class Beginning:
    """An earlier answer."""

    files: FilesPerCache
    rents: Rents
    row_price: Floats | None = None
    """[N] prices of rows to go on from, if there are any."""


@dataclass(eq=False)
class Found:
    """The best standing so far and what is proven; readable at any time."""

    worth: float = -np.inf
    files: FilesPerCache = ()
    bound: float = np.inf
    relaxed: Relaxed | None = None
    rounds: int = 0

    def note(self, mesh: Mesh, state: State) -> None:
        """Keep a standing that is better."""
        worth = float(total(mesh, state))
        if worth > self.worth:
            self.better(worth, held_files(state))

    def better(self, worth: float, files: FilesPerCache) -> bool:
        """Keep files if they are worth more; says whether they are."""
        if worth <= self.worth:
            return False
        self.worth, self.files = worth, files
        return True

    def proven(self, gap: float) -> bool:
        """Whether nothing better is left to be found."""
        return bool(np.isfinite(self.bound)) and self.bound - self.worth <= gap * abs(self.bound)
