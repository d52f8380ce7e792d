"""Works and their titles: films, shorts and live events, shows by season, shows by weekly episode."""

from __future__ import annotations

from typing import Any

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_data.synthetic.sizes import SizeSpec

KINDS = ("movie", "series", "episode", "short", "live")
MOVIE, SERIES, EPISODE, SHORT, LIVE = range(5)
_PARTS_OF_CATALOGUE = {SERIES: 0.22, EPISODE: 0.2, SHORT: 0.11, LIVE: 0.015}
_EPISODES_PER_SHOW = (5, 10)


def make_works(spec: SizeSpec, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One row per title; titles of one work (a show, a film) share its number."""
    counts = {kind: max(1, round(part * spec.titles)) for kind, part in _PARTS_OF_CATALOGUE.items()}
    counts[MOVIE] = spec.titles - sum(counts.values())
    rows: list[dict[str, Any]] = []
    for kind in (MOVIE, SHORT, LIVE):
        days = _release_days(counts[kind], kind, spec, rng)
        rows += [_row(len(rows) + k, kind, day, rng) for k, day in enumerate(days)]
    rows += _seasons(len(rows), counts[SERIES], spec, rng)
    return rows + _weekly_shows(rows[-1]["work"] + 1, counts[EPISODE], spec, rng)


def _row(work: int, kind: int, release_day: int, rng: np.random.Generator, **more: Any) -> dict[str, Any]:
    low, high = {MOVIE: (82, 150), SHORT: (4, 22), LIVE: (95, 200), SERIES: (110, 330), EPISODE: (24, 62)}[kind]
    row = {"work": work, "kind": kind, "release_day": int(release_day), "season": 0, "episode": 0}
    return row | {"runtime_minutes": int(rng.integers(low, high))} | more


def _release_days(count: int, kind: int, spec: SizeSpec, rng: np.random.Generator) -> Ints:
    """Most titles are older than the history; some launch within it, a few inside the horizon and after."""
    history = spec.history_days
    old = -history - 1 - rng.gamma(1.2, 500, count).astype(np.int64)
    recent = rng.integers(-history, 28, count)
    young = {MOVIE: 0.3, SERIES: 0.3, SHORT: 0.55, LIVE: 1.0}[kind] * min(1.0, (history + 28) / 200) * spec.launches
    days = np.where(rng.random(count) < max(young, float(kind == LIVE)), recent, old)
    if kind in (MOVIE, SERIES) and spec.launches == 1:  # whatever the draw, one launches in the horizon, one after it
        days[:2] = np.array([rng.integers(1, 6), rng.integers(9, 20)])[:count]
    return days


def _seasons(work: int, count: int, spec: SizeSpec, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Whole seasons released at once; a show has one to four, about a year apart."""
    rows: list[dict[str, Any]] = []
    days = _release_days(count, SERIES, spec, rng)
    while len(rows) < count:
        seasons = min(int(rng.integers(1, 5)), count - len(rows))
        runtime, last = int(rng.integers(110, 330)), days[len(rows)]
        for season in range(1, seasons + 1):
            day = last - (seasons - season) * 364
            rows.append(_row(work, SERIES, day, rng, season=season) | {"runtime_minutes": runtime})
        work += 1
    return rows


def _weekly_shows(work: int, count: int, spec: SizeSpec, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Episodes released one a week, each a title; every other show is on air on the plan date, or one in more."""
    rows: list[dict[str, Any]] = []
    one_in, earliest = round(2 / spec.launches), -round(2 * spec.history_days / spec.launches)
    while count > 0:
        episodes, runtime = min(count, int(rng.integers(*_EPISODES_PER_SHOW))), int(rng.integers(24, 62))
        on_air = -7 * int(rng.integers(1, max(2, episodes))) + int(rng.integers(0, 7))
        first = on_air if work % one_in == 0 or not rows else int(rng.integers(earliest, -7 * episodes))
        for k in range(episodes):
            row = _row(work, EPISODE, first + 7 * k, rng, season=1, episode=k + 1)
            rows.append(row | {"runtime_minutes": runtime})
        count, work = count - episodes, work + 1
    return rows
