"""A plan while it is built: its value is that of its placement, its packings are close to the best."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fillplan_optimizer.decomposition.core import Breadth
from fillplan_optimizer.decomposition.descent import Descent, Effort, TwoTiers, descend, zero_levels
from fillplan_optimizer.decomposition.plan import Plan, Recovery
from fillplan_optimizer.decomposition.shelf import Meter, net_gain, spare, unmetered
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.service import net_value
from fillplan_optimizer.verifier import verify
from tests.optimizer.decomposition.cases import (
    best_subset,
    keeps_company,
    packings,
    small_tree,
    tiny_trees,
    trees,
    whole_core,
)
from tests.optimizer.instances import placement, tree


def unsettled(made: Tree) -> Plan:
    """An empty plan on all pairs that can be worth anything."""
    core = whole_core(made)
    levels = zero_levels(core)
    breadth = Breadth(np.full(made.node_count, np.inf))
    dual = TwoTiers(core, levels).dual()
    return Plan(Descent(core, levels, np.zeros_like(made.held), breadth, dual, 0), Recovery())


@pytest.mark.parametrize("seed", range(60))
def test_its_value_is_that_of_its_placement(seed: int) -> None:
    """Whatever is held, with serve limits too: the canonical routing knows nothing of plans."""
    rng = np.random.default_rng(seed)
    for made in tiny_trees(seed):
        plan = unsettled(made)
        plan.hold[:] = rng.random(len(plan.hold)) < 0.6
        assert plan.value() == pytest.approx(net_value(made.problem, plan.placement(made)), abs=1e-9)


def test_an_edge_serves_what_it_alone_holds_first() -> None:
    """Limit 10 of 6 + 8 bytes asked for; the parent has the second file as well."""
    problem = tree([1, -1], [2.0, 1.0], [1, 1, 1], [[6.0, 8.0, 5.0]], limit=[10.0, np.inf])
    (made,) = trees(problem)
    plan = unsettled(made)
    edge = int(np.flatnonzero(made.cache == 0)[0])
    file = plan.core.file[plan.core.at[plan.segment(edge)]]
    both, second = np.isin(file, [0, 1]), file == 1
    assert plan.served(edge, second, both) == (6.0, 4.0)
    assert plan.served(edge, np.zeros_like(both), both) == (10.0, 0.0)
    assert plan.served(edge, second, second) == (0.0, 8.0)
    assert plan.served(edge, second, np.zeros_like(both)) == (0.0, 0.0)


def test_what_is_settled_is_in_the_placement_and_in_the_loss() -> None:
    made = small_tree(2, serve_share=0.0)
    descent = descend(made, Effort())
    assert descent.settled.any()
    plan = Plan(descent, Recovery())
    value = net_value(made.problem, plan.placement(made))
    assert plan.loss(descent.dual) == pytest.approx((descent.dual - value) / descent.dual, rel=1e-9)
    for node, cache in enumerate(made.cache):
        if cache >= 0:
            wanted = descent.settled[node] | made.pinned[node]
            assert np.array_equal(plan.placement(made).files[cache], np.flatnonzero(wanted))


def test_an_earlier_placement_is_adopted_by_worth_per_byte_as_far_as_it_fits() -> None:
    """Room for 5: worth per byte 4 (2 bytes), 3 (3 bytes), 3.5 (4 bytes), which is worth most, and 0.5 (1 byte)."""
    problem = tree([-1], [1.0], [2, 3, 4, 1], [[8.0, 9.0, 14.0, 0.5]], storage=[5])
    (made,) = trees(problem)
    for before, after in (([0, 1, 2], [0, 1]), ([0, 2, 3], [0, 3]), ([1, 2, 3], [2, 3]), ([1], [1]), ([], [])):
        plan = unsettled(made)
        plan.adopt(made, placement(before))
        assert plan.placement(made).files[0].tolist() == after


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_adopted_keeps_all_rules(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for made in tiny_trees(seed):
        plan = unsettled(made)
        files = [np.flatnonzero(rng.random(made.file_count) < 0.7).tolist() for _ in range(made.problem.cache_count)]
        plan.adopt(made, placement(*files))
        adopted = plan.placement(made)
        assert not verify(made.problem, adopted).violations
        for node, cache in enumerate(made.cache):
            if cache >= 0:
                pinned = np.flatnonzero(made.pinned[node]).tolist()
                companions = [int(made.companion[file]) for file in [*files[cache], *pinned]]
                assert set(adopted.files[cache].tolist()) <= {*files[cache], *pinned, *companions}


def test_packings_keep_every_rule_and_are_close_to_the_best() -> None:
    reached = []
    for shelf, gain, hold, loss in packings(range(80)):
        assert (spare(shelf, unmetered(shelf), hold) >= 0).all()
        assert hold[shelf.pinned].all()
        assert keeps_company(shelf, hold)
        reached.append((gain[hold].sum(), best_subset(shelf, gain)))
        assert reached[-1][1] <= reached[-1][0] + loss + 1e-9, "no choice is better by more than the loss"
    values, best = np.array(reached).T
    assert len(best) > 100
    assert (values <= best + 1e-9).all()
    assert np.isclose(values, best).mean() > 0.98
    assert values.sum() > 0.999 * best.sum()


@pytest.mark.parametrize("seed", range(20))
def test_metered_packings_use_the_serve_limit_well(seed: int) -> None:
    """At the exact serve price of a fractional choice; against all subsets, what is over the limit lost."""
    rng = np.random.default_rng(seed)
    reached = []
    for made in tiny_trees(seed, files=9):
        plan = Plan(descend(made, Effort()), Recovery())
        for node, shelf in enumerate(plan.shelves):
            limit, value = float(rng.integers(5, 25)), float(made.value[node])
            best, top = -np.inf, -np.inf
            for part in (0.0, 0.3, 0.6, 0.9):
                meter = Meter(shelf.demand, limit, part * value, (1 - part) * value)
                gain = (1 - part) * value * shelf.demand - shelf.cost * shelf.fresh
                hold = plan.pack(node, (1 - part) * value * shelf.demand, meter)
                assert (spare(shelf, meter, hold)[:2] >= 0).all()
                best = max(best, net_gain(meter, gain, hold) + part * value * limit)
            for bits in product([False, True], repeat=len(shelf.size)):
                hold = np.array(bits, dtype=np.bool_)
                within = (spare(shelf, unmetered(shelf), hold) >= 0).all()
                if within and not (shelf.pinned & ~hold).any() and keeps_company(shelf, hold):
                    served = min(limit, shelf.demand[hold].sum())
                    top = max(top, value * served - shelf.cost * shelf.fresh[hold].sum())
            assert best <= top + 1e-9
            reached.append((best, top))
    values, best_values = np.array(reached).T
    assert (best_values - values).sum() <= 0.1 * np.abs(best_values).sum() + 1e-9
