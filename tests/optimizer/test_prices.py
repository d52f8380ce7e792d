"""Prices as results: what one more byte of storage, of fill or of serving is worth at a cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fillplan_optimizer.decomposition.placer import Decomposition
from fillplan_optimizer.decomposition.whole import Whole
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.problem import PlacementProblem
from tests.optimizer.instances import network, tree

SOLVER = Decomposition(workers=1, whole=Whole(gap=1.0))
"""Bounds with priced bytes only: those are concave in the limits, and the prices are their slopes."""
LIMITS = {"storage": "storage_bytes", "fill": "fill_budget_bytes", "serve": "serve_limit_bytes"}


def raised(problem: PlacementProblem, limit: str, cache: int, extra: float) -> PlacementProblem:
    """One limit of one cache raised by some bytes."""
    old = getattr(problem, LIMITS[limit])
    changed = old.astype(np.float64) + extra * (np.arange(problem.cache_count) == cache)
    return replace(problem, **{LIMITS[limit]: changed.astype(old.dtype)})


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("seed", range(2))
def test_prices_foretell_what_a_little_more_is_worth(limit: str, seed: int) -> None:
    """The best value is concave in each limit, so that the gain lies between the new price and the old one.

    Checked on the proven bound, which is that value but for some hundred-thousandths, at every cache with the limit.
    """
    problem = network(120, 6, 2, seed, serve_share=1.0, fill_share=(0.1, 0.4))
    before = SOLVER.place(problem)
    slack = 4e-5 * before.bound
    tested = 0
    for cache in np.flatnonzero(np.isfinite(getattr(problem, LIMITS[limit]).astype(np.float64))):
        price = float(getattr(before.prices, limit)[cache])
        extra = 0.2 * float(getattr(problem, LIMITS[limit])[cache])
        after = SOLVER.place(raised(problem, limit, int(cache), extra))
        gain = after.bound - before.bound
        assert gain <= price * extra + slack
        assert gain >= float(getattr(after.prices, limit)[cache]) * extra - slack
        tested += price * extra > 3 * slack
    assert tested >= 1, "no cache has a price that would show"


@pytest.mark.parametrize("limit", ["storage", "fill"])
def test_prices_foretell_the_change_of_exact_optima(limit: str) -> None:
    """Many small files of one size: integers hardly matter, and a price is the worth of the next file."""
    rng = np.random.default_rng(3)
    worth = np.sort(rng.uniform(1.0, 9.0, 60))[::-1]
    held = [np.arange(0, 60, 3).tolist()]
    problem = tree([-1], [1.0], [2] * 60, [worth.tolist()], storage=[50], budget=[20], held=held, fill_cost=0.1)
    solver = Exact(Limits(gap=1e-9))
    base, result = solver.place(problem).value, SOLVER.place(problem)
    price = float(getattr(result.prices, limit)[0])
    assert price > 0
    for files in (1, -1):
        other = solver.place(raised(problem, limit, 0, 2.0 * files))
        assert other.value - base == pytest.approx(price * 2 * files, rel=0.15)
