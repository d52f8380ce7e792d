"""The mesh search against the exact program and the verifier, on small meshes with every trap."""

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.mesh.placer import MeshSearch
from fillplan_optimizer.mesh.search import Effort
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import tiny

QUICK = Effort(relax_steps=60, visits=20, regions=2)


@pytest.mark.parametrize("seed", range(60))
def test_a_legal_plan_under_a_bound_that_holds(seed):
    problem = tiny(seed, shape="mesh", files=6, limits=seed % 3 == 0)
    result = MeshSearch(seed=1, effort=QUICK).place(problem)
    verdict = verify(problem, result.placement)
    assert verdict.violations == ()
    assert verdict.value == pytest.approx(result.value, abs=1e-9)
    exact = Exact(Limits(gap=0.0)).place(problem)
    assert result.bound >= exact.value - 1e-6
    assert result.value >= DensityGreedy().place(problem).value - 1e-9
    if seed % 3:
        assert result.value == pytest.approx(exact.value, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_gives_the_same_plan(seed):
    problem = tiny(seed, shape="mesh", files=12, limits=True)
    first, second = (MeshSearch(seed=3, effort=QUICK).place(problem) for _ in range(2))
    assert (first.value, first.bound) == (second.value, second.bound)
    assert all(map(np.array_equal, first.placement.files, second.placement.files))


def test_a_start_of_more_worth_is_kept():
    problem = tiny(2, shape="mesh", files=6, limits=False)
    best = Exact(Limits(gap=0.0)).place(problem)
    idle = Effort(relax_steps=0, visits=0, regions=0, whole_pairs=0)
    assert MeshSearch(effort=idle).place(problem, Start.of(problem, best)).value >= best.value - 1e-9
