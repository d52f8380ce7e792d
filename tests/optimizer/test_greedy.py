from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.errors import Infeasible
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.greedy import DensityGreedy, KeepInventory, TopK, chosen_again, keep_what_is_there
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import network, tiny, tree
from tests.optimizer.instances import placement as by_hand

ALL = [DensityGreedy(), TopK(), KeepInventory()]


@pytest.mark.parametrize("placer", ALL, ids=lambda placer: placer.name)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_no_simple_method_ever_breaks_a_rule(placer, seed):
    problem = tiny(seed, monotone=bool(seed % 2))
    result = placer.place(problem)
    verdict = verify(problem, result.placement)
    assert verdict.violations == ()
    assert result.value == pytest.approx(verdict.value, abs=1e-9)
    assert result.bound >= result.value


@pytest.mark.parametrize("placer", ALL, ids=lambda placer: placer.name)
def test_real_networks_keep_every_rule(placer):
    problem = network(60, 10, 2, seed=2, serve_share=0.5)
    assert verify(problem, placer.place(problem).placement).violations == ()


@pytest.mark.parametrize("placer", ALL, ids=lambda placer: placer.name)
def test_impossible_pins_are_refused(placer):
    with pytest.raises(Infeasible):
        placer.place(tree([-1], [1.0], [4], [[1]], storage=[2], pinned=[[0]]))


@pytest.mark.parametrize("seed", range(3))
def test_greedy_is_close_to_the_optimum_and_ahead_of_the_others(seed):
    problem = network(20, 4, 1, seed=seed)
    best = Exact(Limits(gap=1e-3)).place(problem)
    greedy, topk, keep = (placer.place(problem) for placer in ALL)
    assert 0.99 * best.bound <= greedy.value <= best.bound
    assert keep.value < topk.value < greedy.value


def test_a_parent_does_not_repeat_its_child_but_top_k_does():
    problem = tree([1, -1], [2.0, 1.0], [1, 1], [[10, 9]], storage=[1, 1])
    assert [files.tolist() for files in DensityGreedy().place(problem).placement.files] == [[0], [1]]
    assert [files.tolist() for files in TopK().place(problem).placement.files] == [[0], [0]]


def test_top_k_ranks_by_all_regions_alike():
    problem = tree([-1, -1], [1.0, 1.0], [1, 1], [[1, 2], [9, 0]], storage=[1, 1])
    assert [files.tolist() for files in TopK().place(problem).placement.files] == [[0], [0]]


def test_keep_fills_nothing_but_pins():
    problem = tree([-1], [1.0], [1, 1, 1], [[5, 1, 9]], held=[[0]], pinned=[[1]])
    result = KeepInventory().place(problem)
    assert result.placement.files[0].tolist() == [0, 1]
    assert verify(problem, result.placement).fill_bytes.tolist() == [1]


def test_keep_gives_up_the_least_popular_where_storage_has_shrunk():
    problem = tree([-1], [1.0], [1, 1, 1], [[5, 1, 9]], held=[[0, 1, 2]], storage=[2])
    assert KeepInventory().place(problem).placement.files[0].tolist() == [0, 2]


def test_room_left_over_keeps_what_is_there_even_if_nobody_is_expected_to_ask():
    problem = tree([-1], [1.0], [1, 1, 1], [[5, 0, 0]], held=[[1]])
    assert DensityGreedy().place(problem).placement.files[0].tolist() == [0, 1], "file 2 would have to be filled"


def test_a_lazily_kept_video_needs_its_audio_there():
    problem = tree([-1], [1.0], [1, 1, 1], [[5, 0, 0]], held=[[1]], companion=[-1, 2, -1])
    assert DensityGreedy().place(problem).placement.files[0].tolist() == [0]


def test_nothing_is_kept_where_it_would_take_bytes_from_a_cache_worth_more():
    problem = tree([1, -1], [1.0, 3.0], [1], [[10]], held=[[0], [0]])
    result = DensityGreedy().place(problem)
    assert [files.tolist() for files in result.placement.files] == [[], [0]]
    assert result.value == 30


def test_what_does_harm_elsewhere_does_not_keep_others_from_staying():
    problem = tree([1, -1], [1.0, 3.0], [1, 1], [[10, 0]], held=[[0, 1], [0]])
    assert [files.tolist() for files in DensityGreedy().place(problem).placement.files] == [[1], [0]]


def test_the_same_problem_gives_the_same_placement():
    problem = network(60, 6, 2, seed=7)
    first, second = DensityGreedy().place(problem), DensityGreedy().place(problem)
    assert all(np.array_equal(a, b) for a, b in zip(first.placement.files, second.placement.files, strict=True))


def test_more_rounds_are_never_worse():
    problem = network(60, 10, 2, seed=3)
    values = [DensityGreedy(rounds).place(problem).value for rounds in (1, 2, 4)]
    assert values == sorted(values)
    assert values[0] < values[1], "a second round pays, if by little"


def test_no_storage_is_worth_nothing():
    problem = network(20, 4, 1, seed=0, pins=0)
    empty = replace(problem, storage_bytes=np.zeros_like(problem.storage_bytes))
    assert DensityGreedy().place(empty).value == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_choosing_again_is_legal_and_never_worse(seed):
    problem = tiny(seed, shape="mesh", files=8, limits=True)
    for placement in (KeepInventory().place(problem).placement, TopK().place(problem).placement):
        value, again = chosen_again(problem, placement)
        verdict = verify(problem, again)
        assert verdict.violations == () and verdict.value == pytest.approx(value)
        assert value >= net_value(problem, placement)


def test_nothing_is_kept_that_takes_bytes_from_a_cache_at_its_limit_that_is_worth_more():
    """The parent serves up to its limit at 3 per byte. File 0, kept at the edge for 1, would leave it idle."""
    problem = tree([-1, 0], [3.0, 1.0], [1, 1], [[10.0, 1.0]], home=[1], limit=[10.0, np.inf], held=[[], [0]])
    plan = by_hand([0, 1], [])
    lazy = keep_what_is_there(Standing.of(problem, plan))
    assert net_value(problem, by_hand([0, 1], [0])) < 29 < net_value(problem, plan)
    assert [files.tolist() for files in lazy.files] == [[0, 1], []]
