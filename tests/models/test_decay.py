import numpy as np
import pytest

from fillplan_models.decay import (
    COMMON_SPREAD,
    EDGES,
    FURTHEST,
    HIGHEST,
    OLDEST,
    _drawn,
    at_age,
    log_decay,
    market_rate,
    neighbours,
    without_spikes,
)


def fit(hours, age, kind=None, counted=None, state=None, title=None, phi=0.01):
    """Profile per title; without `title` every row is a title of its own."""
    hours = np.asarray(hours, dtype=np.float32)
    counted = np.ones(hours.shape, dtype=bool) if counted is None else counted
    state = np.zeros(hours.shape, dtype=np.int64) if state is None else state
    title = np.arange(len(hours)) if title is None else np.asarray(title)
    kind = np.zeros(title.max() + 1, dtype=np.int64) if kind is None else kind
    pair, age = neighbours(counted, state), np.asarray(age)
    return log_decay(hours, pair, age, title, kind, market_rate(hours, pair, age), phi)


def test_geometric_decay_is_recovered_per_kind():
    age = np.tile(np.arange(0, 40), 200)
    kind = np.repeat([0, 1], 4000)
    rate = np.array([0.9, 0.97])[kind]
    hours = 100 * rate[:, None] ** (age[:, None] + np.arange(30))
    profile = fit(hours, age, kind)
    for k, daily in enumerate((0.9, 0.97)):
        assert np.diff(profile[kind == k, :30]).mean(axis=0) == pytest.approx(np.log(daily), abs=0.015)
        # a title knows nothing of the ages before it was seen but what its kind does there
        assert np.diff(profile[kind == k, :30]) == pytest.approx(np.log(daily), abs=0.025)


def test_titles_of_different_size_at_different_ages_do_not_bend_the_profile():
    young_and_small = 1.0 * 0.9 ** (0 + np.arange(20))
    old_and_big = 1e4 * 0.9 ** (10 + np.arange(20))
    profile = fit(np.repeat([young_and_small, old_and_big], 50, axis=0), np.repeat([0, 10], 50))
    assert np.all(np.diff(profile[0, 10:25]) < -0.08)


def test_a_hit_does_not_tell_how_all_titles_fade():
    """Forty launches lose 8 % a day; one, worth as much as all the others together, stands still."""
    hours = 100 * 0.92 ** np.arange(20) * np.ones((40, 1))
    with_hit = np.vstack([hours, np.full((1, 20), 4000.0)])
    plain, bent = (fit(x, np.zeros(len(x), dtype=int))[0, 14] for x in (hours, with_hit))
    assert plain == pytest.approx(14 * np.log(0.92), rel=0.06)
    assert bent == pytest.approx(plain, rel=0.15)  # ratios of plain sums say half of that


def test_titles_that_rise_and_fall_alike_leave_the_profile_level():
    """Weights and evidence must be even: what falls to a half on a day is worth as much as what doubles."""
    rng = np.random.default_rng(0)
    jumps = rng.normal(0, 0.25, (2000, 15))
    rates = np.diff(fit(100 * np.exp(jumps), np.zeros(2000, dtype=int))[:, :15], axis=1)
    assert rates.mean() == pytest.approx(0, abs=0.004)


def test_a_title_of_few_hours_is_drawn_to_its_kind():
    """Its days are mostly chance: what they say of its pace is believed less the more an hour varies."""
    hours = 100 * 0.92 ** np.arange(20) * np.ones((40, 1))
    hours[0] = 3 * 0.8 ** np.arange(20)
    fits = [fit(hours, np.zeros(40, dtype=int), phi=phi)[:, 14] for phi in (0.01, 1.0, 20.0)]
    steeper = [own[0] - own[1] for own in fits]
    assert steeper[0] < -0.4 and steeper[0] < steeper[1] < steeper[2] < 0
    assert steeper[2] > 0.2 * steeper[0]


def test_without_launches_nothing_decays():
    profile = fit(np.full((5, 30), 7.0), np.full(5, OLDEST))
    assert np.all(profile == 0)


def test_days_that_are_not_counted_or_change_their_promotion_are_left_out():
    hours = np.full((50, 10), 5.0)
    hours[:, 5:] = 500.0  # a promotion begins on day 5
    state = np.zeros(hours.shape, dtype=np.int64)
    state[:, 5:] = 1
    assert np.all(fit(hours, np.zeros(50, dtype=int), state=state) == 0)
    counted = np.ones(hours.shape, dtype=bool)
    counted[:, 5] = False
    assert np.all(fit(hours, np.zeros(50, dtype=int), counted=counted) == 0)


def test_at_age_is_one_at_launch_and_before():
    profile = np.linspace(0, -3, OLDEST + 1)[None]
    kind = np.zeros(4, dtype=np.int64)
    factor = at_age(profile, kind, np.array([-5, 0, OLDEST, 10**6]))
    assert factor == pytest.approx([1, 1, np.exp(-3), np.exp(-3)])


def test_the_market_s_trend_is_not_taken_for_age():
    """Launches lose 5 % a day of what settled titles hold, whether the market stands still or loses 1 % a day."""
    rng = np.random.default_rng(3)
    days, series = 60, 400
    age = np.where(np.arange(series) % 2 == 0, rng.integers(0, 40, series), 1000)
    own = np.where(age[:, None] < 1000, age[:, None] + np.arange(days), 0)
    still, falling = (fit(100 * np.exp(-trend * np.arange(days) - 0.05 * own), age)[0] for trend in (0.0, 0.01))
    assert still[30] < -1.2
    assert falling[:90] == pytest.approx(still[:90], abs=0.04)


def test_two_days_of_one_title_do_not_run_away():
    """A title climbs for two days at an age that few have reached, as titles do on a weekend, in ten regions alike."""
    days = np.arange(20)
    climbing = np.where(days < 18, 100 * 0.95**days, 100 * 0.95**17 * 1.3 ** (days - 17))
    others = np.tile(100 * 0.95 ** np.arange(20), (30, 1))[:, :17]
    hours = np.concatenate([np.tile(climbing, (10, 1)), np.pad(others, ((0, 0), (0, 3)))])
    counted = np.ones(hours.shape, dtype=bool)
    counted[10:, 17:] = False
    profile = fit(hours, np.zeros(40, dtype=int), counted=counted, title=[0] * 10 + list(range(1, 31)))
    assert profile[0, 23] - profile[0, 18] < 0.1
    assert profile[1, 23] < profile[1, 18] + 0.05


def test_a_title_that_fades_faster_than_its_kind_is_told_so():
    fast, usual = 0.8 ** np.arange(15), 0.9 ** np.arange(15)
    profile = fit(100 * np.stack([fast] + [usual] * 20), np.zeros(21, dtype=int))
    assert profile[0, 7] < profile[1, 7] - 0.3
    assert profile[0, 30] < profile[1, 30]
    assert profile[1, 1:7] == pytest.approx(np.log(0.9) * np.arange(1, 7), abs=0.1)


def test_no_title_ends_farther_from_its_kind_than_is_believed():
    wild = np.ones(30)
    wild[1:] = 1e5
    profile = fit(np.stack([wild] + [np.ones(30)] * 20), np.zeros(21, dtype=int))
    assert np.abs(profile[0] - profile[1:].mean(axis=0)).max() <= FURTHEST + 0.1
    assert profile[0, 10] > profile[1, 10] + 0.5


def test_a_title_without_hours_has_the_profile_of_its_kind():
    hours = 100 * 0.9 ** np.tile(np.arange(20), (30, 1))
    profile = fit(hours, np.zeros(30, dtype=int), kind=np.zeros(31, dtype=int))
    assert profile[30, :15] == pytest.approx(np.log(0.9) * np.arange(15), abs=0.15)


def test_a_service_that_goes_live_after_weeks_of_tests_is_no_growth_without_end():
    hours = np.full((50, 60), 1e-3)
    hours[:, -1] = 50.0  # one day's growth, which a chain takes for that of every day
    assert 0 < fit(hours, np.arange(50) * 4).max() <= HIGHEST + FURTHEST


def test_one_day_a_thousand_times_too_large_does_not_tell_how_all_titles_fade():
    rng = np.random.default_rng(2)
    days, age = np.arange(80), np.zeros(60, dtype=np.int64)
    hours = (100 * np.exp(-days / 40) * rng.gamma(50, 1 / 50, (60, 80))).astype(np.float32)
    told = fit(hours, age)[1:, :79]
    for spike in (30, 45):  # the last day of one rate and the first of the next
        odd = hours.copy()
        odd[0, spike] *= 1000
        assert np.abs(fit(odd, age)[1:, :79] - told).max() > 0.5
        assert fit(without_spikes(odd), age)[1:, :79] == pytest.approx(told, abs=0.35)


def test_a_first_day_or_a_day_between_silent_ones_is_no_spike():
    hours = np.array([[0, 0, 500, 0, 0, 0], [900, 400, 0, 0, 3, 40], [1, 200, 1, 1, 1, 1]], dtype=np.float32)
    assert without_spikes(hours).tolist() == [hours[0].tolist(), [900, 400, 0, 0, 3, 30], [1, 10, 1, 1, 1, 1]]


def test_rates_seen_early_tell_those_of_later_ages_by_their_shape() -> None:
    """Falling alike at every age of the first month, titles go on to; falling less with age, they have done."""
    age = (EDGES[:-1] + EDGES[1:] - 1) / 2
    seen, later = np.where(age < 30, 1e5, 0.0)[None], age > 60
    alike, early = np.full((1, len(age)), -0.03), -0.3 / (1 + age)[None]
    told = [_drawn(np.zeros_like(rate), rate, seen, COMMON_SPREAD)[0, later] for rate in (alike, early)]
    assert np.all((told[0] > -0.03) & (told[0] < -0.2 * 0.03)), "no more than was seen, and a good part of it"
    assert told[1] == pytest.approx(early[0, later], abs=0.001)


def test_what_was_watched_before_the_launch_tells_no_age():
    """Previews: the days before a title's rights start, if they are counted at all, are no age of it or of another."""
    late = 100 * 0.9 ** np.arange(20)
    early = np.concatenate([100 * 2.0 ** np.arange(5), late])
    with_previews = fit(np.vstack([early, np.concatenate([late, late[-5:]])]), np.array([-5, 0]))
    counted = np.ones((2, 25), dtype=bool)
    counted[0, :5] = False
    without = fit(np.vstack([early, np.concatenate([late, late[-5:]])]), np.array([-5, 0]), counted=counted)
    np.testing.assert_array_equal(with_previews, without)


def test_a_step_of_the_market_counts_no_more_than_the_steepest_day():
    """A service that goes live: a thousand times the hours from one day to the next."""
    live, tripled = (np.where(np.arange(40) < 20, 1.0, step) * np.ones((30, 1)) for step in (1000.0, 3.0))
    pair, settled = np.ones((30, 39), dtype=bool), np.full(30, OLDEST)
    rate = market_rate(live.astype(np.float32), pair, settled)
    assert rate == pytest.approx(market_rate(tripled.astype(np.float32), pair, settled), rel=1e-6)
    assert rate > 0
