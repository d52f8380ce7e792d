"""One cache by itself: what is admitted fits and gains, companions come and go together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.shelf import (
    Meter,
    Shelf,
    admit,
    drop_idle_leaders,
    meter_loss,
    net_gain,
    release,
    shelf_of,
    spare,
    unmetered,
)
from tests.optimizer.decomposition.cases import tiny_trees, trees, whole_core
from tests.optimizer.instances import tree


def shelf(
    size: list[float],
    storage: float,
    fill: float = np.inf,
    company: list[int] | None = None,
    leader: list[int] | None = None,
) -> Shelf:
    """All entries new, none pinned; `company` is the number of the leader of each."""
    count, leader = len(size), leader or []
    of = np.array(company or [-1] * count, dtype=np.int32)
    follower = np.argsort(of, kind="stable")[(of < 0).sum() :]
    return Shelf(
        size=np.array(size),
        fresh=np.array(size),
        demand=np.zeros(count),
        pinned=np.zeros(count, dtype=np.bool_),
        leader=np.array(leader, dtype=np.int64),
        company=of,
        leading=np.isin(np.arange(count), leader),
        follower=follower.astype(np.int64),
        followers=np.searchsorted(of[follower], np.arange(len(leader) + 1)).astype(np.int64),
        storage=storage,
        fill=fill,
        cost=0.0,
    )


def admitted(made: Shelf, order: list[int], gain: list[float], meter: Meter | None = None) -> tuple[Bools, Floats]:
    """Held entries and what is left."""
    meter = meter or unmetered(made)
    hold = np.zeros(len(made.size), dtype=np.bool_)
    left = spare(made, meter, hold)
    admit(made, meter, np.array(order, dtype=np.int64), np.array(gain), hold, left)
    assert left == pytest.approx(spare(made, meter, hold))
    return hold, left


def test_entries_come_in_order_as_long_as_they_fit() -> None:
    """After the 3 and the 4 of room 8, the 2 no longer fits, the 1 does."""
    hold, left = admitted(shelf([3.0, 4.0, 2.0, 1.0], 8.0), [1, 0, 2, 3], [1.0] * 4)
    assert hold.tolist() == [True, True, False, True]
    assert left.tolist() == [0.0, np.inf, 0.0]


def test_what_gains_nothing_stays_out_and_fill_is_a_limit_too() -> None:
    hold, left = admitted(shelf([1.0, 1.0, 3.0, 2.0], 9.0, fill=3.0), [0, 1, 2, 3], [0.0, 1.0, 5.0, 1.0])
    assert hold.tolist() == [False, True, False, True]
    assert left[:2].tolist() == [6.0, 0.0]


@pytest.mark.parametrize(
    ("gain", "storage", "held"),
    [
        ([-2.0, 3.0], 5.0, [True, True]),
        ([-2.0, 2.0], 5.0, [False, False]),
        ([-2.0, 3.0], 4.9, [False, False]),
    ],
)
def test_a_follower_brings_its_leader_if_both_fit_and_gain(gain: list[float], storage: float, held: list[bool]) -> None:
    made = shelf([1.0, 4.0], storage, company=[-1, 0], leader=[0])
    assert admitted(made, [1], gain)[0].tolist() == held


def test_a_leader_that_is_there_is_not_paid_twice() -> None:
    made = shelf([1.0, 2.0, 2.0], 5.0, company=[-1, 0, 0], leader=[0])
    assert admitted(made, [1, 2], [-3.0, 4.0, 1.0])[0].tolist() == [True, True, True]


def test_bytes_of_a_serve_limit_are_gained_and_those_over_it_lost() -> None:
    """Limit 10: using 8 bytes of it gains 8 x 0.5; the next 4 bytes gain 2 x 0.5 and lose 2 x 1.5."""
    made = shelf([1.0, 1.0, 1.0], 9.0)
    meter = Meter(np.array([8.0, 4.0, 4.0]), 10.0, 0.5, 1.5)
    assert (meter_loss(meter, 3.0), meter_loss(meter, 0.0), meter_loss(meter, -2.0)) == (1.5, 0.0, 3.0)
    assert admitted(made, [0, 1, 2], [-3.9, 1.9, 2.1], meter)[0].tolist() == [True, False, True]
    hold = np.array([True, False, True])
    assert net_gain(meter, np.array([-3.9, 1.9, 2.1]), hold) == pytest.approx(-1.8 - 3.0)


@pytest.mark.parametrize(("gain", "stays"), [([-3.0, 1.0, 1.0], False), ([-3.0, 1.0, 2.0], True)])
def test_leaders_go_with_their_followers_where_they_lose_together(gain: list[float], stays: bool) -> None:
    """A follower that is not held says nothing for its leader."""
    made = shelf([1.0, 2.0, 4.0, 8.0], 99.0, company=[-1, 0, 0, 0], leader=[0])
    hold = np.array([True, True, True, False])
    left = spare(made, unmetered(made), hold)
    drop_idle_leaders(made, unmetered(made), np.array([*gain, 50.0]), hold, left)
    assert hold.tolist() == [stays, stays, stays, False]
    assert left == pytest.approx(spare(made, unmetered(made), hold))


def test_what_is_released_gives_back_all_it_took() -> None:
    made, meter = shelf([3.0, 4.0], 9.0, fill=8.0), Meter(np.array([5.0, 6.0]), 7.0, 1.0, 1.0)
    hold = np.array([True, True])
    left = spare(made, meter, hold)
    assert left.tolist() == [2.0, 1.0, -4.0]
    release(made, meter, 1, hold, left)
    assert hold.tolist() == [True, False] and left.tolist() == [6.0, 5.0, 2.0]


@given(st.integers(0, 10**6))
def test_companies_of_any_shelf_are_kept(seed: int) -> None:
    """Whatever the order and the gains: no follower without its leader, no limit passed, nothing lost."""
    rng = np.random.default_rng(seed)
    count, leaders = 9, int(rng.integers(0, 4))
    company = np.where(np.arange(count) < leaders, -1, rng.integers(-1, max(leaders, 1), count) if leaders else -1)
    made = shelf(
        rng.integers(1, 6, count).astype(float).tolist(),
        float(rng.integers(0, 30)),
        float(rng.integers(0, 30)),
        company.tolist(),
        list(range(leaders)),
    )
    gain: Floats = rng.integers(-4, 9, count).astype(float)
    order: Ints = rng.permutation(count)
    hold, left = admitted(made, order.tolist(), gain.tolist())
    drop_idle_leaders(made, unmetered(made), gain, hold, left)
    assert left == pytest.approx(spare(made, unmetered(made), hold)) and (left >= 0).all()
    follows = np.flatnonzero(hold & (made.company >= 0))
    assert hold[made.leader[made.company[follows]]].all()
    assert gain[hold].sum() >= 0.0


def test_a_shelf_has_a_nodes_own_entries() -> None:
    """Sizes 4, 1 and 3 at two edges; the first file is the companion of the others, the last is held at one edge."""
    problem = tree(
        [2, 2, -1],
        [3.0, 2.0, 1.0],
        [4, 1, 3],
        [[8, 2, 3], [5, 1, 6]],
        companion=[-1, 0, 0],
        storage=[7, 5, 8],
        budget=[6, 5, 8],
        held=[[2], [], []],
        fill_cost=0.5,
    )
    (made,) = trees(problem)
    core = whole_core(made)
    node = int(np.flatnonzero(made.cache == 0)[0])
    found = shelf_of(core, node)
    file = core.file[core.at[core.start[node] : core.start[node + 1]]]
    by_file = np.argsort(file)
    assert file[by_file].tolist() == [0, 1, 2]
    assert found.size[by_file].tolist() == [4.0, 1.0, 3.0]
    assert found.fresh[by_file].tolist() == [4.0, 1.0, 0.0]
    assert found.demand[by_file].tolist() == [8.0, 2.0, 3.0]
    assert (found.storage, found.fill, found.cost) == (7.0, 6.0, 0.5)
    assert file[found.leader].tolist() == [0] and sorted(file[found.follower]) == [1, 2]
    assert found.company[by_file].tolist() == [-1, 0, 0] and found.leading[by_file].tolist() == [True, False, False]


@pytest.mark.parametrize("seed", range(10))
def test_leaders_and_followers_of_a_shelf_know_each_other(seed: int) -> None:
    for made in tiny_trees(seed, files=9):
        core = whole_core(made)
        for node in range(made.node_count):
            found = shelf_of(core, node)
            assert len(found.followers) == len(found.leader) + 1
            for number, leader in enumerate(found.leader):
                mine = found.follower[found.followers[number] : found.followers[number + 1]]
                assert mine.tolist() == np.flatnonzero(found.company == number).tolist() and len(mine)
                assert found.leading[leader]
            assert found.leading.sum() == len(found.leader)
