"""Plans of deep trees: legal, never worth less than the one that was known, better by every turn."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_optimizer.decomposition.cascade import recover_deep
from fillplan_optimizer.decomposition.descent import Effort, descend
from fillplan_optimizer.decomposition.plan import Recovery
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from fillplan_optimizer.verifier import verify
from tests.optimizer.decomposition.cases import trees
from tests.optimizer.instances import placement, tiny, tree


def nothing(caches: int) -> Placement:
    return placement(*([[]] * caches))


@pytest.mark.parametrize("seed", range(25))
def test_it_keeps_all_rules_and_comes_close_to_the_best(seed: int) -> None:
    for made in trees(tiny(seed, shape="three-tier", limits=False)):
        problem = made.problem
        pins = Placement(tuple(np.flatnonzero(made.pinned[made.cache == c].any(0)) for c in range(problem.cache_count)))
        descent = descend(made, Effort())
        values = []
        for rounds in (0, 1, 3):
            found = recover_deep(made, descent, Recovery(rounds=rounds), pins)
            assert not verify(problem, found).violations
            values.append(net_value(problem, found))
        assert values == sorted(values) and values[0] >= net_value(problem, pins)
        best = Exact(Limits(gap=0.0)).place(problem)
        assert best.value + 1e-6 >= values[-1] >= best.value - 0.12 * abs(best.value)
        kept = recover_deep(made, descent, Recovery(rounds=1), best.placement)
        assert net_value(problem, kept) >= best.value - 1e-9


def test_each_tier_is_packed_given_what_is_held_above() -> None:
    """The root has room for both files; the small one fits in the middle too, where its bytes are worth more."""
    problem = tree([1, 2, -1], [3.0, 2.9, 2.8], [4, 1], [[10.0, 4.0]], storage=[0, 1, 5], fill_cost=0.1)
    (made,) = trees(problem)
    found = recover_deep(made, descend(made, Effort()), Recovery(), nothing(3))
    assert [files.tolist() for files in found.files] == [[], [1], [0]]


def test_a_file_that_is_pinned_above_is_not_held_again_for_little_more() -> None:
    """In the middle it would better 10 bytes by 0.1 each and cost 4 x 0.4; no turn is there to take it back."""
    problem = tree([1, 2, -1], [3.0, 2.9, 2.8], [4], [[10.0]], storage=[0, 4, 4], fill_cost=0.4, pinned=[[], [], [0]])
    (made,) = trees(problem)
    found = recover_deep(made, descend(made, Effort()), Recovery(rounds=0), nothing(3))
    assert [files.tolist() for files in found.files] == [[], [], [0]]


def test_turns_take_back_what_others_hold_by_now() -> None:
    """A copy at the edge makes the one above it worth its cost to nobody."""
    problem = tree([1, 2, -1], [3.0, 2.0, 1.0], [2], [[10.0]], fill_cost=0.5)
    (made,) = trees(problem)
    found = recover_deep(made, descend(made, Effort()), Recovery(), placement([], [0], [0]))
    assert [files.tolist() for files in found.files] == [[0], [], []]


def test_nothing_asked_for_leaves_nothing_to_hold() -> None:
    (made,) = trees(tree([1, 2, -1], [3.0, 2.0, 1.0], [2, 3], [[0.0, 0.0]], fill_cost=0.5))
    found = recover_deep(made, descend(made, Effort()), Recovery(), nothing(3))
    assert [files.tolist() for files in found.files] == [[], [], []]
