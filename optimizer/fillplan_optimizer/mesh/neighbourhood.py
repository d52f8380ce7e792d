"""Which caches to improve together: such as many clients reach both, and as many as HiGHS masters."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.mesh.network import Mesh
from fillplan_optimizer.mesh.program import Improved
from fillplan_optimizer.mesh.region import MOST_CACHES

_FIRST_SIZE, _LEAST_SIZE = 6.0, 2.0
_GROWTH, _DECLINE = 0.25, 0.25
"""Caches that a region grows by after a solved one, and shrinks by after one that was not."""


class Neighbourhoods:
    """Draws regions of several kinds; for each kind their size follows what was solved."""

    def __init__(self, mesh: Mesh, rng: np.random.Generator, kinds: int) -> None:
        self._rng = rng
        self._bond = bonds(mesh)
        self._caches = len(mesh.storage)
        self._most = min(MOST_CACHES, self._caches)
        self.size = [min(_FIRST_SIZE, self._most)] * kinds

    def draw(self) -> list[Ints]:
        """A region of every kind, sorted, without a common cache; fewer if there are not caches enough."""
        free = np.ones(self._caches, dtype=np.bool_)
        chosen: list[Ints] = []
        while len(chosen) < len(self.size) and free.any():
            chosen.append(self._draw(free, self.size[len(chosen)]))
            free[chosen[-1]] = False
        return chosen

    def learn(self, kind: int, answer: Improved) -> None:
        """Larger regions where they are solved, smaller ones where not."""
        size = self.size[kind] + (_GROWTH if answer.solved else -_DECLINE)
        self.size[kind] = float(np.clip(size, min(_LEAST_SIZE, self._most), self._most))

    def _draw(self, free: np.ndarray, size: float) -> Ints:
        region = [int(self._rng.choice(np.flatnonzero(free)))]
        pull = self._bond[region[0]].copy()
        while len(region) < round(size):
            lot = np.where(free, pull * self._rng.random(self._caches), -1.0)
            lot[region] = -1.0
            if lot.max() <= 0.0:  # nobody else shares clients with these: any cache will do
                lot = np.where(free, self._rng.random(self._caches), -1.0)
                lot[region] = -1.0
            if lot.max() < 0.0:
                break
            region.append(int(lot.argmax()))
            pull += self._bond[region[-1]]
        return np.sort(np.array(region, dtype=np.int64))


def bonds(mesh: Mesh) -> Floats:
    """[C, C] bytes asked by points that reach both caches."""
    caches = len(mesh.storage)
    bond = np.zeros((caches, caches))
    asked = np.bincount(mesh.point, weights=mesh.weight, minlength=len(mesh.link) - 1)
    for point in np.flatnonzero(asked):
        reached = mesh.linked[mesh.link[point] : mesh.link[point + 1]]
        bond[np.ix_(reached, reached)] += asked[point]
    return bond
