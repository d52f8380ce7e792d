"""Plans for outages: what they hold, what they cost, what they save."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.auto import Auto, placer
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.policy import load_policy
from fillplan_optimizer.robust import COST, Robust, hardened
from fillplan_optimizer.service import net_value
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import network, tree


def test_the_parent_holds_again_what_would_be_missed_most() -> None:
    """File 0 is asked for at both edges; the parent has room for one file. Without outages it takes file 1, which the
    edges have no room for; with frequent ones file 0, which a failed edge would ask of it."""
    problem = tree([-1, 0, 0], [1.0, 2.0, 2.0], [1, 1], [[0, 0], [10, 4], [10, 4]], storage=[1, 1, 1])
    plain, robust = Exact().place(problem), Robust(Exact(), 0.5).place(problem)
    assert [files.tolist() for files in plain.placement.files] == [[1], [0], [0]]
    assert [files.tolist() for files in robust.placement.files] == [[0], [0], [0]]
    assert robust.details[COST] == plain.value - robust.value == 8.0
    assert robust.bound == pytest.approx(plain.bound)
    assert robust.gap > 0, "the cost shows in the gap"
    assert (plain.status, robust.status) == ("optimal", "feasible")


@given(seed=st.integers(0, 10**6), probability=st.sampled_from([0.02, 0.1, 0.5]))
@settings(max_examples=6)
def test_it_is_worth_more_over_outages_and_less_without(seed: int, probability: float) -> None:
    problem = network(15, 5, 2, seed=seed)
    plain, robust = Auto(exact_pairs=0).place(problem), Robust(Auto(exact_pairs=0), probability).place(problem)
    guarded = hardened(problem, probability)
    assert net_value(guarded, robust.placement) >= net_value(guarded, plain.placement)
    assert verify(problem, robust.placement).violations == ()
    assert robust.value == net_value(problem, robust.placement) <= robust.bound * (1 + 1e-9)
    assert sum(proof.value for proof in robust.groups) == pytest.approx(robust.value)
    assert sum(proof.bound for proof in robust.groups) == pytest.approx(robust.bound)


def test_groups_that_give_up_nothing_stay_proven() -> None:
    """Two trees: in the first the parent holds another file for outages, in the second there is nothing to choose."""
    problem = tree(
        [-1, 0, 0, -1],
        [1.0, 2.0, 2.0, 1.0],
        [1, 1],
        [[0, 0], [10, 4], [10, 4], [3, 0]],
        storage=[1, 1, 1, 1],
    )
    robust = Robust(Exact(), 0.5).place(problem)
    assert [(proof.status, proof.value) for proof in robust.groups] == [("feasible", 40.0), ("optimal", 3.0)]
    assert robust.status == "feasible"
    alone = Robust(Exact(), 0.5).place(tree([-1], [1.0], [1, 1], [[3, 1]], storage=[1]))
    assert (alone.status, [proof.status for proof in alone.groups]) == ("optimal", ["optimal"])


def test_a_start_from_a_plan_for_outages_is_not_taken_for_the_plain_plan() -> None:
    problem = network(15, 5, 2, seed=3)
    solver = Robust(Auto(exact_pairs=0), 0.5)
    first = solver.place(problem)
    again = solver.place(problem, Start.of(problem, first))
    assert first.details[COST] > 0
    assert again.details[COST] == pytest.approx(first.details[COST], rel=0.2)


def test_a_policy_asks_for_it() -> None:
    probability = load_policy("resilient").outages.probability
    assert isinstance(placer("auto", outage_probability=probability), Robust)
    assert not isinstance(placer("auto", outage_probability=load_policy().outages.probability), Robust)


def test_the_same_on_any_number_of_threads() -> None:
    problem = network(30, 6, 3, seed=4)
    one, two = (placer("decomposition", threads, 0, 0.05).place(problem) for threads in (1, 2))
    for first, second in zip(one.placement.files, two.placement.files, strict=True):
        np.testing.assert_array_equal(first, second)
