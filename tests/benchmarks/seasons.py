"""What the season of last year gives where years are alike, and what it costs where something happened only once.

    python -m tests.benchmarks.seasons [--seeds 1 2 3] [--dates 14]

Simulated, 6 regions and 80 titles on 550 days; the dates, a week apart, end with the history, so that the weeks from
the 88th day on are those of a year ago. Printed is the error of the baseline (WAPE by region, title and day, all dates
and seeds in sum) with the season over that without, and the same on the date on which it costs most:
quiet          nothing but weekdays, launches, decay and noise
shaken         weeks that lift or lower all regions, or one, by 20 %
steps          services that grow by a half or by two, or fall, overnight, for good
campaigns      half of the titles at two and a half times their hours for six days a month, undeclared
plateau        two weeks a year at 1.8 or 1.3 times
moving feast   a week at twice the hours that comes 11 days earlier every year, in no calendar
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_models.baseline import baseline_hours
from fillplan_models.features import make_cutoff
from fillplan_models.panel import Panel
from tests.models.worlds import day, panel_of

REGIONS, TITLES, DAYS, HORIZON, YEAR = 6, 80, 550, 7, 364
FIRST = 128
"""Day of a year ago on which plateau and feast begin."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--dates", type=int, default=14)
    options = parser.parse_args()
    print("| world | with the season over without | on the worst date |\n|---|---:|---:|")
    for name, factor in WORLDS.items():
        errors = np.concatenate([measure(made(factor, seed), options.dates) for seed in options.seeds])
        ratio = errors[:, 0].sum() / errors[:, 1].sum()
        print(f"| {name} | {ratio:.3f} | {(errors[:, 0] / errors[:, 1]).max():.2f} |", flush=True)


def made(factor: Callable[[np.random.Generator], Floats], seed: int) -> Panel:
    """Titles that launch and fade, with weekends, by `factor` (broadcast to [regions, titles, DAYS])."""
    rng = np.random.default_rng(seed)
    start = rng.integers(-300, DAYS - 5, TITLES)
    age = np.arange(DAYS) - start[:, None]
    fade = (0.3 + 2 * np.exp(-np.maximum(age, 0) / 15)) * (age >= 0)
    size = np.exp(rng.normal(0, 0.5, REGIONS))[:, None] * np.exp(
        rng.normal(2.8, 0.8, TITLES) + rng.normal(0, 0.3, TITLES)
    )
    mean = size[:, :, None] * fade * (1 + 0.4 * np.isin(np.arange(DAYS) % 7, (5, 6))) * factor(rng)
    hours = rng.poisson(4 * mean * rng.gamma(16.0, 1 / 16.0, mean.shape)) / 4
    names = [f"t{i:02d}" for i in range(TITLES)]
    windows = [{"title_id": n, "region": "", "start_date": day(int(s))} for n, s in zip(names, start, strict=True)]
    series = {(f"R{r}", names[i]): hours[r, i] for r in range(REGIONS) for i in range(TITLES)}
    return panel_of(series, HORIZON, availability=windows)


def measure(panel: Panel, dates: int) -> Floats:
    """[dates, 2] sums of absolute errors with the season and without."""
    errors = np.zeros((dates, 2))
    for i in range(dates):
        cut = DAYS - HORIZON * (i + 1)
        made_then = make_cutoff(panel.cut(cut))
        even = replace(made_then.recent, season=np.ones_like(made_then.recent.season))
        live = made_then.panel.live
        days = np.arange(cut, cut + HORIZON)
        is_open, watched = panel.open[np.ix_(live, days)], panel.hours[np.ix_(live, days)]
        for j, recent in enumerate((made_then.recent, even)):
            foretold = baseline_hours(recent, made_then.level, live[:, None], days) * is_open
            errors[i, j] = np.abs(foretold - watched).sum()
    return errors


def shaken(rng: np.random.Generator, regions: int) -> Floats:
    """[regions, 1, DAYS] a factor per week."""
    weeks = np.exp(rng.normal(0, 0.2, (regions, DAYS // 7 + 1)))
    return np.repeat(weeks, 7, axis=1)[:, None, :DAYS]


def steps(rng: np.random.Generator, regions: int, often: int, first: int, last: int) -> Floats:
    """[regions, 1, DAYS] products of steps that stay."""
    factor = np.ones((regions, 1, DAYS))
    for r in np.repeat(np.arange(regions), often):
        factor[r, :, rng.integers(first, last) :] *= rng.choice([1.5, 2.0, 0.6])
    return factor


def campaigns(rng: np.random.Generator) -> Floats:
    """[1, TITLES, DAYS]."""
    factor = np.ones((1, TITLES, DAYS))
    for first in range(int(rng.integers(5, 30)), DAYS, 29):
        factor[:, rng.random(TITLES) < 0.5, first : first + 6] *= 2.5
    return factor


def yearly(lift: float, days: int, earlier: int = 0) -> Floats:
    """[1, 1, DAYS] the same days of both years, `earlier` by so many in the second."""
    factor = np.ones((1, 1, DAYS))
    for first in (FIRST, FIRST + YEAR + 1 - earlier):
        factor[:, :, first : first + days] *= lift
    return factor


WORLDS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "quiet": lambda rng: np.ones((1, 1, DAYS)),
    "shaken, all regions together": lambda rng: shaken(rng, 1),
    "shaken, each region": lambda rng: shaken(rng, REGIONS),
    "steps of regions, all the time": lambda rng: steps(rng, REGIONS, 6, 60, DAYS),
    "steps of all regions, in the weeks of a year ago": lambda rng: steps(rng, 1, 3, 90, 180),
    "campaigns": campaigns,
    "plateau of 1.8": lambda rng: yearly(1.8, 14),
    "plateau of 1.3": lambda rng: yearly(1.3, 14),
    "plateau of 1.8 among shaken regions": lambda rng: yearly(1.8, 14) * shaken(rng, REGIONS),
    "moving feast": lambda rng: yearly(2.0, 7, earlier=11),
}


if __name__ == "__main__":
    main()
