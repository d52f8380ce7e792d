"""Groups that did not change keep their plans; those that did are solved and judged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan.scenarios.solving import Solution, digest, solve_groups
from fillplan.settings import Settings
from fillplan.stages import Stages
from fillplan.workflow.base import Base, base_solution, solver_of
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.groups import split
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult
from tests.optimizer.instances import network


def test_only_the_group_that_changed_is_solved(base: Base) -> None:
    before, _ = base_solution(base, Stages("test"))
    storage = base.problem.storage_bytes.copy()
    storage[0] //= 2
    changed = replace(base.problem, storage_bytes=storage)
    solve = solver_of(base.inputs.settings)
    after = solve_groups(changed, before.known, before.plans, solve, 1)
    assert after.solved == 1 < len(before.groups)
    kept = [new is old for new, old in zip(after.plans, before.plans, strict=True)]
    assert kept.count(False) == 1
    one, two = (solve_groups(changed, {}, before.plans, solve, threads) for threads in (1, 2))
    assert (one.value, one.bound) == (two.value, two.bound), "however many threads"
    assert one.value >= after.value - 1e-9 * after.value, "what begins from a plan ends no worse"


def test_a_digest_tells_every_part_that_decides_a_plan(base: Base) -> None:
    part = split(base.problem)[0].problem(base.problem)
    points = part.points
    changed: list[PlacementProblem] = [
        replace(part, size_bytes=part.size_bytes + 1),
        replace(part, demand_bytes=part.demand_bytes * 2),
        replace(part, serve_limit_bytes=np.full(part.cache_count, 100.0)),
        replace(part, held=(part.held[0][1:], *part.held[1:])),
        replace(part, rights=np.zeros_like(part.rights)),
        replace(part, points=replace(points, share=points.share / 2)),
        replace(part, cache_ids=("other", *part.cache_ids[1:])),
        replace(part, companion=np.full_like(part.companion, -1)),
    ]
    assert len({digest(part), *map(digest, changed)}) == 1 + len(changed)
    titled = replace(part, title=part.title + 1, rights=np.hstack([part.rights[:, :1], part.rights]))
    assert digest(titled) == digest(part), "one more title in the catalogue changes no group"


def test_a_solver_that_breaks_a_limit_is_found_out(base: Base) -> None:
    def everything(problem: PlacementProblem, _: object) -> PlacementResult:
        made = solver_of(base.inputs.settings)(problem, None)
        all_files = Placement(tuple(np.arange(problem.file_count) for _ in problem.cache_ids))
        return replace(made, placement=all_files)

    with pytest.raises(VerificationFailed, match="broke limits"):
        solve_groups(base.problem, {}, (), everything, 1)


@pytest.mark.parametrize("column", ["storage_bytes", "fill_budget_bytes", "serve_limit_bytes"])
@given(seed=st.integers(0, 10**6), which=st.integers(0, 4), factor=st.floats(1.0, 3.0), solver=st.booleans())
@settings(max_examples=6)
def test_more_capacity_never_shows_a_lower_optimum_beyond_the_two_gaps(
    column: str, seed: int, which: int, factor: float, solver: bool
) -> None:
    problem = network(12, 4, 1, seed=seed)
    more = getattr(problem, column) * np.where(np.arange(problem.cache_count) == which, factor, 1.0)
    larger = replace(problem, **{column: more.astype(getattr(problem, column).dtype)})
    plan = Settings.model_validate({"plan": {"solver": "decomposition" if solver else "auto"}})
    before = solve_groups(problem, {}, (), solver_of(plan), 1)
    cold, warm = (solve_groups(larger, {}, near, solver_of(plan), 1) for near in ((), before.plans))
    for after in (cold, warm):
        assert after.bound >= before.value * (1 - 1e-9), "the bound is of all plans, the smaller network's too"
        assert after.value >= before.value - _gap(before) - _gap(after) - 1e-9 * before.value
    if column != "serve_limit_bytes":
        assert warm.value >= before.value * (1 - 1e-12), "the plan that was may stay"


def test_a_worse_plan_than_the_one_to_begin_from_is_not_kept_but_for_another_way_of_planning(base: Base) -> None:
    before, _ = base_solution(base, Stages("test"))

    def nothing(problem: PlacementProblem, start: object) -> PlacementResult:
        good = solver_of(base.inputs.settings)(problem, None)
        return replace(good, placement=Placement(tuple(pinned.copy() for pinned in problem.pinned)), value=0.0)

    kept = solve_groups(base.problem, {}, before.plans, nothing, 1, keeps=True)
    assert kept.value == pytest.approx(before.value) and kept.bound >= kept.value
    assert solve_groups(base.problem, {}, before.plans, nothing, 1).value < before.value


def _gap(solution: Solution) -> float:
    return solution.bound - solution.value
