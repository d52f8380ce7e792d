"""The model against simple methods on demand of other shapes than streaming has.

    python -m tests.benchmarks.shapes [--shapes launches trickles surges shelves] [--seeds 1 2 3] [--origins 6]

Four simulated kinds of demand, a few lines each, for what a model of streaming may have taken for granted:
launches  as films in cinemas: all open on a Friday, sizes of a thousand to one, weekends of three to one, half gone in
          a week, later in other regions; some open small and go wide; nothing in the catalogue tells which
trickles  the same in small places: a tenth of the views, counted one by one
surges    as pages that are looked up: levels that wander, and surges of heavy tails that fade in days or weeks
shelves   as goods in shops: a few a day, counted, with empty shelves for days or weeks
Methods, measures and dates as in `tests.benchmarks.earlier`, around the end of a year; the ratio is that of the errors
of all dates and seeds in sum.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.tables import Tables
from tests.benchmarks.demand import HORIZON_DAYS
from tests.benchmarks.earlier import LATE_DAYS, measure
from tests.models.worlds import frame, tables_of

FIRST_DAY = date(2024, 9, 2)  # a Monday; the dates that are judged are those of the next winter
DAYS = 500
SUNDAY = 6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--origins", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    for shape in options.shapes:
        rows = []
        for seed in options.seeds:
            tables = SHAPES[shape](np.random.default_rng(seed))
            latest = FIRST_DAY + timedelta(days=DAYS - HORIZON_DAYS - LATE_DAYS)
            for back in range(options.origins):
                rows += measure(tables, latest - timedelta(days=7 * back), options.threads)
        print_table(shape, pd.DataFrame(rows))


def print_table(shape: str, rows: pd.DataFrame) -> None:
    """Errors of all dates in sum, the model's over each method's, and on how many dates the model errs less."""
    day = rows.pivot_table(index=rows.groupby("method").cumcount(), columns="method", values="day", sort=False)
    hours = rows.loc[rows["method"] == "model", "hours"].to_numpy()[:, None]
    pooled = (day * hours).sum() / hours.sum()
    table = rows.groupby("method", sort=False)[["week", "bias", "coverage", "interval score"]].mean()
    table.insert(0, "day", pooled)
    table.insert(1, "model over it", pooled["model"] / pooled)
    table.insert(2, "dates that the model wins", day.gt(day["model"], axis=0).sum())
    print(
        f"\n{shape}, {len(day)} dates\n| method | " + " | ".join(table.columns) + " |\n|---|" + "---:|" * table.shape[1]
    )
    for name, row in table.iterrows():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |", flush=True)


def launches(rng: np.random.Generator) -> Tables:
    """Films of four regions."""
    films, regions = 260, ("AA", "BB", "CC", "DD")
    day, weekday, winter = _calendar()
    friday = 4 + 7 * rng.integers(-12, DAYS // 7, films)
    size, falls = np.exp(rng.normal(5, 1.6, films)), rng.choice([0.35, 0.45, 0.55, 0.65], films)
    wide = np.where(rng.random(films) < 0.12, 21, 0)
    week = np.array([0.35, 0.4, 0.33, 0.3, 1.0, 1.3, 0.9])[weekday]
    week = np.where(winter, np.maximum(week, 1.0) * 1.3, week)
    hours, start = np.zeros((len(regions), films, DAYS)), np.zeros((len(regions), films), dtype=np.int64)
    for r in range(len(regions)):
        start[r] = friday + (7 * rng.poisson(1.5, films) if r else 0)
        age = day - start[r][:, None]
        grown = np.where(age < wide[:, None], 0.04, 1.0)
        fade = (1 - falls[:, None]) ** (np.maximum(age - wide[:, None], 0) / 7)
        own = size * (1.0 if r == 0 else rng.uniform(0.1, 0.4)) * np.exp(rng.normal(0, 0.5, films))
        hours[r] = own[:, None] * grown * fade * week * np.exp(_wander(rng, films, 0.85, 0.07)) * (age >= 0)
    hours[hours < 0.1] = 0
    windows = [
        {"title_id": f"t{i:04d}", "region": region, "start_date": FIRST_DAY + timedelta(days=int(start[r, i]))}
        for r, region in enumerate(regions)
        for i in range(films)
    ]
    return _tables(hours, regions, availability=windows)


def trickles(rng: np.random.Generator) -> Tables:
    """The films, with views that are counted."""
    tables = launches(rng)
    views = tables.views.assign(view_hours=rng.poisson(tables.views["view_hours"] / 10).astype(np.float64))
    return Tables(**{**vars(tables), "views": views[views["view_hours"] > 0].reset_index(drop=True)})


def surges(rng: np.random.Generator) -> Tables:
    """Pages of five regions; no rights windows."""
    pages, regions = 150, ("AA", "BB", "CC", "DD", "EE")
    _, weekday, winter = _calendar()
    level, common = rng.normal(3, 1.7, pages), np.cumsum(rng.normal(0, 0.02, (pages, DAYS)), axis=1)
    common += rng.normal(0, 0.3, (pages, 1)) * winter + rng.normal(0, 0.08, (pages, 7))[:, weekday]
    everywhere, hours = _surges(rng, pages, 0.007), np.zeros((len(regions), pages, DAYS))
    for r in range(len(regions)):
        own = (level + rng.normal(0, 1, pages))[:, None] + common + _wander(rng, pages, 0.9, 0.12)
        own += np.cumsum(rng.normal(0, 0.015, (pages, DAYS)), axis=1)
        height = 1 + rng.uniform(0.2, 1, (pages, 1)) * everywhere + 0.5 * _surges(rng, pages, 0.005)
        hours[r] = rng.poisson(np.minimum(np.exp(own) * height, 1e7)) * (rng.random(pages) > 0.35)[:, None]
    return _tables(hours, regions)


def shelves(rng: np.random.Generator) -> Tables:
    """Goods of four regions; no rights windows."""
    goods, regions = 250, ("AA", "BB", "CC", "DD")
    day, weekday, winter = _calendar()
    week = np.array([0.92, 0.88, 0.88, 0.9, 1.02, 1.25, 1.15])[weekday]
    level, common = rng.normal(0, 1.3, goods), np.cumsum(rng.normal(0, 0.006, (goods, DAYS)), axis=1)
    common += rng.normal(0, 0.3, (goods, 1)) * winter
    hours = np.zeros((len(regions), goods, DAYS))
    for r in range(len(regions)):
        own = (level + rng.normal(0, 0.5, goods))[:, None] + common
        mean = np.exp(own + np.cumsum(rng.normal(0, 0.01, (goods, DAYS)), axis=1)) * week
        empty = np.zeros((goods, DAYS), dtype=bool)
        for item, first in zip(*np.nonzero(rng.random((goods, DAYS)) < 0.004), strict=True):
            empty[item, first : first + int(rng.integers(3, 30))] = True
        hours[r] = rng.negative_binomial(4.5, 4.5 / (4.5 + mean)) * ~empty
    hours[:, :, day == _day_of(date(2025, 12, 25))] = 0
    return _tables(hours, regions)


SHAPES: dict[str, Callable[[np.random.Generator], Tables]] = {
    "launches": launches,
    "trickles": trickles,
    "surges": surges,
    "shelves": shelves,
}


def _day_of(when: date) -> int:
    return (when - FIRST_DAY).days


def _calendar() -> tuple[Ints, Ints, Bools]:
    """[DAYS] numbers, weekdays, and whether they lie from Christmas Eve to 2 January."""
    day = np.arange(DAYS)
    winter = np.zeros(DAYS, dtype=bool)
    for year in (2024, 2025):
        winter[_day_of(date(year, 12, 24)) : _day_of(date(year + 1, 1, 3))] = True
    return day, day % (SUNDAY + 1), winter


def _wander(rng: np.random.Generator, rows: int, keeps: float, step: float) -> Floats:
    """[rows, DAYS] an autoregressive process of order one."""
    steps, x = rng.normal(0, step, (rows, DAYS)), np.zeros((rows, DAYS))
    for d in range(1, DAYS):
        x[:, d] = keeps * x[:, d - 1] + steps[:, d]
    return x


def _surges(rng: np.random.Generator, rows: int, rate: float) -> Floats:
    """[rows, DAYS] sums of surges of Pareto height that fade with a time of their own."""
    x = np.zeros((rows, DAYS))
    for row, first in zip(*np.nonzero(rng.random((rows, DAYS)) < rate), strict=True):
        fades = rng.choice([0.5, 1.0, 2.0, 5.0])
        x[row, first:] += (rng.pareto(1.3) + 0.3) * np.exp(-np.arange(DAYS - first) / fades)
    return x


def _tables(hours: Floats, regions: tuple[str, ...], **rows: list[dict[str, object]]) -> Tables:
    """Of hours [regions, titles, DAYS]."""
    place, title, day = np.nonzero(hours > 0)
    names = np.array([f"t{i:04d}" for i in range(hours.shape[1])])
    views = frame("views", [])
    columns = {
        "date": pd.Series(np.datetime64(FIRST_DAY, "D") + day).astype("datetime64[us]"),
        "region": pd.Series(np.array(regions)[place], dtype="category"),
        "title_id": pd.Series(names[title], dtype="category"),
        "view_hours": hours[place, title, day],
    }
    titles = [
        {"title_id": name, "kind": "movie", "original_language": "und", "runtime_minutes": 100.0} for name in names
    ]
    made = tables_of(titles=titles, calendar=[], **rows)
    return Tables(**{**vars(made), "views": pd.DataFrame(columns)[list(views.columns)]})


if __name__ == "__main__":
    main()
