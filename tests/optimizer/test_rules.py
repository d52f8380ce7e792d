"""Each choice of a policy alone: what it does to the problem, and that solved plans follow it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.errors import Infeasible
from fillplan_optimizer.auto import Auto
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.policy import Churn, Floor, Launches, Policy, Reserve, Worth
from fillplan_optimizer.problem import PlacementProblem, Ruled
from fillplan_optimizer.rules import Catalogue, ruled
from fillplan_optimizer.service import serve
from fillplan_optimizer.verifier import verify
from fillplan_optimizer.why import why
from tests.optimizer.instances import network, tiny, tree


def catalogue(problem: PlacementProblem, launching: tuple[int, ...] = ()) -> Catalogue:
    """Videos are the files with a companion; the smallest is the lowest rung; some titles open within the horizon."""
    titles, files = int(problem.title.max()) + 1, np.arange(problem.file_count)
    plays = problem.companion >= 0
    rung = np.full(titles, -1, dtype=np.int64)
    for file in files[plays][np.argsort(-problem.size_bytes[plays], kind="stable")]:
        rung[problem.title[file]] = file
    opens = np.zeros((len(problem.demand_bytes), titles), dtype=np.bool_)
    opens[:, list(launching)] = True
    return Catalogue(rung, plays, opens)


def under(problem: PlacementProblem, policy: Policy, launching: tuple[int, ...] = ()) -> tuple[PlacementProblem, Ruled]:
    result = ruled(problem, policy, catalogue(problem, launching))
    assert result.ruled is not None
    return result, result.ruled


def test_the_neutral_policy_changes_nothing() -> None:
    problem = tiny(3)
    assert ruled(problem, Policy(), catalogue(problem)) is problem


def test_worth_of_bytes() -> None:
    """A popular file at a worthless cache loses to a less popular one under `value`, and wins under `bytes`."""
    problem = tree([-1, -1], [5e-9, 1e-9], [1, 1], [[2e9, 1e9], [9e9, 0]], storage=[1, 1])
    plain = Exact().place(problem)
    result, _ = under(problem, Policy(worth=Worth(basis="bytes")))
    assert set(result.points.value_per_byte) == {1e-9}
    best = Exact().place(result)
    assert best.value == pytest.approx(serve(result, best.placement).total_bytes / 1e9)
    assert best.value >= serve(problem, plain.placement).total_bytes / 1e9


def test_churn_penalty() -> None:
    problem = tree([-1], [1.0], [1, 1], [[6.5, 5]], storage=[1], held=[[1]], fill_cost=1.0)
    kept, _ = under(problem, Policy(churn=Churn(penalty_per_gb=1e9)))
    assert kept.fill_cost_per_byte.tolist() == [2.0]
    assert Exact().place(problem).placement.files[0].tolist() == [0]
    assert Exact().place(kept).placement.files[0].tolist() == [1], "a gain of 1.5 - 1 is not worth a penalty of 1"
    assert Exact().place(kept).value == 5.0


def test_free_space() -> None:
    problem = tree([-1, -1], [1.0, 1.0], [3, 3, 3], [[9, 8, 7], [9, 8, 7]], pinned=[[0, 1], []])
    result, notes = under(problem, Policy(reserve=Reserve(storage_share=0.5)))
    assert result.storage_bytes.tolist() == [6, 4]
    assert notes.reserve_bytes.tolist() == [3, 5]
    assert len(notes.notes) == 1 and "1 caches (c0)" in notes.notes[0]
    assert [len(files) for files in Exact().place(result).placement.files] == [2, 1]


def test_lowest_rungs() -> None:
    """Title 0 is watched, title 1 a little, title 2 never; the parent, nearest to nobody, has no floor."""
    problem = tree(
        [-1, 0],
        [0.5, 1.0],
        size=[1, 2, 9, 1, 2, 9, 1, 2, 9],
        demand=[[8, 4, 90, 1, 1, 9, 0, 0, 0]],
        home=[1],
        companion=[-1, 0, 0, -1, 3, 3, -1, 6, 6],
        storage=[40, 15],
    )
    problem = replace(problem, title=np.repeat([0, 1, 2], 3))
    floor = Policy(floor=Floor(lowest_rung=True, min_plays=0.0))
    result, found = under(problem, floor)
    assert [files.tolist() for files in found.floor] == [[], [0, 1, 3, 4]]
    assert found.notes == ()
    plan = Exact().place(result)
    assert {0, 1, 3, 4} <= set(plan.placement.files[1].tolist())
    assert why(result, plan.placement, plan.prices, 1, 4).reason == "floor"
    _, watched = under(problem, Policy(floor=Floor(lowest_rung=True, min_plays=2.0)))
    assert watched.floor[1].tolist() == [0, 1]
    _, short = under(replace(problem, fill_budget_bytes=np.array([99, 4])), floor)
    assert short.floor[1].tolist() == [0, 1], "the more watched title first"
    assert "1 of 2 lowest rungs fit" in short.notes[0] and "c1" in short.notes[0]


def test_launch_share() -> None:
    """Titles 0 and 1 open in the horizon; files of 0 are denser in demand."""
    problem = tree(
        [-1], [1.0], size=[1, 2, 4, 1, 4], demand=[[4, 12, 12, 2, 10]], companion=[-1, 0, 0, -1, 3], storage=[7]
    )
    problem = replace(problem, title=np.array([0, 0, 0, 1, 1]), demand_bytes=problem.demand_bytes)
    _, half = under(problem, Policy(launches=Launches(min_share=0.3)), launching=(0, 1))
    assert half.launches[0].tolist() == [0, 1], "4 + 12 of 40"
    _, just = under(problem, Policy(launches=Launches(min_share=0.4)), launching=(0, 1))
    assert just.launches[0].tolist() == [0, 1], "16 of 40 is enough"
    result, most = under(problem, Policy(launches=Launches(min_share=0.7)), launching=(0, 1))
    assert most.launches[0].tolist() == [0, 1, 2], "28 of 40, and all that fits"
    assert most.notes == ()
    _, short = under(problem, Policy(launches=Launches(min_share=1.0)), launching=(0, 1))
    assert "2.800e+01 of 4.000e+01 bytes of demand fit" in short.notes[0]
    _, none = under(problem, Policy(launches=Launches(min_share=1.0)))
    assert (none.launches[0].tolist(), none.notes) == ([], ())
    plan = Exact().place(result)
    assert why(result, plan.placement, plan.prices, 0, 2).reason == "launch"


def test_a_launch_brings_its_main_audio_though_nobody_is_expected_to_ask_for_it() -> None:
    problem = replace(tree([-1], [1.0], [1, 2], [[0, 12]], companion=[-1, 0]), title=np.zeros(2, dtype=np.int64))
    _, found = under(problem, Policy(launches=Launches(min_share=1.0)), launching=(0,))
    assert (found.launches[0].tolist(), found.notes) == ([0, 1], ())


def test_a_floor_asks_for_nothing_that_is_blocked_and_misses_nothing_by_it() -> None:
    problem = tree([-1], [1.0], [1, 2], [[6, 12]], companion=[-1, 0], blocked=[[1]])
    problem = replace(problem, title=np.zeros(2, dtype=np.int64))
    _, found = under(problem, Policy(floor=Floor(lowest_rung=True, min_plays=0.0)))
    assert (found.floor[0].tolist(), found.notes) == ([], ())


ALL = Policy(
    name="all",
    worth=Worth(basis="bytes"),
    churn=Churn(penalty_per_gb=0.01),
    launches=Launches(min_share=0.7),
    floor=Floor(lowest_rung=True, min_plays=0.0),
    reserve=Reserve(storage_share=0.2),
)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100)
def test_no_policy_makes_a_feasible_problem_infeasible(seed: int) -> None:
    """Whatever is asked, pins keep fitting, the table's own pins stay, and plans are sound."""
    problem = tiny(seed, files=6)
    result, found = under(problem, ALL, launching=(0,))
    check_pins(result)
    for before, after, floor in zip(problem.pinned, result.pinned, found.floor, strict=True):
        assert set(before) <= set(after) and set(floor) <= set(after)
    plan = Auto().place(result)
    assert verify(result, plan.placement).violations == ()
    assert (verify(problem, plan.placement).used_bytes <= problem.storage_bytes - found.reserve_bytes).all()


def test_a_whole_network_keeps_the_share_of_launches_that_was_asked() -> None:
    problem = network(60, 5, 1, seed=3, pins=0)
    launching = (1, 4, 9)
    result, found = under(problem, Policy(launches=Launches(min_share=0.6)), launching)
    plan = Auto().place(result)
    opens = np.isin(problem.title, launching)
    for point, cache in enumerate(range(1, 6)):
        demand = problem.point_demand(point) * opens * problem.allowed(cache)
        reached = demand[plan.placement.files[cache]].sum() >= 0.6 * demand.sum()
        assert reached or problem.cache_ids[cache] in str(found.notes)


def test_pins_that_cannot_be_met_stay_an_error() -> None:
    problem = tree([-1], [1.0], [5], [[1]], storage=[3], pinned=[[0]])
    with pytest.raises(Infeasible, match="c0: storage has 3 bytes"):
        under(problem, ALL)
