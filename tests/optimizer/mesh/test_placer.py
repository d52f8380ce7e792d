"""The mesh search against the exact program and the verifier, on small meshes with every trap."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.mesh import relax, rounding
from fillplan_optimizer.mesh.effort import Effort
from fillplan_optimizer.mesh.placer import MeshSearch, night_effort
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import meshed, network, tiny

QUICK = Effort(relax_steps=60, visits=20, regions=2)
NO_PROGRAMS = Effort(relax_steps=100, visits=20, regions=0, exchanges=0, whole_pairs=0)


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


def test_one_thread_and_two_give_the_same_plan(monkeypatch):
    problem = meshed(network(40, 6, 2, seed=5), seed=5)
    both = MeshSearch(seed=1, effort=QUICK).place(problem)
    for module in (relax, rounding):
        monkeypatch.setattr(module, "_THREADS", 1)
    one = MeshSearch(seed=1, effort=QUICK).place(problem)
    assert (one.value, one.bound) == (both.value, both.bound)
    assert all(map(np.array_equal, one.placement.files, both.placement.files))


@pytest.mark.parametrize("seed", range(3))
def test_what_the_greedy_leaves_is_mostly_closed(seed):
    problem = meshed(network(60, 6, 2, seed=seed), seed)
    result, greedy = MeshSearch(seed=1, effort=NO_PROGRAMS).place(problem), DensityGreedy().place(problem)
    assert verify(problem, result.placement).violations == ()
    assert greedy.value <= result.value <= result.bound <= greedy.bound
    assert result.bound - result.value < 0.5 * (greedy.bound - greedy.value)


def test_large_networks_are_given_fewer_steps():
    small, large, huge = (night_effort(pairs) for pairs in (10_000, 10_000_000, 100_000_000))
    assert small.relax_steps > large.relax_steps > huge.relax_steps > 0
    assert small.visits > large.visits >= huge.visits > 0
    assert small.regions > large.regions == huge.regions == 0


def test_after_a_small_change_a_third_of_the_work_does():
    problem = meshed(network(60, 6, 2, seed=1), seed=1)
    first = MeshSearch(seed=1, effort=NO_PROGRAMS).place(problem)
    changed = replace(problem, storage_bytes=problem.storage_bytes * 101 // 100)
    greedy = DensityGreedy().place(changed)
    warm = MeshSearch(seed=1, effort=NO_PROGRAMS).place(changed, Start.of(problem, first))
    assert verify(changed, warm.placement).violations == ()
    assert first.value <= warm.value <= warm.bound
    assert warm.bound - warm.value < 0.5 * (greedy.bound - greedy.value)
