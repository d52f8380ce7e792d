from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.exact.placer import state
from fillplan_optimizer.exact.pulp_highs import Limits, linear, solve
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import _pass_least_loss, net_value, serve
from fillplan_optimizer.verifier import check_service
from tests.optimizer.instances import placement, tiny, tree
from tests.optimizer.oracle import slow_cost, slow_worth

TWO_TIERS = {"parent": [2, 2, -1], "value": [3.0, 2.0, 1.0], "size": [1, 1]}


def random_placement(problem, seed):
    rng = np.random.default_rng(seed)
    return Placement(tuple(np.flatnonzero(rng.random(problem.file_count) < 0.5) for _ in range(problem.cache_count)))


def test_demand_goes_to_the_first_holder_then_the_parent_then_the_origin():
    problem = tree(**TWO_TIERS, demand=[[10, 20], [5, 7]])
    service = serve(problem, placement([0], [], [1]))
    assert service.served_bytes[0].tolist() == [10]
    assert service.served_bytes[2].tolist() == [27]
    assert service.total_bytes == 37
    assert service.total_worth == 10 * 3 + 27 * 1
    assert service.cache_worth.tolist() == [30, 0, 27]


def test_bytes_over_the_limit_go_to_the_parent_that_holds_the_file_before_the_origin():
    problem = tree(**TWO_TIERS, demand=[[10, 20], [0, 0]], limit=[15, np.inf, np.inf])
    service = serve(problem, placement([0, 1], [], [0]))
    assert service.served_bytes[0].tolist() == [0, 15], "file 0 loses less: the parent has it"
    assert service.served_bytes[2].tolist() == [10]


def test_a_class_of_equal_loss_is_passed_on_in_proportion():
    problem = tree(**TWO_TIERS, demand=[[10, 20], [0, 0]], limit=[15, np.inf, np.inf])
    service = serve(problem, placement([0, 1], [], [0, 1]))
    assert service.served_bytes[0] == pytest.approx([5, 10])
    assert service.served_bytes[2] == pytest.approx([5, 10])


def test_a_limited_parent_sees_what_its_children_pass_on_before_it_passes_on_itself():
    problem = tree([2, 2, 3, -1], [3, 3, 2, 1], [1], [[10], [10]], limit=[4, np.inf, 5, np.inf])
    service = serve(problem, placement([0], [], [0], [0]))
    assert [float(load) for load in service.cache_bytes] == pytest.approx([4, 0, 5, 11])


def test_a_limited_parent_treats_what_comes_up_and_what_is_asked_of_it_alike():
    """It is met after its children, so that 10 bytes from below and 15 of its own clients give up the same part."""
    problem = tree([1, -1], [2.0, 1.0], [1, 1], [[10, 0], [0, 15]], limit=[0.0, 12.5])
    assert serve(problem, placement([0], [0, 1])).served_bytes[1] == pytest.approx([5, 7.5])


@given(seed=st.integers(0, 10**6))
@settings(max_examples=100)
def test_serving_without_limits_equals_plain_loops(seed):
    problem = tiny(seed, limits=False, monotone=False)
    given_placement = random_placement(problem, seed)
    files = [set(held.tolist()) for held in given_placement.files]
    assert serve(problem, given_placement).total_worth == pytest.approx(slow_worth(problem, files), abs=1e-9)
    expected = slow_worth(problem, files) - slow_cost(problem, files)
    assert net_value(problem, given_placement) == pytest.approx(expected, abs=1e-9)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=150)
def test_limits_hold_and_no_byte_appears_or_is_lost(seed):
    problem = tiny(seed, limits=True, monotone=False)
    given_placement = random_placement(problem, seed)
    service = serve(problem, given_placement)
    assert (service.cache_bytes <= problem.serve_limit_bytes + 1e-6).all()
    assert all((served >= 0).all() for served in service.served_bytes)
    unlimited = replace(problem, serve_limit_bytes=np.full(problem.cache_count, np.inf))
    free = serve(unlimited, given_placement)
    assert service.total_bytes <= free.total_bytes + 1e-6


SHAPES = st.sampled_from(["one-tier", "two-tier", "three-tier", "mesh"])


@given(
    seed=st.integers(0, 10**6),
    shape=SHAPES,
    scale=st.sampled_from([1e-3, 1 / 3, 1e6 / 7, 1e12 / 3]),
    tight=st.sampled_from([0.0, 1e-9, 0.3]),
)
@settings(max_examples=200)
def test_uneven_bytes_and_tight_limits_leave_no_crumb_below_zero(seed, shape, scale, tight):
    """Sums of uneven numbers round; what is taken away must not leave less than nothing."""
    problem = uneven(tiny(seed, shape=shape, files=12, limits=False, monotone=False), seed, scale, tight)
    chosen = random_placement(problem, seed)
    service = serve(problem, chosen)
    assert check_service(problem, chosen, service) == []
    limit = problem.serve_limit_bytes
    assert (service.cache_bytes <= limit * (1 + 1e-12) + 1e-6).all()
    left = problem.demand_bytes.sum(axis=0)
    for files, served, worth in zip(chosen.files, service.served_bytes, service.worth, strict=True):
        assert (served >= 0).all()
        assert ((worth > 0) == (served > 0)).all(), "every byte in these problems is worth something"
        left[files] -= served
    assert (left >= -1e-12 * problem.requested_bytes).all()


@given(
    seed=st.integers(0, 10**6),
    shape=SHAPES,
    which=st.sampled_from(["all", "one"]),
    scale=st.sampled_from([1, 1e12]),
)
@settings(max_examples=100)
def test_a_limit_of_zero_serves_exactly_nothing(seed, shape, which, scale):
    problem = uneven(tiny(seed, shape=shape, files=12, limits=False), seed, scale, 1.0)
    closed = np.arange(problem.cache_count) == seed % problem.cache_count if which == "one" else slice(None)
    problem.serve_limit_bytes[closed] = 0.0
    service = serve(problem, random_placement(problem, seed))
    assert (service.cache_bytes[closed] == 0).all()
    assert np.isfinite(service.total_worth)
    if which == "all":
        assert service.total_bytes == service.total_worth == 0


def test_nothing_stands_where_nothing_can_be_passed_on():
    assert _pass_least_loss([], [], 1.0) == []


def uneven(problem, seed, scale, tight):
    """Demand with all digits used, and limits that are a part of all demand (some none)."""
    rng = np.random.default_rng(seed)
    demand = problem.demand_bytes * rng.lognormal(0.0, 2.0, problem.demand_bytes.shape) * scale
    limit = np.where(rng.random(problem.cache_count) < 0.8, tight * demand.sum() * rng.random(), np.inf)
    return replace(problem, demand_bytes=demand, serve_limit_bytes=limit)


@given(seed=st.integers(0, 10**6), shape=st.sampled_from(["one-tier", "two-tier"]))
@settings(max_examples=60)
def test_the_routing_is_the_best_one_in_two_tiers(seed, shape):
    """Against the program itself with all holdings fixed and every rule on holdings lifted."""
    problem = without_rules(tiny(seed, shape=shape, limits=True))
    program, variables = state(problem)
    rng = np.random.default_rng(seed)
    files = [[] for _ in range(problem.cache_count)]
    for (cache, file), hold in variables.hold.items():
        holds = bool(rng.random() < 0.6)
        program.addConstraint(linear([(hold, 1.0)]) == float(holds), f"fix_{cache}_{file}")
        files[cache] += [file] * holds
    if variables.hold:
        best = solve(program, Limits()).bound
        assert net_value(problem, placement(*files)) == pytest.approx(best, abs=1e-5)


def without_rules(problem):
    blank = tuple(np.zeros(0, dtype=np.int64) for _ in range(problem.cache_count))
    plenty = np.full(problem.cache_count, problem.size_bytes.sum())
    return replace(
        problem,
        storage_bytes=plenty,
        fill_budget_bytes=plenty,
        companion=np.full(problem.file_count, -1),
        pinned=blank,
        blocked=blank,
    )
