"""What the data gates reckon with: days, shares, factors and samples of two profiles."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from fillplan.gates.profile import DAYS, Profile, Sample
from fillplan.gates.verdict import Measured
from fillplan_data.arrays import Floats

SMALL_ROWS = 20
"""Tables with fewer rows change by large shares on healthy nights; they are judged only by whether they are empty."""
WEEKS = 3
"""Weeks before whose same weekdays tell what a day should be."""
SIZE_TOLERANCE = 0.1
"""A file whose size changes by more than this share was changed."""
RESIZE_FACTOR = 4.0
"""No new encoding changes a file's size by more; another unit does."""
CAPACITY_FACTOR = 1.9
"""A cache one of whose figures changes by more than this factor was changed."""
RATES = ("storage_bytes", "fill_budget_bytes", "serve_rate_bps", "value_per_gb", "fill_cost_per_gb", "region_share")


def hours_by_day(profile: Profile) -> Floats:
    """[R, DAYS], NaN where a region has no row."""
    return np.array([floats(hours) for hours in profile.region_hours.values()]).reshape(-1, DAYS)


def floats(hours: object) -> Floats:
    """Hours of days as an array; None becomes NaN."""
    return np.array(hours, dtype=np.float64)


def last_day(profile: Profile) -> tuple[Floats, Floats]:
    """[R] hours of the last day with any row, and of the same weekday in the weeks before (0 where unknown)."""
    hours = hours_by_day(profile)
    seen = np.flatnonzero(~np.isnan(hours).all(axis=0))
    if not len(seen):
        return np.full(len(hours), np.nan), np.zeros(len(hours))
    before = [seen[-1] - 7 * week for week in range(1, WEEKS + 1) if seen[-1] - 7 * week >= 0]
    known = hours[:, before] if before else np.full((len(hours), 1), np.nan)
    filled = np.where(np.isnan(known).all(axis=1, keepdims=True), 0.0, known)
    return hours[:, seen[-1]], np.nanmedian(filled, axis=1)


def few(names: Sequence[str]) -> str:
    """The first names of a list, for a message; 'none' where there are none."""
    return ", ".join(names[:5]) or "none"


def share_of(part: float, whole: float) -> float:
    """A part over its whole; 0 of nothing."""
    return float(part / whole) if whole else 0.0


def factor_between(found: float, expected: float) -> float:
    """At least 1: how many times more or less; 1 where nothing was expected."""
    if expected <= 0:
        return 1.0
    return float(max(found / expected, expected / found)) if found > 0 else 1e9


def large_tables(profile: Profile) -> Iterator[tuple[str, int]]:
    """(name, rows) of tables large enough to be judged by shares."""
    return ((name, rows) for name, rows in profile.rows.items() if rows >= SMALL_ROWS)


def worst(gate: str, figures: Mapping[str, float], said: str) -> Measured:
    """The table or figure with the largest value, in words."""
    if not figures:
        return Measured(gate, 0.0, "nothing to compare")
    name = max(figures, key=lambda key: figures[key])
    return Measured(gate, max(0.0, figures[name]), f"{name} {said.format(figures[name])}")


def within(sample: Sample, other: Sample) -> frozenset[str]:
    """Ids of a sample whose checksums the other sample covers too."""
    cut = min(sample.highest, other.highest)
    if cut == sample.highest:
        return frozenset(sample.digests)
    return frozenset(name for name in sample.digests if zlib.crc32(name.encode()) <= cut)


def ids_gone(gate: str, what: str, now: Sample, then: Sample) -> Measured:
    """Share of the last good night's ids that are gone."""
    before = within(then, now)
    share = share_of(len(before - now.digests.keys()), len(before)) if len(before) >= SMALL_ROWS else 0.0
    return Measured(gate, share, f"{share:.1%} of the {what} of the last good night are gone")


def ids_new(gate: str, what: str, now: Sample, then: Sample) -> Measured:
    """Share of tonight's ids that the last good night did not know."""
    here = within(now, then)
    share = share_of(len(here - then.digests.keys()), len(here)) if len(here) >= SMALL_ROWS else 0.0
    return Measured(gate, share, f"{share:.1%} of the {what} are new")


def ids_changed(gate: str, said: str, now: Sample, then: Sample) -> Measured:
    """Share of ids known to both that are described otherwise."""
    both = now.digests.keys() & then.digests.keys()
    share = share_of(sum(now.digests[name] != then.digests[name] for name in both), len(both))
    return Measured(gate, share, f"{share:.1%} of {said}")


def is_resized(name: str, now: Profile, then: Profile, factor: float = 1 + SIZE_TOLERANCE) -> bool:
    """Whether a file's size changed by more than a factor."""
    return factor_between(now.file_bytes[name], then.file_bytes[name]) > factor


def total_of(profile: Profile, name: str) -> float:
    """A figure summed over all caches."""
    return float(sum(cache[name] for cache in profile.caches.values()))


def is_other(now: Mapping[str, object] | None, then: Mapping[str, object] | None) -> bool:
    """Whether a cache is gone, new, elsewhere in the tree, or has another figure."""
    if now is None or then is None or now["place"] != then["place"]:
        return True
    return any(has_moved(now[name], then[name]) for name in RATES)


def has_moved(now: object, then: object) -> bool:
    """Whether a figure changed by more than `CAPACITY_FACTOR`, or came or went."""
    if not isinstance(now, int | float) or not isinstance(then, int | float):
        return now is not then
    return now != then and (now <= 0 or then <= 0 or factor_between(now, then) > CAPACITY_FACTOR)
