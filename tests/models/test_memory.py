"""The memory of a series' level: short where demand wanders, long where only chance moves it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fillplan_models.appeal import fit_appeal, weighted_window
from fillplan_models.baseline import title_factor
from fillplan_models.history import make_recent
from fillplan_models.memory import (
    BLENDS,
    CALM,
    GOING_ON,
    RETURNING,
    USUAL_DAYS,
    USUAL_TITLE_DAYS,
    WEEKS,
    Blend,
    Memory,
    _best,
    _calm_hours,
    _classes,
    best_memory,
    blended_level,
    judged_weeks,
    levels,
    usual_memory,
)
from fillplan_models.panel import Panel, build_panel
from tests.models.worlds import day, simulate, tables_of


def with_hours(panel: Panel, step: float, noise: float) -> Panel:
    """The panel with level hours that wander by `step` a day in log, watched with relative `noise`."""
    rng = np.random.default_rng(2)
    shape = panel.hours.shape
    wander = np.exp(np.cumsum(rng.normal(0, step, shape), axis=1)) if step else np.ones(shape)
    hours = 50 * wander * rng.gamma(1 / noise**2, noise**2, shape)
    panel.hours[:] = np.where(panel.hours > 0, hours, 0).astype(np.float32)
    return panel


@pytest.fixture
def panel() -> Panel:
    return build_panel(tables_of(**simulate(days=70, launches=False)), day(70), 7)


def mean_half_life(panel: Panel) -> float:
    """Of both memories."""
    recent = make_recent(panel)
    chosen = best_memory(recent, fit_appeal(recent)).blend
    assert chosen.shape == recent.active.shape
    return float(np.array(BLENDS)[chosen, :2].mean())


def test_wandering_demand_is_forgotten_fast_and_noisy_demand_slowly(panel: Panel) -> None:
    assert mean_half_life(with_hours(panel, step=0.3, noise=0.02)) <= 2.0
    assert mean_half_life(with_hours(panel, step=0.0, noise=0.5)) >= 6.0


def test_a_calm_memory_cuts_surges_but_not_series_that_are_watched_on_few_days() -> None:
    hours = np.stack([np.full(28, 10.0), np.resize([5.0, 0, 0, 0, 0, 5.0, 0], 28)]).astype(np.float32)
    surged = hours.copy()
    surged[:, 14] *= 10
    recent = SimpleNamespace(hours=surged, usual=np.ones_like(hours), counted=np.ones(hours.shape, dtype=bool))
    calm = _calm_hours(recent, 28)  # type: ignore[arg-type]
    assert calm[0, 14] == CALM * 10.0
    np.testing.assert_array_equal(np.delete(calm[0], 14), np.delete(surged[0], 14))
    np.testing.assert_array_equal(calm[1], surged[1])


def mean_power(panel: Panel, log_level: np.ndarray) -> float:
    """Mean power of the shorter memory, 1 for a single one, for series of the levels [N, days] in log."""
    noise = np.random.default_rng(4).gamma(400.0, 1 / 400.0, panel.hours.shape)
    panel.hours[:] = np.where(panel.hours > 0, 50 * np.exp(log_level) * noise, 0).astype(np.float32)
    recent = make_recent(panel)
    blends = np.array(BLENDS)[best_memory(recent, fit_appeal(recent)).blend]
    return float(np.where(blends[:, 0] == blends[:, 1], 1.0, blends[:, 2]).mean())


def test_what_surges_comes_back_and_what_goes_on_is_extrapolated(panel: Panel) -> None:
    rng = np.random.default_rng(3)
    series, days = panel.hours.shape
    surges = np.zeros((series, days))
    for day_ in range(1, days):
        surges[:, day_] = 0.85 * surges[:, day_ - 1] + rng.gamma(0.1, 2.0, series)
    assert mean_power(panel, surges) < 0.8
    turns = rng.integers(30, 45, (series, 1))  # all fade for weeks, then rise for weeks
    assert mean_power(panel, 0.05 * np.abs(np.arange(days) - turns)) > 1.1


def test_a_level_is_the_blend_of_both_memories(panel: Panel) -> None:
    recent = make_recent(with_hours(panel, step=0.1, noise=0.1))
    appeal = fit_appeal(recent)

    def level(short: float, long: float, power: float) -> np.ndarray:
        place = np.full(len(recent.active), BLENDS.index(Blend(short, long, power, calm=False)))
        return blended_level(recent, appeal, Memory(place, USUAL_TITLE_DAYS))[0]

    short, long = level(1.5, 1.5, 1.0), level(10.0, 10.0, 1.0)
    assert level(1.5, 10.0, RETURNING) == pytest.approx(np.sqrt(short * long))
    assert level(1.5, 10.0, GOING_ON) == pytest.approx(short * (short / long) ** (GOING_ON - 1))


def test_a_calm_memory_does_not_know_how_high_a_surge_was(panel: Panel) -> None:
    def level(height: float, *, calm: bool) -> float:
        panel.hours[:, :] = 50
        panel.hours[0, 50:53] = 50 * height
        recent = make_recent(panel)
        place = np.full(len(recent.active), BLENDS.index(Blend(1.5, 16.0, RETURNING, calm)))
        return float(blended_level(recent, fit_appeal(recent), Memory(place, USUAL_TITLE_DAYS))[0][0])

    assert level(200.0, calm=True) < 1.2 * level(20.0, calm=True)
    assert level(200.0, calm=False) > 1.5 * level(20.0, calm=False)


def test_series_that_are_hardly_ever_watched_are_not_calmed_to_nothing(panel: Panel) -> None:
    """The median of their weeks is 0."""
    panel.hours[:] = 0
    panel.hours[:, 55:58] = 8
    recent = make_recent(panel)
    place = np.full(len(recent.active), BLENDS.index(Blend(1.5, 16.0, RETURNING, calm=True)))
    plain = np.full(len(recent.active), BLENDS.index(Blend(1.5, 16.0, RETURNING, calm=False)))
    appeal = fit_appeal(recent)
    calmed, level = (blended_level(recent, appeal, Memory(x, USUAL_TITLE_DAYS))[0] for x in (place, plain))
    assert np.array_equal(calmed, level) and np.all(np.isfinite(level))


def test_series_that_are_watched_on_few_days_are_forecast_without_bias(panel: Panel) -> None:
    """One day in five, two hours each: a cut at the median of the weeks would leave half of them."""
    rng = np.random.default_rng(9)
    panel.hours[:] = np.where(rng.random(panel.hours.shape) < 0.2, rng.gamma(4.0, 0.5, panel.hours.shape), 0)
    recent = make_recent(panel)
    appeal = fit_appeal(recent)
    level = blended_level(recent, appeal, best_memory(recent, appeal))[0]
    is_open = panel.open[:, -7:].all(axis=1)
    forecast = (level[:, None] * recent.usual_on(np.arange(len(level))[:, None], np.arange(70, 77)[None]))[is_open]
    assert forecast.mean() == pytest.approx(0.4, rel=0.2)


def test_a_calm_memory_is_judged_as_such(panel: Panel) -> None:
    """After a surge that is over it errs less in the judged week than the same memory that is not calm."""
    panel.hours[:, :] = 50
    panel.hours[:, 50:53] = 5000
    recent = make_recent(panel)
    appeal = fit_appeal(recent)
    week = judged_weeks(recent, appeal)[-1]
    calm, plain = (week.misses(appeal, Blend(1.5, 16.0, RETURNING, calm))[0].sum() for calm in (True, False))
    assert calm < 0.7 * plain


def test_a_judged_week_is_not_known_beforehand(panel: Panel) -> None:
    """What comes in the last week changes no level that is judged on it, calm or not."""
    recent = make_recent(with_hours(panel, step=0.1, noise=0.1))
    later = recent.hours.copy()
    later[:, -7:] *= 50
    appeal = fit_appeal(recent)
    first, second = (judged_weeks(replace(recent, hours=hours), appeal)[-1] for hours in (recent.hours, later))
    assert second.watched == pytest.approx(50 * first.watched)
    for known, knows in ((first.levels, second.levels), (first.lately, second.lately)):
        assert all(np.array_equal(known[key], knows[key]) for key in known)


def test_weeks_are_told_by_all_days_before_them(panel: Panel) -> None:
    """Weighted sums that go on from week to week are those of all days."""
    recent = make_recent(with_hours(panel, step=0.1, noise=0.1))
    weeks = judged_weeks(recent, fit_appeal(recent))
    assert len(weeks) == WEEKS
    for k, week in enumerate(weeks):
        until = len(recent.days) - 7 * (WEEKS - k)
        weight = 0.5 ** (np.arange(until - 1, -1, -1) / 2.0)
        for sums, x in zip(week.lately[2.0], (recent.hours, recent.usual), strict=True):
            assert sums == pytest.approx(x[:, :until] @ weight)


@pytest.mark.parametrize("days", [1, 3, 6, 7, 13])
def test_histories_of_days_have_levels(panel: Panel, days: int) -> None:
    short = panel.cut(days)
    recent = make_recent(short)
    appeal = fit_appeal(recent)
    for blend in (0, len(BLENDS) - 1):  # the last is calm
        memory = Memory(np.full(len(recent.active), blend), USUAL_TITLE_DAYS)
        assert np.all(np.isfinite(blended_level(recent, appeal, memory)[0]))


def title_half_life(panel: Panel, step: float, noise: float) -> float:
    """Of titles that wander by `step` a day, and jump by `noise` on single days, in all their regions alike."""
    rng = np.random.default_rng(5)
    shape = len(panel.titles), panel.hours.shape[1]
    factor = np.exp(np.cumsum(rng.normal(0, step, shape), axis=1)) * rng.gamma(1 / noise**2, noise**2, shape)
    own = rng.gamma(4.0, 1 / 4.0, panel.hours.shape)
    panel.hours[:] = np.where(panel.hours > 0, 50 * factor[panel.title] * own, 0).astype(np.float32)
    recent = make_recent(panel)
    return best_memory(recent, fit_appeal(recent)).title_days


def test_titles_that_move_everywhere_are_followed_and_their_chance_is_not(panel: Panel) -> None:
    assert title_half_life(panel, step=0.15, noise=0.02) == 1.0
    assert title_half_life(panel, step=0.0, noise=0.4) == 4.0


def test_too_short_a_history_has_the_usual_memory() -> None:
    panel = build_panel(tables_of(**simulate(days=18)), day(18), 7)
    recent = make_recent(panel)
    blend, title = best_memory(recent, fit_appeal(recent))
    assert np.all(np.array(BLENDS)[blend] == (USUAL_DAYS, USUAL_DAYS, 1.0, False)) and title == USUAL_TITLE_DAYS
    assert blend.shape == recent.active.shape


def test_levels_have_what_their_titles_do_lately_in_them(panel: Panel) -> None:
    recent = make_recent(with_hours(panel, step=0.1, noise=0.1))
    appeal, usual = fit_appeal(recent), usual_memory(len(recent.active))
    level, short = levels(recent, appeal, usual)
    blended, window = blended_level(recent, appeal, usual)
    factor = title_factor(appeal, blended, *weighted_window(recent, USUAL_TITLE_DAYS), recent.panel.title)
    assert level == pytest.approx(blended * factor)
    assert np.abs(factor - 1).max() > 0.01
    assert all(np.array_equal(one, other) for one, other in zip(short, window, strict=True))


def test_classes_are_by_size_and_youth() -> None:
    """Levels of 3 and 4 hours, below and at an edge, of titles that are 27 and 28 days old; one was never expected."""
    active = np.arange(4)
    appeal = SimpleNamespace(
        watched=np.array([6.0, 8.0, 8.0, 0.0]), expected=np.array([2.0, 2.0, 2.0, 0.0]), phi=0.999999
    )
    recent = SimpleNamespace(
        active=active, launch=np.array([73, 72, 73, -500]), panel=SimpleNamespace(history_days=100)
    )
    assert _classes(recent, appeal).tolist() == [1, 2, 3, 0]


def test_a_class_chooses_by_its_own_errors_and_those_of_all() -> None:
    # misses per hour: all together 0.92 with the first and 0.12 or 0.9 with the second
    hours = np.array([10.0, 100.0, 0.0])
    clear = np.array([[1.0, 100.0, 0.0], [3.0, 10.0, 0.0]])
    assert _best(clear, hours).tolist() == [1, 1, 1], "what is far better for all outweighs a little of one's own"
    near = np.array([[1.0, 100.0, 0.0], [9.0, 90.0, 0.0]])
    assert _best(near, hours).tolist() == [0, 1, 1], "a class without hours goes with all"
