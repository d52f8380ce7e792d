"""The objective is the value of a placement, in a unit that suits the solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_optimizer.exact.declaration import declare
from fillplan_optimizer.exact.objective import net_worth, worth_unit
from fillplan_optimizer.exact.pulp_highs import new_program
from fillplan_optimizer.problem import PlacementProblem
from tests.optimizer.instances import tiny, tree
from tests.optimizer.oracle import slow_cost, slow_worth


def stated(problem: PlacementProblem, unit: float = 1.0) -> dict[str, float]:
    """Amount per variable of the objective, those of zero left out."""
    program = new_program("objective")
    net_worth(program, problem, declare(program, problem), unit)
    return {str(variable): amount for variable, amount in program.objective.items() if amount}


PLAIN = {"parent": [1, -1], "value": [2.0, 1.0], "size": [4], "demand": [[10.0]]}


def test_the_nearest_cache_earns_by_holding_and_one_behind_it_by_serving() -> None:
    assert stated(tree(**PLAIN)) == {"hold_0_0": 20.0, "serve_0_1_0": 10.0}  # type: ignore[arg-type]


def test_a_limited_cache_earns_by_serving() -> None:
    problem = tree(**PLAIN, limit=[5.0, np.inf])  # type: ignore[arg-type]
    assert stated(problem) == {"serve_0_0_0": 20.0, "serve_0_1_0": 10.0}


def test_new_files_cost_their_fill_and_held_ones_nothing() -> None:
    """4 bytes at 0.5 each come off where they are new; all of it in units of 10."""
    problem = tree(**PLAIN, fill_cost=0.5, held=[[0], []])  # type: ignore[arg-type]
    assert stated(problem, 10.0) == {"hold_0_0": 2.0, "serve_0_1_0": 1.0, "hold_1_0": -0.2}


def test_all_points_that_ask_a_cache_first_add_up() -> None:
    problem = tree([-1], [3.0], [1, 1], [[1.0, 2.0], [10.0, 0.0]], home=[0, 0])
    assert stated(problem) == {"hold_0_0": 33.0, "hold_0_1": 6.0}


def test_nothing_asked_for_is_worth_nothing() -> None:
    assert stated(tree([-1], [3.0], [1], [[0.0]], pinned=[[0]])) == {}


@given(st.integers(0, 10**6))
def test_without_limits_it_is_the_value_of_any_placement(seed: int) -> None:
    """Each point is served by the first holder in its order, as the oracle has it."""
    problem = tiny(seed, limits=False, monotone=False)
    program = new_program("objective")
    variables = declare(program, problem)
    net_worth(program, problem, variables, 1.0)
    rng = np.random.default_rng(seed)
    files: list[set[int]] = [set() for _ in range(problem.cache_count)]
    for cache, file in variables.hold:
        if rng.random() < 0.5:
            files[cache].add(file)
    taken = {str(variables.hold[cache, file]): 1.0 for cache, held in enumerate(files) for file in held}
    for (point, place, file), part in variables.serve.items():
        caches = problem.options(point)[0].tolist()
        holders = [k for k, cache in enumerate(caches) if file in files[cache]]
        taken[str(part)] = float(bool(holders) and holders[0] == place)
    value = sum(amount * taken.get(str(variable), 0.0) for variable, amount in program.objective.items())
    assert value == pytest.approx(slow_worth(problem, files) - slow_cost(problem, files), abs=1e-9)


@pytest.mark.parametrize(
    ("worth", "unit"), [(0, 1), (-3, 1), (1, 1), (1e6, 1), (2.5e7, 100), (0.5, 1e-6), (3e-9, 1e-14), (4e20, 1e15)]
)
def test_units_by_hand(worth: float, unit: float) -> None:
    assert worth_unit(worth) == pytest.approx(unit)


@given(st.floats(1e-30, 1e30))
def test_in_its_unit_the_whole_is_neither_small_nor_large(worth: float) -> None:
    scaled = worth / worth_unit(worth)
    assert 1.0 <= scaled <= 1e6 * (1 + 1e-9)
    if not 1.0 <= worth <= 1e6:
        assert scaled >= 1e5 * (1 - 1e-9)
        exponent = np.log10(worth_unit(worth))
        assert exponent == pytest.approx(round(exponent), abs=1e-9)
