import numpy as np

from fillplan_optimizer.exact.declaration import candidates, declare
from fillplan_optimizer.exact.pulp_highs import new_program
from tests.optimizer.instances import tree

PLAIN = {"parent": [1, -1], "value": [2.0, 1.0], "size": [4, 1, 3], "demand": [[8, 0, 3]]}


def test_only_files_that_are_asked_for_get_a_variable():
    assert candidates(tree(**PLAIN), 0).tolist() == [True, False, True]


def test_a_main_audio_nobody_asks_for_comes_with_its_video():
    assert candidates(tree(**PLAIN, companion=[1, -1, -1]), 0).tolist() == [True, True, True]


def test_what_cannot_fit_storage_or_window_gets_none_nor_does_a_video_whose_audio_cannot():
    assert candidates(tree(**PLAIN, storage=[3, 8]), 0).tolist() == [False, False, True]
    assert candidates(tree(**PLAIN, budget=[3, 8]), 0).tolist() == [False, False, True]
    assert candidates(tree(**PLAIN, budget=[3, 8], held=[[0], []]), 0).tolist() == [True, False, True]
    assert candidates(tree(**PLAIN, companion=[-1, -1, 0], budget=[3, 8]), 0).tolist() == [False, False, False]


def test_a_pin_gets_a_variable_without_any_demand():
    assert candidates(tree(**PLAIN, pinned=[[1], []]), 0).tolist() == [True, True, True]


def test_services_exist_only_where_holding_alone_does_not_say_who_serves():
    variables = declare(new_program("x"), tree(**PLAIN))
    assert variables.direct == {(0, 0): 0, (0, 2): 0}
    assert set(variables.serve) == {(0, 1, 0), (0, 1, 2)}
    limited = declare(new_program("x"), tree(**PLAIN, limit=[5.0, np.inf]))
    assert limited.direct == {}
    assert set(limited.serve) == {(0, 0, 0), (0, 0, 2), (0, 1, 0), (0, 1, 2)}


def test_only_a_limited_cache_worth_less_than_one_behind_it_can_count_as_full():
    assert declare(new_program("x"), tree(**PLAIN, limit=[5.0, np.inf])).full == {}
    rising = {**PLAIN, "value": [1.0, 2.0]}
    assert set(declare(new_program("x"), tree(**rising, limit=[5.0, np.inf])).full) == {0}
    assert declare(new_program("x"), tree(**rising)).full == {}
