"""One cache's fractional choice: its limits, its worth against other choices, and what videos pay for their audio."""

import numpy as np
import pytest

from fillplan_optimizer.mesh.knapsack import best_parts, pay_companions
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH
from tests.optimizer.mesh.cases import mesh_case


def limits(mesh, cache):
    return float(mesh.storage[cache]), float(mesh.budget[cache])


def random_choice(rng, size, flag, limits):
    """A random fractional choice within all limits: [F] parts."""
    fresh, free = flag & FRESH != 0, flag & FORCED == 0
    part = np.where(free, rng.random(len(size)) * (flag & ALLOWED != 0), 1.0)
    room = limits[0] - size[~free].sum()
    fill = limits[1] - size[~free & fresh].sum()
    asked, asked_fresh = (part * size)[free].sum(), (part * size)[free & fresh].sum()
    part[free] *= max(0.0, min(1.0, room / max(asked, 1e-9), fill / max(asked_fresh, 1e-9)))
    return part


@pytest.mark.parametrize("guess", [(0.0, 0.0), (0.5, 0.0), (0.0, 2.0), (0.3, 1.0), (5.0, 5.0)])
@pytest.mark.parametrize("seed", range(20))
def test_the_knapsack_keeps_its_limits_and_beats_random_choices(seed, guess):
    _, mesh = mesh_case(seed)
    rng = np.random.default_rng(seed)
    for cache in range(len(mesh.storage)):
        worth, part = rng.integers(-5, 20, len(mesh.size)).astype(float), np.zeros(len(mesh.size))
        flag = mesh.flag[cache]
        total, storage, fill = best_parts(worth, part, mesh.size, flag, limits(mesh, cache), (0.0, 0.0))
        below = min(guess[0], 0.9 * storage), min(guess[1], 0.9 * fill)
        again = best_parts(worth, part, mesh.size, flag, limits(mesh, cache), below)
        assert again == pytest.approx((total, storage, fill))
        assert total == pytest.approx(float((part * worth).sum()))
        assert (part * mesh.size).sum() <= mesh.storage[cache] + 1e-9
        assert (part * mesh.size)[flag & FRESH != 0].sum() <= mesh.budget[cache] + 1e-9
        assert (part[flag & FORCED != 0] == 1).all() and (part[flag & ALLOWED == 0] == 0).all()
        for _ in range(30):
            assert (random_choice(rng, mesh.size, flag, limits(mesh, cache)) * worth).sum() <= total + 1e-9


@pytest.mark.parametrize("guess", [(0.0, 50.0), (0.0, 2.0)])
def test_a_guess_of_fill_that_is_too_high_is_taken_back(guess):
    size, flag, part = np.array([2, 2, 2]), np.full(3, ALLOWED | FRESH, dtype=np.uint8), np.zeros(3)
    total, _, fill = best_parts(np.array([2.0, 6.0, 4.0]), part, size, flag, (10.0, 5.0), guess)
    assert total == pytest.approx(11.0) and part.tolist() == [0.5, 1.0, 1.0] and fill == pytest.approx(1.0)


def test_held_files_are_taken_when_the_fill_is_spent():
    size = np.array([2, 2, 2])
    flag = np.array([ALLOWED | FRESH, ALLOWED, ALLOWED], dtype=np.uint8)
    part = np.zeros(3)
    total, _, _ = best_parts(np.array([8.0, 1.0, 0.5]), part, size, flag, (6.0, 2.0), (1.0, 1.0))
    assert total == pytest.approx(9.5) and part.tolist() == [1, 1, 1]


def test_videos_pay_what_their_audio_is_short_of_and_no_more():
    size = np.array([1, 1, 1, 1])
    flag = np.full(4, ALLOWED | FRESH, dtype=np.uint8)
    mate = np.array([-1, 0, 0, -1], dtype=np.int32)
    worth = np.array([1.0, 6.0, 4.0, 9.0])
    pay_companions(worth, size, flag, mate, 2.0, 1.0)  # rents of 3: the audio is short of 2, its videos have 3 and 1
    assert worth.tolist() == pytest.approx([3.0, 4.5, 3.5, 9.0])


def test_all_surplus_goes_where_it_is_not_enough():
    worth = np.array([0.0, 4.0, 2.0])
    pay_companions(
        worth, np.array([1, 1, 1]), np.full(3, ALLOWED, dtype=np.uint8), np.array([-1, 0, 0], dtype=np.int32), 3.0, 9.0
    )
    assert worth.tolist() == pytest.approx([1.0, 3.0, 2.0])


def test_nobody_pays_for_what_is_there_in_any_case():
    worth = np.array([0.0, 9.0])
    flag = np.array([ALLOWED | FORCED, ALLOWED], dtype=np.uint8)
    pay_companions(worth, np.array([1, 1]), flag, np.array([-1, 0], dtype=np.int32), 3.0, 0.0)
    assert worth.tolist() == [0.0, 9.0]
