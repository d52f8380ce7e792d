"""Worth of a standing and of every change, against the canonical routing."""

import numpy as np
import pytest

from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh import state as states
from fillplan_optimizer.mesh.state import held_files, hold_instead, load, total
from tests.optimizer.mesh.cases import mesh_case, random_state, roomy, true_value


@kernel
def gain_of(mesh, state, file, cache):
    return states.gain(mesh, state, file, cache)


@pytest.mark.parametrize("seed", range(40))
def test_total_is_the_value_of_the_placement(seed):
    problem, mesh = mesh_case(seed)
    mesh = roomy(mesh)
    state = random_state(mesh, seed)
    assert total(mesh, state) == pytest.approx(true_value(problem, state), abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_gain_and_keep_are_what_a_change_changes(seed):
    problem, mesh = mesh_case(seed)
    mesh = roomy(mesh)
    state = random_state(mesh, seed)
    before, held = true_value(problem, state), held_files(state)
    for cache, files in enumerate(held):
        for file in range(problem.file_count):
            if file in files:
                changed = files[files != file]
                expected = -state.keep[cache, state.place[cache, file]]
            else:
                changed = np.sort(np.append(files, file))
                expected = gain_of(mesh, state, file, cache)
            other = load(mesh, (*held[:cache], changed, *held[cache + 1 :]))
            assert true_value(problem, other) - before == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_a_standing_reached_by_changes_is_the_same_as_one_loaded(seed):
    mesh = roomy(mesh_case(seed)[1])
    walked, target = random_state(mesh, seed), random_state(mesh, seed + 1000)
    for cache, files in enumerate(held_files(target)):
        hold_instead(mesh, walked, cache, files)
    assert all(map(np.array_equal, held_files(walked), held_files(target)))
    for name in ("best", "second", "used", "filled", "holders", "needed"):
        assert np.allclose(getattr(walked, name), getattr(target, name)), name
