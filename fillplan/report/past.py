"""What earlier runs expected of the days before this one, to stand beside what was watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan.report.bands import Bands, Cells, bands
from fillplan.report.facts import Facts
from fillplan.report.watched import LOOK_BACK_DAYS
from fillplan.runs import Run, read_run
from fillplan_data.arrays import Floats
from fillplan_data.errors import FillplanError
from fillplan_data.lookup import positions


@dataclass(frozen=True, eq=False)
class Foretold:
    """Hours per day as earlier runs expected them; B days looked back, NaN where no run did."""

    mean: Floats
    """[R, B]."""
    below: Floats
    """[R, B] distance of the 10 % quantile of a region's sum."""
    above: Floats
    """[R, B] of the 90 % quantile."""
    total_below: Floats
    """[B] the same for the sum over regions."""
    total_above: Floats
    """[B]."""


def runs_before(run: Run) -> list[Run]:
    """Earlier runs beside this one, the latest last; those that cannot be read are passed over."""
    found = []
    for folder in sorted(run.folder.parent.glob("????-??-??")):
        if folder.name < run.plan_date.isoformat():
            try:
                found.append(read_run(folder))
            except FillplanError:
                continue
    return found


def foretold(facts: Facts, runs: Sequence[Run]) -> Foretold:
    """The days looked back, from as few runs as have them: each day as the earliest run that foretold it, and the
    days since that run, had them. A forecast that cannot be read is passed over.
    """
    regions = len(facts.regions)
    mean, below, above = np.full((3, regions, LOOK_BACK_DAYS), np.nan)
    total_below, total_above = np.full((2, LOOK_BACK_DAYS), np.nan)
    for run, days in tiles(facts.run.plan_date, runs):
        made = _bands_of(facts, run)
        if made is None:
            continue
        for day in days:
            ahead, at = (day - run.plan_date).days, LOOK_BACK_DAYS - (facts.run.plan_date - day).days
            mean[:, at], below[:, at], above[:, at] = made.mean[:, ahead], made.below[:, ahead], made.above[:, ahead]
            total_below[at], total_above[at] = made.total_below[ahead], made.total_above[ahead]
    return Foretold(mean, below, above, total_below, total_above)


def tiles(plan_date: date, runs: Sequence[Run]) -> Iterator[tuple[Run, list[date]]]:
    """(run, days to take from it), from the eve backwards."""
    day, first = plan_date - timedelta(days=1), plan_date - timedelta(days=LOOK_BACK_DAYS)
    while day >= first:
        able = [run for run in runs if run.plan_date <= day < run.plan_date + timedelta(days=_horizon(run))]
        if not able:
            day -= timedelta(days=1)
            continue
        start = max(able[0].plan_date, first)
        yield able[0], [start + timedelta(days=i) for i in range((day - start).days + 1)]
        day = start - timedelta(days=1)


def _horizon(run: Run) -> int:
    return int(run.summary["horizon_days"])


def _bands_of(facts: Facts, run: Run) -> Bands | None:
    try:
        frame = run.forecast()
        return None if frame is None else _bands(facts, run, frame)
    except (FillplanError, OSError, ValueError, KeyError):
        return None


def _bands(facts: Facts, run: Run, frame: pd.DataFrame) -> Bands:
    """Titles that the catalogue has dropped since count in their region, each as one of its own."""
    region, code = positions(frame["region"], facts.regions), pd.factorize(frame["title_id"])[0]
    days = frame["date"].to_numpy().astype("datetime64[D]") - np.datetime64(run.plan_date, "D")
    known = np.flatnonzero(region >= 0)
    mean, low, high = (frame[name].to_numpy(np.float64)[known] for name in ("view_hours", "low", "high"))
    cold = frame["cold"].to_numpy(np.bool_)[known]
    cells = Cells(region[known], code[known], days.astype(np.int64)[known], mean, low, high, cold)
    return bands(cells, len(facts.regions), int(code.max(initial=-1)) + 1, _horizon(run))
