"""Rights windows: when each title is open in each region, launches staggered group by group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.synthetic.catalogue import Catalogue
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.regions import Region
from fillplan_data.synthetic.sizes import SizeSpec
from fillplan_data.synthetic.works import LIVE

NEVER = 10**6
"""Start of a window that does not exist, end of one that does not end."""


@dataclass(frozen=True, eq=False)
class Windows:
    """First and last open day, in days from the plan date; both [titles, regions]."""

    start: Ints
    end: Ints
    has_row: Bools
    """[titles] False for titles without an `availability` row: open everywhere, always."""

    def open_between(self, first: int, last: int) -> Bools:
        """[titles, regions] whether the window meets the days first .. last."""
        return (self.start <= last) & (self.end >= first)


def make_windows(spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...], seed: int) -> Windows:
    """Draw the windows; the titles of one work share how they are released."""
    rng = generator(seed, Part.WINDOWS)
    offsets = _offsets(catalogue, regions, rng)
    start = np.where(offsets < NEVER, catalogue.release_day[:, None] + offsets, NEVER)
    end = np.where(start < NEVER, _ends(catalogue, start, rng), NEVER)
    # rights that end before they start are rights that were never sold
    sold = (end >= start + 3) & (start < NEVER)
    sold[~sold.any(1)] = True
    end = np.where(sold, np.maximum(end, start), NEVER)
    old = catalogue.release_day < -spec.history_days - 200
    has_row = ~(old & (rng.random(len(catalogue)) < 0.3) & (start == start[:, :1]).all(1) & (end == NEVER).all(1))
    return Windows(np.where(sold, start, NEVER), end, has_row)


def _offsets(catalogue: Catalogue, regions: tuple[Region, ...], rng: np.random.Generator) -> Ints:
    """[titles, regions] days after the first release; NEVER where a region does not get the title."""
    works = int(catalogue.work.max()) + 1
    groups = sorted({r.country.group for r in regions})
    later = 7 * rng.integers(1, 7, (works, len(groups)))
    draw = rng.random((works, len(groups)))
    by_group = np.where(draw < 0.45, 0, np.where(draw < 0.85, later, NEVER))
    by_group[rng.random(works) < 0.55] = 0
    group = np.array([groups.index(r.country.group) for r in regions])
    offsets = by_group[catalogue.work][:, group]
    offsets[_at_home(catalogue, regions)] = 0
    # a work nobody would open at first opens at first everywhere
    nowhere_at_first = np.bincount(catalogue.work, (offsets == 0).any(1), works)[catalogue.work] == 0
    offsets[nowhere_at_first] = 0
    return offsets


def _at_home(catalogue: Catalogue, regions: tuple[Region, ...]) -> Bools:
    spoken = np.array([[tag in r.country.languages for r in regions] for tag in catalogue.languages])
    at_home: Bools = spoken[catalogue.original]
    return at_home


def _ends(catalogue: Catalogue, start: Ints, rng: np.random.Generator) -> Ints:
    """[titles, regions] last days: one title in six has an end, some of them another one per region."""
    titles, regions = len(start), start.size // len(start)
    ends = rng.random(titles) < 1 / 6
    last = rng.integers(-45, 76, titles)
    differs = 15 * rng.integers(-1, 2, (titles, regions)) * (rng.random((titles, 1)) < 0.3)
    # whatever the draw: one title ended lately, one ends inside the horizon, one soon after
    old = np.flatnonzero(catalogue.release_day < -90)[:3]
    ends[old], last[old], differs[old] = True, [-4, 3, 10][: len(old)], 0
    by_region = last[:, None] + differs
    end = np.where(ends[:, None], by_region, NEVER)
    live = catalogue.kind == LIVE
    shown = rng.integers(3, 9, titles)[:, None]
    return np.where(live[:, None], start + shown, end)


def availability_table(spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...], w: Windows) -> pd.DataFrame:
    """The `availability` table: one row with a blank region where all regions agree, else one per region."""
    same = (w.start == w.start[:, :1]).all(1) & (w.end == w.end[:, :1]).all(1)
    everywhere = np.flatnonzero(same & w.has_row)
    title, region = np.nonzero((w.start < NEVER) & (~same & w.has_row)[:, None])
    codes = np.array([r.code for r in regions], dtype=object)
    title_ids = catalogue.table["title_id"].to_numpy(dtype=object)
    rows = pd.DataFrame({
        "title_id": np.concatenate([title_ids[everywhere], title_ids[title]]),
        "region": np.concatenate([np.full(len(everywhere), "", dtype=object), codes[region]]),
        "start_date": iso_days(spec, np.concatenate([w.start[everywhere, 0], w.start[title, region]])),
        "end_date": iso_days(spec, np.concatenate([w.end[everywhere, 0], w.end[title, region]])),
    })  # fmt: skip
    return rows.sort_values(["title_id", "region"], ignore_index=True)


def iso_days(spec: SizeSpec, day: Ints) -> list[str]:
    """ISO dates of days counted from the plan date; blank where there is none (NEVER)."""
    return [(spec.plan_date + timedelta(days=int(d))).isoformat() if d < NEVER else "" for d in day]
