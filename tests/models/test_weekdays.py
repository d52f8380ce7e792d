"""Weekday profiles: recovered from growing totals, and not bent by single days of another kind."""

import numpy as np
import pytest

from fillplan_models.panel import Panel, build_panel
from fillplan_models.weekdays import kind_weekday_profile, weekday_profile
from tests.models.worlds import day, tables_of, views_of

WEEK = np.array([0.6, 0.7, 0.8, 0.9, 1.3, 1.5, 1.2])
DAYS = 84


def panel_of(**hours: np.ndarray) -> Panel:
    """One region per keyword, with two titles of the same hours."""
    views = views_of({(region, title): x for region, x in hours.items() for title in ("a", "b")})
    titles = [{"title_id": t, "kind": k, "runtime_minutes": 90} for t, k in (("a", "movie"), ("b", "series"))]
    return build_panel(tables_of(views=views, titles=titles), day(DAYS), 7)


def weekly(growth: float = 0.0) -> np.ndarray:
    return 100 * np.tile(WEEK, DAYS // 7) * np.exp(growth * np.arange(DAYS))


def test_a_profile_is_recovered_however_fast_a_region_grows() -> None:
    profile = weekday_profile(panel_of(AA=weekly(), BB=weekly(0.02)))
    assert profile.mean(axis=1) == pytest.approx([1.0, 1.0])
    assert profile == pytest.approx(np.stack([WEEK, WEEK]), rel=0.04)


def test_christmas_is_no_habit_of_the_weekdays_that_it_falls_on() -> None:
    plain, odd = weekly(), weekly()
    odd[56:63] = 300.0  # a week in which all days are Saturdays and more
    before, after = weekday_profile(panel_of(AA=plain)), weekday_profile(panel_of(AA=odd))
    assert after == pytest.approx(before, rel=0.05)


def few(mean: float, rng: np.random.Generator) -> np.ndarray:
    """Views counted one by one, so few a day that most are of chance."""
    return rng.poisson(mean * np.tile(WEEK, DAYS // 7)).astype(float)


@pytest.mark.parametrize(("mean", "furthest"), [(3.0, 0.25), (1.0, 0.6), (0.1, 0.55)])
def test_few_views_are_counted_not_taken_for_odd_days(mean: float, furthest: float) -> None:
    """Most Mondays without a view are no reason to expect none; where chance rules the week is as good as even."""
    rng = np.random.default_rng(1)
    profile = weekday_profile(panel_of(**{region: few(mean, rng) for region in ("AA", "BB", "CC", "DD")}))
    assert np.abs(profile.mean(axis=0) - WEEK).max() < furthest
    assert profile.min() > 0.45


def test_chance_in_one_region_does_not_speak_for_the_others() -> None:
    quiet = {region: weekly() for region in ("AA", "BB")}
    alone = weekday_profile(panel_of(**quiet))
    beside = weekday_profile(panel_of(**quiet, CC=few(0.3, np.random.default_rng(2))))
    assert beside[:2] == pytest.approx(alone, rel=0.01)
    assert beside[2] == pytest.approx(WEEK, abs=0.35)


def test_what_settled_series_do_not_tell_is_told_by_all() -> None:
    panel = panel_of(AA=weekly())
    profile = kind_weekday_profile(panel, np.ones(panel.series_count, dtype=np.int64), 2, np.full(2, DAYS - 30))
    assert profile[0, 1] == pytest.approx(WEEK, abs=0.1)


def test_a_profile_of_two_weeks_counts_half_of_one_day_each() -> None:
    """With two days of a weekday there is no majority: both count."""
    hours = np.concatenate([WEEK, WEEK]) * 100
    hours[9] = 160.0
    views = views_of({("AA", "a"): hours}, first=DAYS - 14)
    panel = build_panel(tables_of(views=views, titles=[{"title_id": "a", "runtime_minutes": 90}]), day(DAYS), 7)
    profile = weekday_profile(panel)[0]
    assert WEEK[2] * 1.1 < profile[2] < WEEK[2] * 1.6


def test_new_titles_do_not_bend_the_week_of_their_kind() -> None:
    """Every Thursday something new of which little is left by Wednesday: only titles long out tell the week."""
    new = 300 * np.exp(-((np.arange(DAYS) - 3) % 7) / 2.0)
    views = views_of({("AA", "a"): weekly(), ("AA", "b"): new})
    titles = [{"title_id": t, "kind": "movie", "runtime_minutes": 90} for t in ("a", "b")]
    panel = build_panel(tables_of(views=views, titles=titles), day(DAYS), 7)
    launch = np.array([-240, DAYS - 60])
    profile = kind_weekday_profile(panel, np.ones(2, dtype=np.int64), 2, launch)
    assert profile[0, 1] == pytest.approx(WEEK, rel=0.1)


def test_weekends_alone_say_nothing_of_how_they_stand_in_their_week() -> None:
    holes = weekly()
    holes[28:70][np.arange(42) % 7 < 5] = 0  # six weeks of which only Saturdays and Sundays came
    assert weekday_profile(panel_of(AA=holes))[0] == pytest.approx(WEEK, rel=0.12)


def test_unobserved_days_count_for_nothing() -> None:
    holes = weekly()
    holes[30:33] = 0  # no rows at all: missing
    assert weekday_profile(panel_of(AA=holes))[0] == pytest.approx(weekday_profile(panel_of(AA=weekly()))[0], rel=0.03)


def test_kinds_have_profiles_of_their_own_drawn_to_their_region_s() -> None:
    flat = np.full(DAYS, 100.0)
    views = views_of({("AA", "a"): weekly(), ("AA", "b"): flat})
    titles = [{"title_id": t, "kind": k, "runtime_minutes": 90} for t, k in (("a", "movie"), ("b", "series"))]
    panel = build_panel(tables_of(views=views, titles=titles), day(DAYS), 7)
    kind = panel.catalogue.groups["kind"][panel.title] + 1
    profile = kind_weekday_profile(panel, kind, 3, np.full(panel.series_count, -240))[0]
    region = weekday_profile(panel)[0]
    movie, series = profile[kind[0]], profile[kind[1]]
    assert np.ptp(series) < np.ptp(region) < np.ptp(movie) <= np.ptp(WEEK)


def test_a_calendar_that_calls_half_of_all_days_holidays_says_nothing_of_them() -> None:
    """The week shows on these days only; were they left out, it would look even."""
    hours = np.where(np.arange(DAYS) < DAYS - 35, 100.0, weekly())
    calendar = [{"region": "AA", "date": day(d), "name": "season"} for d in range(DAYS - 35, DAYS)]
    titles = [{"title_id": "a", "runtime_minutes": 90}]
    panel = build_panel(tables_of(views=views_of({("AA", "a"): hours}), titles=titles, calendar=calendar), day(DAYS), 7)
    assert np.ptp(weekday_profile(panel)[0]) > 0.4 * np.ptp(WEEK)


@pytest.mark.parametrize("holidays", [range(46, DAYS, 7), range(DAYS)])
def test_holidays_are_no_habit_of_their_weekday_unless_there_is_little_else(holidays: range) -> None:
    """Fridays that are holidays say nothing of Fridays; a calendar of nothing but holidays says nothing at all."""
    hours = weekly()
    if len(holidays) < DAYS:
        hours[list(holidays)] *= 3
    views = views_of({("AA", "a"): hours})
    calendar = [{"region": "AA", "date": day(d), "name": "feast"} for d in holidays]
    titles = [{"title_id": "a", "runtime_minutes": 90}]
    panel = build_panel(tables_of(views=views, titles=titles, calendar=calendar), day(DAYS), 7)
    kind = panel.catalogue.groups["kind"][panel.title] + 1
    profile = kind_weekday_profile(panel, kind, 2, np.full(panel.series_count, -240))
    assert profile[0, 0] == pytest.approx(WEEK, rel=0.1)
