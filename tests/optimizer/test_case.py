"""One decision in numbers, against the vectors that the solvers reckon with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.case import Case
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.result import Prices
from fillplan_optimizer.standing import Standing
from tests.optimizer.instances import placement, tiny, tree

FREE = Prices(*np.zeros((3, 1)))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_a_case_has_the_worth_and_bytes_that_solvers_see(seed: int) -> None:
    """With serve limits, behind which a nearer cache that holds the file still leaves some of it."""
    problem = tiny(seed, limits=True, monotone=False)
    plan = DensityGreedy().place(problem).placement
    gain, load = np.stack([Standing.of(problem, plan).marginal(c) for c in range(problem.cache_count)], axis=1)
    for cache in range(problem.cache_count):
        for file in range(problem.file_count):
            case = Case.of(problem, plan, Prices.unknown(problem.cache_count), cache, file)
            assert case.flow() == pytest.approx((gain[cache, file], load[cache, file]))
            assert case.held == (file in plan.files[cache])
            assert case.held_before == (file in problem.held[cache])


def test_a_main_audio_that_pays_for_itself_is_no_burden_and_no_help() -> None:
    problem = tree([-1], [1.0], [1, 4], [[9, 2]], companion=[-1, 0], fill_cost=1.0)
    case = Case.of(problem, placement([]), FREE, 0, 1)
    assert case.brings and case.surplus == 2 - 4
    assert case.audio_lack == 0
    silent = replace(problem, demand_bytes=np.array([[0.0, 2.0]]))
    assert Case.of(silent, placement([]), FREE, 0, 1).audio_lack == 1
    assert Case.of(problem, placement([0]), FREE, 0, 1).audio_lack == 0, "it is there"


def test_a_file_fits_with_its_audio_beside_the_pins_in_storage_and_window() -> None:
    problem = tree([-1], [1.0], [1, 4, 2], [[1, 1, 1]], companion=[-1, 0, -1], pinned=[[2]], storage=[7], budget=[7])
    assert Case.of(problem, placement([2]), FREE, 0, 1).fits
    for short in ("storage_bytes", "fill_budget_bytes"):
        assert not Case.of(replace(problem, **{short: np.array([6])}), placement([2]), FREE, 0, 1).fits
    there = replace(problem, fill_budget_bytes=np.array([3]), held=(np.array([1]),))
    assert Case.of(there, placement([2]), FREE, 0, 1).fits, "only the audio and the pin are new"


def test_holders_are_named_by_whether_clients_ask_them_before_or_after() -> None:
    problem = tree([1, 2, -1], [3.0, 2.0, 1.0], [1], [[5]])
    case = Case.of(problem, placement([0], [], [0]), Prices.unknown(3), 1, 0)
    assert (case.holders(before=True), case.holders(before=False)) == (("c0",), ("c2",))
