"""A region's program says what its holdings are worth, and its optimum is the best of all."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.program import Effort, improve
from fillplan_optimizer.mesh.region import Core, everything, files_of, region_of
from fillplan_optimizer.mesh.state import held_files, hold_instead, load, total
from tests.optimizer.mesh.cases import mesh_case, random_state, roomy


@pytest.mark.parametrize("seed", range(40))
def test_value_differs_from_the_mesh_by_a_constant(seed):
    mesh = roomy(mesh_case(seed)[1])
    state, rng = random_state(mesh, seed), np.random.default_rng(seed)
    caches = np.flatnonzero(rng.random(len(mesh.storage)) < 0.6)
    region = region_of(mesh, state, caches, np.full(len(caches), -np.inf), everything(mesh))
    constant = total(mesh, state) - region.value(region.held.astype(float))
    for _ in range(5):
        hold = rng.random(len(region.file)) < 0.5
        other = load(mesh, held_files(state))
        for cache, files in zip(caches, files_of(region, hold), strict=True):
            hold_instead(mesh, other, int(cache), files)
        assert region.value(hold.astype(float)) + constant == pytest.approx(total(mesh, other), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_a_core_leaves_copies_out_and_keeps_what_is_sure(seed):
    mesh = roomy(mesh_case(seed)[1])
    state, rng = random_state(mesh, seed), np.random.default_rng(seed)
    core = Core(rng.random(mesh.flag.shape) < 0.5, rng.random(mesh.flag.shape) < 0.5)
    caches = np.arange(len(mesh.storage))
    region = region_of(mesh, state, caches, np.full(len(caches), -np.inf), core)
    videos = mesh.companion[region.file] >= 0
    tied = np.isin(region.file, mesh.companion[region.file[videos]])
    assert (
        region.held | tied | core.open[region.cache, region.file] | (mesh.flag[region.cache, region.file] & 2)
    ).all()
    assert (region.stays == (region.held & core.sure[region.cache, region.file])).all()
    answer = improve(mesh, region, 1.0, Effort(gap=0.0))
    assert answer.hold is None or answer.hold[region.stays].all()
