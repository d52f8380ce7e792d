"""What users of the placer rely on: valid plans, valid bounds, the same answer every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.errors import Infeasible, SolverFailure
from fillplan_optimizer.auto import Auto
from fillplan_optimizer.decomposition.knapsack import Search
from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.decomposition.whole import Whole
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import PlacementResult
from fillplan_optimizer.service import serve
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import mesh_points, network, tiny, tree

SOLVER = Decomposition()
PRICED = Decomposition(whole=Whole(gap=1.0))
"""Without the bound with whole files, which does not follow the limits as smoothly."""


def _same(first: PlacementResult, second: PlacementResult) -> bool:
    pairs = zip(first.placement.files, second.placement.files, strict=True)
    same_prices = all(
        np.array_equal(getattr(first.prices, name), getattr(second.prices, name))
        for name in ("storage", "fill", "serve")
    )
    return (
        all(np.array_equal(a, b) for a, b in pairs)
        and same_prices
        and (first.value, first.bound) == (second.value, second.bound)
    )


@settings(max_examples=200)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["one-tier", "two-tier", "three-tier"]),
    st.integers(2, 8),
    st.sampled_from([True, True, False]),
)
def test_bound_and_plan_hold_against_the_exact_program(seed: int, shape: str, files: int, monotone: bool) -> None:
    problem = tiny(seed, shape=shape, files=files, monotone=monotone)
    result, exact = SOLVER.place(problem), Exact().place(problem)
    verdict = verify(problem, result.placement)
    assert not verdict.violations
    assert result.value == pytest.approx(verdict.value, rel=1e-12, abs=1e-12)
    slack = 1e-6 * max(1.0, abs(exact.value))
    assert result.value <= result.bound
    assert exact.value <= result.bound + slack
    assert result.value <= exact.bound + slack
    if result.status == "optimal":
        assert result.value >= exact.value - slack


@pytest.mark.parametrize("seed", range(3))
def test_realistic_networks_are_solved_closely(seed: int) -> None:
    problem = network(300, 16, 2, seed)
    result = SOLVER.place(problem)
    assert not verify(problem, result.placement).violations
    assert 0 <= result.gap < 2e-3


def test_a_limit_on_what_parents_serve_is_priced_and_kept() -> None:
    problem = network(120, 10, 2, seed=3, serve_share=0.0)
    load = serve(problem, SOLVER.place(problem).placement).cache_bytes
    limit = np.where(problem.parent < 0, 0.6 * load, np.inf)
    problem = replace(problem, serve_limit_bytes=limit)
    result = SOLVER.place(problem)
    assert not verify(problem, result.placement).violations
    assert (result.prices.serve[problem.parent < 0] > 0).all()
    assert result.gap < 5e-3


def test_workers_change_nothing() -> None:
    problem = network(150, 16, 4, seed=5)
    alone, together = (Decomposition(workers=workers).place(problem) for workers in (1, 3))
    assert _same(alone, together)
    assert _same(together, Decomposition(workers=3).place(problem))


def test_more_of_anything_never_lowers_the_bound() -> None:
    """Larger limits relax the program; the bound follows up to what the descent leaves."""
    problem = network(150, 8, 2, seed=7)
    bound = PRICED.place(problem).bound
    for changed in (
        replace(problem, storage_bytes=problem.storage_bytes * 5 // 4),
        replace(problem, fill_budget_bytes=problem.fill_budget_bytes * 3 // 2),
        replace(problem, serve_limit_bytes=problem.serve_limit_bytes * 1.2),
    ):
        assert PRICED.place(changed).bound >= bound * (1 - 2e-5)


def test_prices_are_zero_where_a_limit_does_not_bind() -> None:
    problem = network(80, 6, 1, seed=11, pins=0)
    total = int(problem.size_bytes.sum())
    ample = np.full(problem.cache_count, 2 * total)
    free = replace(problem, storage_bytes=ample, fill_budget_bytes=ample, fill_cost_per_byte=0 * ample)
    result = SOLVER.place(replace(free, serve_limit_bytes=np.full(problem.cache_count, np.inf)))
    assert result.status == "optimal"
    for prices in (result.prices.storage, result.prices.fill, result.prices.serve):
        assert not prices.any()


def test_a_byte_more_of_storage_is_worth_at_most_its_price() -> None:
    """The storage price is a slope of the bound, and the bound is concave in storage."""
    problem = network(200, 8, 2, seed=13)
    result = PRICED.place(problem)
    cache = int(np.argmax(result.prices.storage))
    extra = int(problem.storage_bytes[cache] // 50)
    storage = problem.storage_bytes.copy()
    storage[cache] += extra
    gained = PRICED.place(replace(problem, storage_bytes=storage)).bound - result.bound
    assert 0 < gained < 1.001 * extra * result.prices.storage[cache]


def test_inventory_that_still_fits_stays() -> None:
    problem = network(60, 4, 1, seed=17, pins=0)
    ample = problem.storage_bytes * 0 + 2 * int(problem.size_bytes.sum())
    result = SOLVER.place(replace(problem, storage_bytes=ample))
    for cache, files in enumerate(result.placement.files):
        held = problem.held[cache]
        companion = problem.companion[held]
        alone = held[companion < 0]
        assert np.isin(alone[problem.allowed(cache)[alone]], files).all()


def test_pins_that_cannot_be_met_are_named() -> None:
    problem = network(30, 3, 1, seed=0, pins=0)
    pinned = tuple(np.arange(problem.file_count) for _ in range(problem.cache_count))
    with pytest.raises(Infeasible, match=problem.cache_ids[1]):
        SOLVER.place(replace(problem, pinned=pinned))


def test_meshes_are_refused() -> None:
    problem = tiny(4, shape="two-tier")
    across = mesh_points([[(0, 3.0), (1, 2.0)], [(1, 3.0), (0, 2.0)]])
    demand = np.ones((2, problem.file_count))
    with pytest.raises(SolverFailure, match="expected a tree"):
        SOLVER.place(replace(problem, points=across, demand_bytes=demand))


def test_trees_too_deep_to_keep_in_mind_are_refused_and_left_to_the_greedy_by_auto() -> None:
    tiers = 25
    problem = tree(
        list(range(-1, tiers - 1)), [1.0] * tiers, [1] * 6, [[1.0] * 6], home=[tiers - 1], storage=[2] * tiers
    )
    with pytest.raises(SolverFailure, match=r"at most 8 tiers.* found 25 tiers"):
        SOLVER.place(problem)
    result = Auto(exact_pairs=0).place(problem)
    assert result.solver == "auto"
    assert verify(problem, result.placement).violations == ()


def test_wide_trees_with_too_many_states_are_refused_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fillplan_optimizer.decomposition.placer._STATES", 10)
    with pytest.raises(SolverFailure, match=r"1\.0e\+01 states .* found 3 tiers"):
        SOLVER.place(tree([1, 2, -1], [3.0, 2.0, 1.0], [1, 1], [[5, 3]]))


def test_a_network_without_demand_is_worth_nothing() -> None:
    problem: PlacementProblem = tiny(8, shape="two-tier")
    blank = tuple(np.zeros(0, dtype=np.int64) for _ in problem.pinned)
    result = SOLVER.place(replace(problem, demand_bytes=0 * problem.demand_bytes, pinned=blank))
    assert (result.status, result.value, result.bound, result.gap) == ("optimal", 0.0, 0.0, 0.0)


def test_what_is_enough_saves_work_and_keeps_the_promise() -> None:
    problem = network(250, 12, 2, 0, serve_share=1.0)
    thorough, content = Decomposition(enough=0.0).place(problem), Decomposition(enough=0.01).place(problem)
    assert int(content.details["sweeps"]) < int(thorough.details["sweeps"])
    assert content.gap < 0.01
    for result in (thorough, content):
        assert verify(problem, result.placement).value == pytest.approx(result.value, rel=1e-12)
        assert result.bound >= max(thorough.value, content.value)


def test_groups_with_a_wide_gap_take_more_open_files_by_whole_files() -> None:
    problem = network(60, 6, 1, 0, fill_share=(0.02, 0.03), edge_storage=(0.01, 0.04))
    few = Search(files=200)
    close, far = (Decomposition(whole=Whole(far=far, search=few)).place(problem) for far in (1.0, 0.0))
    assert far.bound < close.bound
    assert far.bound >= max(far.value, close.value)


def test_open_files_go_with_the_gap() -> None:
    """A group of 16,947 files with a gap of 0.13 % had one cache with 13,021 open ones, more than twice the usual."""
    whole = Whole()
    files = [whole.for_gap(gap).search.files for gap in (3e-4, 3.5e-4, 5e-4, 1.3e-3)]
    assert files == [6_000, 6_000, 12_000, 24_000]
    assert whole.for_gap(3e-4) is whole
