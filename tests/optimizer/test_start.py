"""Beginning from an earlier solution: matched by id, never trusted, worth the while."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.auto import Auto, placer
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Prices
from fillplan_optimizer.service import net_value
from fillplan_optimizer.start import Start
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import changed, network, tiny, tree

SOLVER = Decomposition(workers=1)
SEEDS = st.integers(0, 10**6)


@pytest.mark.parametrize("name", ["auto", "exact", "decomposition", "greedy"])
@given(seed=SEEDS)
@settings(max_examples=25)
def test_a_start_is_never_trusted(name: str, seed: int) -> None:
    """Any prices and plan may be given: the bound still holds, the plan keeps every limit, and repeats itself."""
    problem = tiny(seed, shape="two-tier")
    start = Start.of(problem, SOLVER.place(problem))
    rng = np.random.default_rng(seed)
    wild = Prices(*(rng.exponential(2.0, problem.cache_count) for _ in range(3)), start.prices.companion)
    other = changed(problem, seed)
    first, second = (placer(name).place(other, start=replace(start, prices=wild)) for _ in range(2))
    assert verify(other, first.placement).violations == ()
    assert Exact().place(other).value <= first.bound + 1e-6
    assert np.isfinite(first.bound)
    assert (first.value, first.bound) == (second.value, second.bound)


@pytest.mark.parametrize("shape", ["two-tier", "three-tier"])
@pytest.mark.parametrize("name", ["auto", "exact", "decomposition"])
def test_the_result_is_worth_no_less_than_what_is_left_of_the_start(name: str, shape: str) -> None:
    for seed in range(12):
        problem = tiny(seed, shape=shape)
        best = Exact().place(problem)
        poor = replace(
            best.prices,
            storage=best.prices.storage + 9.0,
            companion=((np.zeros(0, int), np.zeros(0)),) * problem.cache_count,
        )
        result = placer(name).place(problem, start=Start(problem.cache_ids, problem.file_ids, poor, best.placement))
        assert result.value >= best.value - 1e-9


def test_caches_and_files_are_matched_by_their_ids() -> None:
    before = tree([-1, -1], [1.0, 1.0], [1, 1, 1], [[5, 3, 1], [1, 3, 5]], storage=[1, 1])
    start = Start.of(before, SOLVER.place(before))
    assert [files.tolist() for files in start.placement.files] == [[0], [2]]
    after = replace(
        tree([-1, -1, -1], [1.0] * 3, [1, 1], [[1, 1]] * 3), cache_ids=("new", "c1", "c0"), file_ids=("f2", "f9")
    )
    moved = start.on(after)
    assert [files.tolist() for files in moved.placement.files] == [[], [0], []]
    np.testing.assert_array_equal(moved.prices.storage, [np.nan, *start.prices.storage[[1, 0]]])
    assert start.on(before) is start


@pytest.mark.parametrize("seed", range(3))
def test_a_start_saves_sweeps_and_costs_no_closeness(seed: int) -> None:
    problem = network(250, 12, 2, seed)
    start = Start.of(problem, SOLVER.place(problem))
    demand = problem.demand_bytes * np.random.default_rng(seed).lognormal(0.0, 0.05, problem.demand_bytes.shape)
    other = replace(problem, demand_bytes=demand)
    cold, warm = SOLVER.place(other), SOLVER.place(other, start)
    assert int(warm.details["sweeps"]) < int(cold.details["sweeps"])
    assert warm.bound <= cold.bound * (1 + 2e-5)
    assert warm.gap <= cold.gap + 3e-4


@pytest.mark.parametrize("solver", [SOLVER, Auto()])
def test_groups_that_have_not_changed_are_not_solved_again(solver: Auto | Decomposition, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    problem = network(40, 6, 3, seed=4)
    first = solver.place(problem)
    start = Start.of(problem, first)
    solved: list[tuple[str, ...]] = []
    real = Decomposition.place_group

    def noted(self: Decomposition, part: PlacementProblem, start: Start | None = None):  # type: ignore[no-untyped-def]
        solved.append(part.cache_ids)
        return real(self, part, start)

    monkeypatch.setattr(Decomposition, "place_group", noted)
    again = solver.place(problem, start)
    assert solved == []
    assert (again.value, again.bound, again.status) == (first.value, first.bound, first.status)
    roomier = replace(problem, storage_bytes=problem.storage_bytes + np.arange(9) // 8 * 10**9)
    result = solver.place(roomier, start)
    assert len(solved) == 1 and "c8" in solved[0]
    assert result.value == pytest.approx(net_value(roomier, result.placement), rel=1e-12)


def test_what_another_solver_found_is_solved_again() -> None:
    problem = network(40, 4, 1, seed=4)
    start = Start.of(problem, DensityGreedy().place(problem))
    assert SOLVER.place(problem, start).gap < start.solved[1].gap  # type: ignore[index]


def test_a_file_that_nobody_asks_for_any_more_makes_a_group_another_one() -> None:
    """Its rows would look the same, for it is no longer among the group's files; its worth is gone all the same."""
    problem = tree([-1], [1.0], [1, 1], [[5, 3]])
    start = Start.of(problem, SOLVER.place(problem))
    result = SOLVER.place(replace(problem, demand_bytes=np.array([[5.0, 0.0]])), start)
    assert (result.value, result.bound) == (5.0, 5.0)
