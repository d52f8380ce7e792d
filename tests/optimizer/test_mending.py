"""A plan made for another problem, within the limits and rules of this one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.mending import mended, or_mended
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import changed, network, placement, tiny, tree

SOLVER = Decomposition(workers=1)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100)
def test_a_mended_plan_breaks_no_limit(seed: int) -> None:
    problem = tiny(seed)
    other = changed(problem, seed)
    again = mended(other, DensityGreedy().place(problem).placement)
    assert verify(other, again).violations == ()


def test_a_plan_that_still_fits_is_not_touched() -> None:
    problem = network(40, 4, 1, seed=2)
    first = SOLVER.place(problem).placement
    again = mended(problem, first)
    assert all(np.array_equal(a, b) for a, b in zip(first.files, again.files, strict=True))


def test_a_mended_plan_brings_the_main_audio_that_a_video_lacks() -> None:
    problem = tree([-1], [1.0], [1, 4, 4], [[0, 9, 7]], companion=[-1, 0, 0], storage=[5])
    assert mended(problem, placement([1])).files[0].tolist() == [0, 1]


def test_a_start_worth_less_than_the_result_is_passed_over() -> None:
    problem = tree([-1], [1.0], [1, 1], [[5, 3]], storage=[1])
    result = SOLVER.place(problem)
    poor = Start(problem.cache_ids, problem.file_ids, result.prices, placement([1]))
    assert or_mended(problem, result, poor) is result
    empty = replace(result, placement=placement([]), value=0.0)
    assert or_mended(problem, empty, poor).value == 3.0
