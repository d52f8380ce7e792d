"""The best so far only ever gets better, and nothing is proven by nothing."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.effort import Found
from fillplan_optimizer.mesh.state import held_files, total
from tests.optimizer.mesh.cases import mesh_case, random_state, roomy

SOME, OTHERS = (np.array([0, 2]),), (np.array([1]),)


def test_more_worth_is_kept_and_said_to_be():
    found = Found()
    assert found.better(-5.0, SOME) and (found.worth, found.files) == (-5.0, SOME)
    assert found.better(3.0, OTHERS) and (found.worth, found.files) == (3.0, OTHERS)


@pytest.mark.parametrize("worth", [3.0, 2.0, -np.inf])
def test_what_is_not_worth_more_changes_nothing(worth):
    found = Found(worth=3.0, files=SOME)
    assert not found.better(worth, OTHERS)
    assert (found.worth, found.files) == (3.0, SOME)


def test_a_standing_is_noted_as_it_is_then():
    mesh = roomy(mesh_case(3)[1])
    states = sorted((random_state(mesh, seed) for seed in range(6)), key=lambda state: total(mesh, state))
    found = Found()
    for state in (states[2], states[0], states[5], states[4]):
        found.note(mesh, state)
    assert found.worth == total(mesh, states[5])
    assert all(map(np.array_equal, found.files, held_files(states[5])))
    kept = [files.copy() for files in found.files]
    states[5].slot[:] = 0
    assert all(map(np.array_equal, found.files, kept))


@pytest.mark.parametrize(
    ("worth", "bound", "gap", "proven"),
    [
        (99.0, 100.0, 0.01, True),
        (98.9, 100.0, 0.01, False),
        (100.0, 100.0, 0.0, True),
        (0.0, 0.0, 0.0, True),
        (-101.0, -100.0, 0.01, True),
        (-102.0, -100.0, 0.01, False),
        (5.0, np.inf, 0.01, False),
        (-np.inf, np.inf, 0.01, False),
        (-np.inf, 5.0, 0.01, False),
    ],
)
def test_proven_is_what_is_within_the_gap_of_a_bound(worth, bound, gap, proven):
    assert Found(worth=worth, bound=bound).proven(gap) == proven
