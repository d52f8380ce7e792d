"""Small meshes without serve limits, which the search leaves to its caller, and random standings in them."""

from __future__ import annotations

import numpy as np

from fillplan_optimizer.mesh.network import Mesh, network
from fillplan_optimizer.mesh.state import State, held_files, load
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from tests.optimizer.instances import tiny


def mesh_case(seed: int, files: int = 7) -> tuple[PlacementProblem, Mesh]:
    problem = tiny(seed, shape="mesh", files=files, limits=False)
    return problem, network(problem)


def roomy(mesh: Mesh) -> Mesh:
    """The same with room for everything: a state has no slots for more files than could ever fit."""
    return mesh._replace(storage=np.full_like(mesh.storage, mesh.size.sum()))


def random_state(mesh: Mesh, seed: int) -> State:
    """Any files in any cache of a roomy mesh, rules aside."""
    rng = np.random.default_rng(seed)
    caches, files = mesh.flag.shape
    return load(mesh, tuple(np.flatnonzero(rng.random(files) < 0.4) for _ in range(caches)))


def true_value(problem: PlacementProblem, state: State) -> float:
    """By the canonical routing, which knows nothing of states."""
    return net_value(problem, Placement(held_files(state)))
