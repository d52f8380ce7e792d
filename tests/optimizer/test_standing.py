import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.standing import Standing, local_prices
from tests.optimizer.instances import network, placement, tiny, tree
from tests.optimizer.oracle import slow_worth


@given(seed=st.integers(0, 10**6), data=st.data())
@settings(max_examples=100)
def test_the_marginal_gain_is_what_adding_the_file_really_adds(seed, data):
    problem = tiny(seed, limits=False, monotone=False)
    rng = np.random.default_rng(seed)
    files = [set(np.flatnonzero(rng.random(problem.file_count) < 0.4).tolist()) for _ in range(problem.cache_count)]
    cache = data.draw(st.integers(0, problem.cache_count - 1))
    file = data.draw(st.integers(0, problem.file_count - 1))
    files[cache].discard(file)
    standing = Standing.of(problem, placement(*[sorted(held) for held in files]))
    gain, _ = standing.marginal(cache)
    before = slow_worth(problem, files)
    files[cache].add(file)
    assert gain[file] == pytest.approx(slow_worth(problem, files) - before, abs=1e-9)


def test_a_parent_sees_what_a_limited_child_sends_on():
    problem = tree([1, -1], [2.0, 1.0], [1], [[10.0]], limit=[4.0, np.inf])
    standing = Standing.of(problem, placement([0], []))
    gain, load = standing.marginal(1)
    assert load.tolist() == pytest.approx([6.0])
    assert gain.tolist() == pytest.approx([6.0])


def test_a_full_parent_is_no_help_to_its_child():
    problem = tree([1, -1], [2.0, 1.0], [1], [[10.0]], limit=[np.inf, 4.0])
    gain, _ = Standing.of(problem, placement([], [0])).marginal(0)
    assert gain.tolist() == [20.0]


def test_a_placement_goes_in_and_comes_out_unchanged():
    problem = network(20, 4, 1, seed=0)
    out = Standing.of(problem, placement(*[held.tolist() for held in problem.held])).placement()
    assert all(np.array_equal(a, b) for a, b in zip(out.files, problem.held, strict=True))


def test_prices_are_known_and_not_negative_for_every_cache():
    problem = network(40, 4, 1, seed=0)
    found = local_prices(Standing.of(problem, placement(*[held.tolist() for held in problem.held])))
    for price in (found.storage, found.fill, found.serve):
        assert (price >= 0).all()
    assert (found.storage + found.fill > 0).any()
