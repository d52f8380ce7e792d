import pytest

from fillplan_data.errors import Infeasible
from fillplan_optimizer.feasibility import check_pins, forced_files, local_companion
from tests.optimizer.instances import tree

PLAIN = {"parent": [1, -1], "value": [2.0, 1.0], "size": [4, 1, 3], "demand": [[8, 2, 3]], "companion": [1, -1, -1]}


def test_a_pin_forces_its_main_audio_too():
    assert forced_files(tree(**PLAIN, pinned=[[0], []]), 0).tolist() == [True, True, False]


def test_a_pin_does_not_force_an_audio_that_may_not_be_held_there():
    problem = tree(**PLAIN, pinned=[[0], [0]], blocked=[[1], []])
    assert forced_files(problem, 0).tolist() == [True, False, False]
    assert forced_files(problem, 1).tolist() == [True, True, False]
    assert local_companion(problem, problem.allowed(0)).tolist() == [-1, -1, -1]


def test_block_and_rights_beat_a_pin():
    assert not forced_files(tree(**PLAIN, pinned=[[2], []], blocked=[[2], []]), 0).any()
    assert not forced_files(tree(**PLAIN, pinned=[[2], []], closed=[(0, 2)]), 0).any()


def test_pins_at_the_very_limit_pass():
    """One byte less of storage, or of fill for what is not held, and they do not."""
    assert check_pins(tree(**PLAIN, pinned=[[0], []], storage=[5, 1], budget=[5, 1])) is None
    assert check_pins(tree(**PLAIN, pinned=[[0], []], held=[[0], []], budget=[1, 1])) is None
    for short in ({"storage": [4, 1], "budget": [5, 1]}, {"storage": [5, 1], "budget": [4, 1]}):
        with pytest.raises(Infeasible, match=r"at 1 place;[^~]*1 too many"):
            check_pins(tree(**PLAIN, pinned=[[0], []], **short))


def test_every_cache_that_cannot_is_listed_with_needed_and_available_bytes():
    problem = tree(**PLAIN, pinned=[[0], [2]], storage=[4, 8], budget=[8, 2])
    with pytest.raises(Infeasible) as refusal:
        check_pins(problem)
    message = str(refusal.value)
    assert "c0: storage has 4 bytes, its 2 pinned files and main audios need 5 (1 too many)" in message
    assert "c1: tonight's fill has 2 bytes, its pinned file needs 3 (1 too many)" in message
