from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.packing import Offer, bundle_density, choose, pack, prices


def offer(
    gain, size, *, held=(), forced=(), companion=None, storage=10**6, budget=10**6, limit=np.inf, load=None, cost=0.0
):
    count = len(gain)
    mask = lambda files: np.isin(np.arange(count), list(files))  # noqa: E731
    return Offer(
        gain=np.array(gain, dtype=float),
        load_bytes=np.array(gain if load is None else load, dtype=float),
        size_bytes=np.array(size),
        held=mask(held),
        allowed=np.ones(count, dtype=bool),
        forced=mask(forced),
        companion=np.array([-1] * count if companion is None else companion),
        storage_bytes=storage,
        fill_budget_bytes=budget,
        serve_limit_bytes=limit,
        fill_cost_per_byte=cost,
    )


def chosen(*args, **kwargs):
    return np.flatnonzero(choose(offer(*args, **kwargs))).tolist()


def slow_pack(sizes, room):
    take = []
    for size in sizes:
        take.append(size <= room)
        room -= size if take[-1] else 0
    return take


@given(sizes=st.lists(st.integers(1, 20), max_size=30), room=st.integers(0, 100))
def test_packing_is_one_file_after_the_other_skipping_what_does_not_fit(sizes, room):
    assert pack(np.array(sizes, dtype=np.int64), room).tolist() == slow_pack(sizes, room)


def test_the_densest_files_are_chosen():
    assert chosen([4, 9, 5], [2, 3, 5], storage=5) == [0, 1]


def test_a_file_that_costs_more_to_fill_than_it_earns_stays_out_unless_it_is_there():
    assert chosen([1], [2], cost=1.0) == []
    assert chosen([1], [2], cost=1.0, held=[0]) == [0]


def test_the_window_goes_to_the_densest_new_files_and_storage_to_the_best_of_all():
    assert chosen([9, 8, 7, 1], [2, 2, 2, 2], held=[2, 3], budget=2, storage=4) == [0, 2]


def test_forced_files_come_first_whatever_they_are_worth():
    assert chosen([-5, 9, 8], [2, 2, 2], forced=[0], storage=4) == [0, 1]


def test_a_video_waits_for_its_main_audio_and_the_pair_is_ranked_together():
    """File 0 is the audio of video 1: together 10 per 5 bytes; file 2 has 9 per 3, file 3 has 4 per 3."""
    values, sizes = [0, 10, 9, 4], [1, 4, 3, 3]
    assert chosen(values, sizes, companion=[-1, 0, -1, -1], storage=8) == [0, 1, 2]
    assert chosen(values, sizes, companion=[-1, 0, -1, -1], storage=7) == [2, 3], "no room for the pair"


def test_an_audio_whose_video_did_not_fit_does_not_stay_for_nothing():
    assert chosen([0, 10, 9], [1, 4, 3], companion=[-1, 0, -1], storage=4) == [2]
    assert chosen([10, 0, 3], [4, 1, 3], companion=[1, -1, -1], storage=4) == [2], "whichever is listed first"


def test_a_tight_window_lets_in_the_audio_of_a_held_video_before_denser_files():
    """The held video 1 earns 20 and needs audio 0; new file 2 is denser by itself."""
    assert chosen([0, 20, 6], [2, 5, 2], companion=[-1, 0, -1], held=[1], budget=2) == [0, 1]


def test_a_serve_limit_stops_what_would_earn_nothing_more():
    assert chosen([10, 8, 6], [1, 1, 1], limit=10, cost=0.1) == [0]


def test_behind_a_serve_limit_the_bytes_worth_most_count():
    """Files 0 and 1 are also at the parent, so their bytes earn less here than those of file 2."""
    assert chosen([5, 5, 9], [1, 1, 2], load=[10, 10, 10], limit=10, cost=0.1) == [2]


def test_bundle_density_is_the_best_mean_over_an_audio_and_its_densest_videos():
    density = np.array([0.0, 6.0, 2.0, 1.0])
    result = bundle_density(density, np.array([1, 1, 1, 1]), np.array([-1, 0, 0, -1]), np.ones(4, dtype=bool))
    assert result.tolist() == [3.0, 3.0, 2.0, 1.0]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=150)
def test_every_choice_keeps_the_limits_and_is_at_most_the_fractional_optimum_at_the_prices(seed):
    rng = np.random.default_rng(seed)
    count = 6
    given_offer = offer(
        rng.integers(-1, 9, count),
        rng.integers(1, 5, count),
        held=np.flatnonzero(rng.random(count) < 0.4),
        companion=np.where((np.arange(count) > 0) & (rng.random(count) < 0.5), 0, -1),
        storage=int(rng.integers(0, 16)),
        budget=int(rng.integers(0, 10)),
        cost=float(rng.choice([0.0, 0.3])),
    )
    mask = choose(given_offer)
    assert keeps_rules(given_offer, mask)
    storage, fill, serve = prices(given_offer)
    assert serve == 0.0, "there is no limit"
    rent = given_offer.size_bytes * (storage + np.where(given_offer.held, 0.0, fill))
    bound = storage * given_offer.storage_bytes + fill * given_offer.fill_budget_bytes
    bound += np.maximum(given_offer.net - rent, 0.0).sum()
    best = max(
        given_offer.net[np.array(bits)].sum()
        for bits in product((False, True), repeat=count)
        if keeps_rules(given_offer, np.array(bits))
    )
    assert given_offer.net[mask].sum() <= best + 1e-9 <= bound + 2e-9


def keeps_rules(given_offer, mask):
    size, companion = given_offer.size_bytes, given_offer.companion
    return bool(
        size[mask].sum() <= given_offer.storage_bytes
        and size[mask & ~given_offer.held].sum() <= given_offer.fill_budget_bytes
        and (~mask | (companion < 0) | mask[companion]).all()
    )


def test_prices_are_the_densities_at_which_storage_and_window_end():
    storage, fill, _ = prices(offer([9, 8, 7, 6], [1, 1, 1, 1], held=[2, 3], storage=3, budget=1))
    assert (storage, fill) == pytest.approx((0.0, 8.0)), "all held files fit: only the window is short"
    storage, fill, _ = prices(offer([9, 8, 7, 6], [1, 1, 1, 1], held=[2, 3], storage=2, budget=1))
    assert (storage, fill) == pytest.approx((6.0, 2.0))
    storage, fill, _ = prices(offer([9, 8, 7, 6], [1, 1, 1, 1], storage=2, budget=4))
    assert (storage, fill) == pytest.approx((7.0, 0.0))
    for room in (0, 1):
        storage, _, _ = prices(offer([9, 8], [2, 3], storage=room))
        assert storage == 4.5, "where nothing fits, room is worth what the densest file is"


def test_a_serve_limit_that_binds_has_the_price_of_the_bytes_that_just_get_through():
    assert prices(offer([9, 8, 7], [1, 1, 1], load=[3, 4, 7], limit=5.0))[2] == pytest.approx(2.0)
    assert prices(offer([9, 8, 7], [1, 1, 1], load=[3, 4, 7], limit=14.0))[2] == 0.0
