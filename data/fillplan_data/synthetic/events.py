"""What moves single titles: promotions, known in advance, and sudden hits, which nobody can know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats
from fillplan_data.synthetic.catalogue import Catalogue
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.regions import Region
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SizeSpec
from fillplan_data.synthetic.windows import NEVER, Windows, iso_days


@dataclass(frozen=True)
class Promotion:
    """Marketing of one title in some regions, first to last day counted from the plan date."""

    title: int
    regions: tuple[int, ...]
    first: int
    last: int
    strength: float


@dataclass(frozen=True)
class Hit:
    """A title that is suddenly talked about: demand climbs to `peak` times in three days, then fades."""

    title: int
    regions: tuple[int, ...]
    day: int
    peak: float
    fade_days: float


def make_promotions(
    spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...], windows: Windows, seed: int
) -> tuple[Promotion, ...]:
    """Draw promotions of launches and of the back catalogue; those of one title do not overlap."""
    rng = generator(seed, Part.PROMOTIONS)
    first_start = windows.start.min(1)
    launched = (first_start > -spec.history_days) & (first_start < NEVER)
    launched &= rng.random(len(catalogue)) < 0.25 + 0.15 * catalogue.budget
    promotions = [_promotion(t, int(first_start[t]), windows, regions, rng) for t in np.flatnonzero(launched).tolist()]
    again = rng.choice(len(catalogue), max(4, len(catalogue) * spec.history_days // 1500), replace=False)
    for title in again:
        # spread over the history and up to three weeks after the plan date, every fourth about the horizon
        near = rng.random() < 0.25
        day = int(rng.integers(-3, 6) if near else rng.integers(-spec.history_days, 22))
        if not launched[title] and windows.open_between(day, day)[title].any():
            promotions.append(_promotion(title, day, windows, regions, rng))
    return tuple(p for p in promotions if p.regions)


def _promotion(
    title: int, day: int, windows: Windows, regions: tuple[Region, ...], rng: np.random.Generator
) -> Promotion:
    wanted = np.ones(len(regions), dtype=bool)
    if rng.random() < 0.5:
        group = regions[int(rng.integers(len(regions)))].country.group
        wanted = np.array([r.country.group == group for r in regions])
    last = day + int(rng.integers(4, 15))
    sold = (windows.start[title] <= last) & (windows.end[title] >= day)
    everywhere = wanted.all() and sold.all()
    chosen = range(len(regions)) if everywhere else np.flatnonzero(wanted & sold)
    return Promotion(title, tuple(int(r) for r in chosen), day, last, round(rng.gamma(4, 0.25), 2))


def make_hits(spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...], seed: int) -> tuple[Hit, ...]:
    """Draw about one hit per title and 8,000 days, in all regions or in one group."""
    rng = generator(seed, Part.HITS)
    days = spec.history_days + FUTURE_DAYS
    hits = []
    for _ in range(max(2, len(catalogue) * days // 8000)):
        group = regions[int(rng.integers(len(regions)))].country.group if rng.random() < 0.6 else ""
        there = tuple(k for k, r in enumerate(regions) if group in ("", r.country.group))
        day = int(rng.integers(-spec.history_days, FUTURE_DAYS))
        hits.append(Hit(int(rng.integers(len(catalogue))), there, day, rng.uniform(2.5, 9), rng.uniform(4, 14)))
    return tuple(hits)


def hit_factor(hit: Hit, day: Floats) -> Floats:
    """Factor on demand of one hit on each day (counted from the plan date)."""
    since = day - hit.day
    climb = np.clip((since + 1) / 3, 0, 1)
    return 1 + (hit.peak - 1) * climb * np.exp(-np.maximum(since - 2, 0) / hit.fade_days)


def promotions_table(
    spec: SizeSpec, catalogue: Catalogue, regions: tuple[Region, ...], promotions: tuple[Promotion, ...]
) -> pd.DataFrame:
    """The `promotions` table: a blank region where a promotion runs everywhere, else one row per region."""
    title_ids = catalogue.table["title_id"].to_numpy(dtype=object)
    rows = [
        (title_ids[p.title], code, p.first, p.last, p.strength)
        for p in promotions
        for code in ([""] if len(p.regions) == len(regions) else [regions[r].code for r in p.regions])
    ]
    table = pd.DataFrame(rows, columns=["title_id", "region", "start_date", "end_date", "strength"])
    for column in ("start_date", "end_date"):
        table[column] = iso_days(spec, table[column].to_numpy(np.int64))
    return table.sort_values(["title_id", "region"], ignore_index=True)
