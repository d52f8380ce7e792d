"""`variant_views`: hours of the most watched titles split by rung, audio and subtitle language."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.editions import VariantShares, rung_share
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SizeSpec
from fillplan_data.synthetic.world import World

Period = tuple[int, int]
"""First and last day, counted from the plan date."""
Habits = dict[int, Floats]
"""Title -> shares of the (audio, subtitle) pairs of its edition in one region; a title keeps its habits."""
_QUIRK_OF_TITLE = 0.25


def history_periods(spec: SizeSpec) -> list[Period]:
    """The last whole days, weeks (from Monday) or months before the plan date."""
    if spec.variant_period == "day":
        return [(-k, -k) for k in range(spec.variant_periods, 0, -1)]
    if spec.variant_period == "week":
        monday = -spec.plan_date.weekday()
        return [(monday - 7 * k, monday - 7 * k + 6) for k in range(spec.variant_periods, 0, -1)]
    firsts = [spec.plan_date.replace(day=1)]
    for _ in range(spec.variant_periods):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    days = [_from(spec.plan_date, first) for first in reversed(firsts)]
    return [(first, following - 1) for first, following in pairwise(days)]


def future_periods() -> list[Period]:
    """The weeks from the plan date on."""
    return [(first, first + 6) for first in range(0, FUTURE_DAYS, 7)]


def _from(plan_date: date, day: date) -> int:
    return (day - plan_date).days


def variant_rows(
    world: World, r: int, shares: VariantShares, sittings: Ints, periods: list[Period], habits: Habits, part: Part
) -> pd.DataFrame:
    """Rows of one region: first day of the period (from the plan date), title, kbps, audio, subtitle, hours.

    `sittings` [titles, days] is what the records hold. The sittings of a title and period are dealt out to
    its variants, so that the hours add up to those in `views`. Titles and languages are indices. Titles that have no
    `habits` yet get them here.
    """
    rng = generator(world.seed, part, r)
    past, sitting_hours = world.spec.history_days, world.dynamics.sitting_hours
    counts = np.stack([sittings[:, a + past : b + past + 1].sum(1) for a, b in periods], 1)
    most = np.argsort(-counts.sum(1) * sitting_hours, kind="stable")[: world.spec.variant_titles]
    rows = []
    for t in np.sort(most):
        if t not in habits:
            habits[int(t)] = _title_pairs(shares, t, rng)
        pairs = habits[int(t)]
        for p, (first, last) in enumerate(periods):
            ladder = shares.editions.ladders[shares.editions.ladder_of_title[t]]
            chance = rung_share(ladder, shares.region, (first + last) / 14)[:, None] * pairs
            dealt = rng.multinomial(counts[t, p], chance.reshape(-1)).reshape(chance.shape)
            rung, pair = np.nonzero(dealt)
            spoken = shares.pairs[shares.editions.of_title[t]][pair]
            hours = np.round(dealt[rung, pair] * sitting_hours[t], 2)
            of_row = np.ones(len(rung), dtype=np.int64)
            rows.append((of_row * first, of_row * t, np.array(ladder)[rung], spoken[:, 0], spoken[:, 1], hours))
    names = ["day", "title", "bitrate_kbps", "audio", "subtitle", "view_hours"]
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    return pd.DataFrame(dict(zip(names, columns, strict=True))).sort_values("day", kind="stable", ignore_index=True)


def all_habits(world: World, r: int, shares: VariantShares, seen: Habits) -> Habits:
    """Habits of every title in region `r`: those already `seen` in the records, and drawn ones for the rest."""
    rng = generator(world.seed, Part.QUIRKS, r)
    drawn = {t: _title_pairs(shares, t, rng) for t in range(len(world.catalogue))}
    return drawn | seen


def _title_pairs(shares: VariantShares, t: int, rng: np.random.Generator) -> Floats:
    """Shares of the (audio, subtitle) pairs of one title: those of its edition, with a quirk of its own."""
    share = shares.pair_share[shares.editions.of_title[t]]
    share = share * rng.lognormal(0, _QUIRK_OF_TITLE, len(share))
    return share / share.sum()
