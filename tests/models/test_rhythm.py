import numpy as np
import pytest

from fillplan_models.features import make_cutoff
from fillplan_models.rhythm import FIRST_AGE, LAST_AGE, at_age_in_week, weekly_rhythm
from tests.models.worlds import day, panel_of

BUMP = np.array([1.6, 1.2, 0.9, 0.85, 0.8, 0.8, 0.85])
EPISODE, MOVIE = 0, 1


def launches(titles=24, days=84, spread=0.15, seed=0):
    """Arguments of `weekly_rhythm`: every other title is an episode with the bump, all fade."""
    rng = np.random.default_rng(seed)
    kind = np.arange(titles) % 2
    age = -rng.integers(0, 40, titles)
    now = age[:, None] + np.arange(days)
    counted = now >= 0
    factor = np.where((kind == EPISODE)[:, None] & (now >= FIRST_AGE) & (now <= LAST_AGE), BUMP[now % 7], 1.0)
    hours = rng.gamma(2, 50, (titles, 1)) * np.exp(-now / 30) * factor * rng.gamma(1 / spread**2, spread**2, now.shape)
    return (hours * counted).astype(np.float32), counted, age, np.arange(titles), kind, 2


def test_the_bump_of_weekly_episodes_is_found_whatever_weekday_they_come_on():
    rhythm = weekly_rhythm(*launches())
    assert rhythm[EPISODE] == pytest.approx(BUMP / BUMP.mean(), abs=0.08)
    assert rhythm[MOVIE] == pytest.approx(np.ones(7), abs=0.05)
    assert rhythm.mean(axis=1) == pytest.approx(np.ones(2))


def test_chance_and_decay_are_no_rhythm():
    for seed in range(10):
        hours, counted, age, title, kind, kinds = launches(spread=0.4, seed=seed)
        movies = kind == MOVIE
        told = weekly_rhythm(hours[movies], counted[movies], age[movies], title[movies], kind, kinds)
        assert np.abs(told - 1).max() < 0.12


def test_one_title_gaps_and_old_titles_tell_nothing():
    hours, counted, age, title, kind, kinds = launches()
    assert np.all(weekly_rhythm(hours[:1], counted[:1], age[:1], title[:1], kind, kinds) == 1)
    assert np.all(weekly_rhythm(hours, counted, age + 200, title, kind, kinds) == 1)
    holes = counted & (np.arange(84) % 5 > 0)
    for days in (1, 6):
        assert np.all(weekly_rhythm(hours[:, :days], counted[:, :days], age, title, kind, kinds) == 1)
    hit = hours.copy()
    hit[0] *= 1e4
    assert np.all(weekly_rhythm(hit, counted, age, title, kind, kinds)[EPISODE] == 1)
    assert np.all(weekly_rhythm(hours * holes, holes, age, title, kind, kinds) == 1)


def test_only_ages_of_a_season_have_a_rhythm():
    rhythm = np.stack([BUMP, np.ones(7)])
    factor = at_age_in_week(rhythm, np.array([[0], [1]]), np.array([-3, 0, 6, 7, 8, LAST_AGE, LAST_AGE + 1, 240]))
    assert factor.tolist() == [[1, 1, 1, 1.6, 1.2, BUMP[LAST_AGE % 7], 1, 1], [1] * 8]


def test_the_baseline_expects_the_next_episode_s_day():
    hours, _, age, title, kind, _ = launches(spread=0.05)
    rows = {(f"R{r}", f"t{t:02d}"): hours[t] * (r + 1) for t in title for r in range(2)}
    titles = [{"title_id": f"t{t:02d}", "kind": ("episode", "movie")[kind[t]]} for t in title]
    windows = [{"title_id": f"t{t:02d}", "region": "", "start_date": day(int(-age[t]))} for t in title]
    panel = panel_of(rows, titles=titles, availability=windows)
    recent = make_cutoff(panel).recent
    ahead = panel.history_days + np.arange(7)
    for t in title[:4]:
        series = np.flatnonzero(panel.title == t)[0]
        usual = recent.age_factor(np.array(series), ahead)
        now = age[t] + ahead
        expected = BUMP[now % 7] if kind[t] == EPISODE and now[-1] <= LAST_AGE else np.ones(7)
        relative = usual / usual.mean() / (np.exp(-now / 30) / np.exp(-now / 30).mean())
        assert relative == pytest.approx(expected / expected.mean(), rel=0.2)
