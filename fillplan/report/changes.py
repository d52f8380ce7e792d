"""What comes in and what goes out, and why: a reason for every row of the plan, from the plan's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fillplan.report.facts import Facts
from fillplan.report.formats import change_text, day_text
from fillplan.report.rows import FileChange, Reason, TitleChange
from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.units import BYTES_PER_GB
from fillplan_optimizer.problem import PlacementProblem

RISING, FALLING = 1.1, 0.9
"""Expected over recent hours from which demand counts as up, or below which as down."""
UNWATCHED = 1e-3
"""Below this part of its size requested over the horizon nobody is expected to ask for a file."""
TITLES_SHOWN, FILES_SHOWN = 50, 50

LAUNCH, LAUNCHED, UP = "launch within the horizon", "launched in the last two weeks", "demand up"
REASONS_IN = (
    "pinned",
    LAUNCH,
    LAUNCHED,
    "main audio of a video held here",
    "not watched lately, expected now",
    UP,
    "steady demand, was not held",
    "demand down, still worth its place",
    "expected demand",
)
REASONS_OUT = (
    "not in the catalogue",
    "blocked",
    "out of rights",
    "nobody is expected to ask for it",
    "the caches below hold it",
    "a cache behind this one holds it",
    "other files are worth more here",
)


@dataclass(frozen=True, eq=False)
class Changes:
    """Additions or evictions as arrays over some rows of the plan."""

    row: Ints
    """Index into the plan's rows."""
    reason: Ints
    """Index into REASONS_IN or REASONS_OUT."""
    worth: Floats
    """Value of an addition; what an evicted copy would still be worth."""


def additions(facts: Facts) -> Changes:
    """Rows that are added, each with the first reason that applies."""
    rows, row = facts.rows, np.flatnonzero(facts.rows.is_add)
    cache, file, title = rows.cache[row], rows.file[row], rows.title[row]
    value = rows.value[row]
    soon, lately = _launches(facts, cache, title)
    main_audio = np.isin(file, facts.problem.companion) & (_density(facts, row) < _price(facts, cache))
    conditions = [facts.is_pinned[cache, file], soon, lately, main_audio]
    if facts.hours is not None:
        recent, expected = (
            _at_caches(facts, hours, cache, title) for hours in (facts.hours.recent, facts.hours.expected)
        )
        up, down = expected > RISING * recent, expected < FALLING * recent
        conditions += [(recent == 0) & (expected > 0), up, ~up & ~down, down]
    reason = np.select(conditions, np.arange(len(conditions)), len(REASONS_IN) - 1)
    return Changes(row, reason.astype(np.int64), value)


def _launches(facts: Facts, cache: Ints, title: Ints) -> tuple[Bools, Bools]:
    """Whether the title's rights start within the horizon, or started shortly before, where the cache is asked."""
    soon = np.zeros((len(facts.regions), len(facts.tables.titles)))
    lately = np.zeros_like(soon)
    for start in facts.starts.itertuples(index=False):
        target = soon if start.date >= facts.plan_day else lately
        target[slice(None) if start.region < 0 else start.region, start.title] = 1
    return _at_caches(facts, soon, cache, title) > 0, _at_caches(facts, lately, cache, title) > 0


def _at_caches(facts: Facts, per_region: Floats, cache: Ints, title: Ints) -> Floats:
    """Sum of [R, T] over the regions that may ask a cache, for pairs of cache and title."""
    at_cache: Floats = facts.reach.astype(np.float64) @ per_region
    return at_cache[cache, title]


def _density(facts: Facts, row: Ints) -> Floats:
    density: Floats = facts.rows.value[row] / facts.rows.size_bytes[row]
    return density


def _price(facts: Facts, cache: Ints) -> Floats:
    """Price of a byte of storage; where it is unknown a file must at least be worth more than nothing."""
    return np.nan_to_num(facts.storage_price, nan=0.0)[cache] if len(facts.storage_price) else np.zeros(0)


def evictions(facts: Facts) -> Changes:
    """Rows that are evicted, each with the first reason that applies."""
    rows, row = facts.rows, np.flatnonzero(facts.rows.is_evict)
    cache, file = rows.cache[row], rows.file[row]
    known = file >= 0
    blocked = known & holding(facts.problem.blocked, cache, file, facts.problem)
    no_rights = known & ~facts.problem.rights[cache, rows.title[row]]
    asked, left, worth, full = _as_if_kept(facts, cache, file)
    conditions = [
        ~known,
        blocked,
        no_rights,
        asked < UNWATCHED * rows.size_bytes[row],
        left < 0.5 * asked,
        worth < 0.5 * full,
    ]
    reason = np.select(conditions, np.arange(len(conditions)), len(REASONS_OUT) - 1)
    return Changes(row, reason.astype(np.int64), np.where(reason < 3, 0.0, worth))


def holding(lists: tuple[Ints, ...], cache: Ints, file: Ints, problem: PlacementProblem) -> Bools:
    """Whether `lists[cache]` has the file, for pairs; an unknown file is in no list."""
    keys = np.concatenate(
        [c * problem.file_count + files for c, files in enumerate(lists)] or [np.zeros(0, dtype=np.int64)]
    )
    found: Bools = np.isin(cache * problem.file_count + file, keys) & (file >= 0)
    return found


def _as_if_kept(facts: Facts, cache: Ints, file: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Per pair: bytes asked of the cache, those that no cache before it serves, what serving these would add
    given who holds the file behind it, and what it would add if nobody did. Serve limits are left aside.
    """
    sums = np.zeros((4, len(file)))
    known = file >= 0
    for c in np.unique(cache[known]):
        here = np.flatnonzero((cache == c) & known)
        sums[:, here] = _kept_at(facts, int(c), file[here])
    return sums[0], sums[1], sums[2], sums[3]


def _kept_at(facts: Facts, cache: int, files: Ints) -> Floats:
    problem, sums = facts.problem, np.zeros((4, len(files)))
    points = problem.points
    positions = np.flatnonzero(points.cache == cache)
    for point in np.searchsorted(points.start, positions, side="right") - 1:
        order, value = problem.options(point)
        place = int(np.flatnonzero(order == cache)[0])
        asked = problem.demand_bytes[points.region[point], files] * points.share[point]
        left = asked * ~facts.held[np.ix_(order[:place], files)].any(axis=0)
        behind = facts.held[np.ix_(order[place + 1 :], files)] * value[place + 1 :, None]
        # the next holder in the order serves instead, which is not always the one of highest value
        first = behind[behind.astype(bool).argmax(axis=0), np.arange(len(files))] if len(behind) else 0.0
        sums += np.stack([asked, left, left * np.maximum(value[place] - first, 0.0), left * value[place]])
    return sums


def _reason_words(words: tuple[str, ...], row: Any, details: Mapping[int, str]) -> str:
    """The reason that most of the bytes share, with its date or figure, and how many of the copies it covers."""
    said = details.get(int(row.reason), words[row.reason])
    return said if row.share == row.copies else f"{said} ({row.share:,} of {row.copies:,} copies)"


def _details(facts: Facts, title: int) -> dict[int, str]:
    """Reasons for additions of one title that have a date or a figure."""
    starts = facts.starts[facts.starts["title"] == title]["date"]
    soon, past = starts[starts >= facts.plan_day], starts[starts < facts.plan_day]
    said = {}
    if len(soon):
        said[REASONS_IN.index(LAUNCH)] = f"launch on {day_text(soon.min().date())}"
    if len(past):
        said[REASONS_IN.index(LAUNCHED)] = f"launched on {day_text(past.max().date())}"
    if facts.hours is not None and (recent := float(facts.hours.recent[:, title].sum())) > 0:
        change = float(facts.hours.expected[:, title].sum()) / recent - 1
        if change > 0:
            said[REASONS_IN.index(UP)] = f"demand up {change_text(change)}"
    return said


def reasons(facts: Facts, changes: Changes, words: tuple[str, ...]) -> tuple[Reason, ...]:
    """Copies, bytes and worth per reason, the largest in bytes first; reasons that do not occur are left out."""
    size = facts.rows.size_bytes[changes.row].astype(np.float64)
    copies = np.bincount(changes.reason, minlength=len(words))
    moved = np.bincount(changes.reason, size, minlength=len(words))
    worth = np.bincount(changes.reason, changes.worth, minlength=len(words))
    order = [r for r in np.argsort(-moved, kind="stable") if copies[r]]
    return tuple(Reason(words[r], int(copies[r]), int(moved[r]), float(worth[r])) for r in order)


def titles_in(facts: Facts, changes: Changes) -> tuple[TitleChange, ...]:
    """The titles whose additions are worth most."""
    rows, titles = facts.rows, facts.tables.titles
    frame = _frame(facts, changes).assign(group=rows.title[changes.row])
    best = _totals(frame).sort_values(["worth", "group"], ascending=[False, True]).head(TITLES_SHOWN)
    return tuple(
        TitleChange(
            title_id=str(titles["title_id"].iloc[row.group]),
            name=facts.title_names[row.group],
            kind=str(titles["kind"].iloc[row.group]),
            files=int(row.files),
            caches=int(row.caches),
            fill_bytes=int(row.size),
            expected_bytes=float(row.expected),
            value=float(row.worth),
            reason=_reason_words(REASONS_IN, row, _details(facts, row.group)),
        )
        for row in best.itertuples(index=False)
    )


def files_in(facts: Facts, changes: Changes) -> tuple[FileChange, ...]:
    """The files whose additions are worth most."""
    totals = _totals(_frame(facts, changes).assign(group=facts.rows.asset[changes.row]))
    return _file_changes(facts, totals.sort_values(["worth", "group"], ascending=[False, True]), REASONS_IN)


def files_out(facts: Facts, changes: Changes) -> tuple[FileChange, ...]:
    """The files that free most storage."""
    totals = _totals(_frame(facts, changes).assign(group=facts.rows.asset[changes.row]))
    return _file_changes(facts, totals.sort_values(["size", "group"], ascending=[False, True]), REASONS_OUT)


def _frame(facts: Facts, changes: Changes) -> pd.DataFrame:
    rows = facts.rows
    cache, size = rows.cache[changes.row], rows.size_bytes[changes.row]
    return pd.DataFrame(
        {
            "cache": cache,
            "asset": rows.asset[changes.row],
            "file": rows.file[changes.row],
            "reason": changes.reason,
            "worth": changes.worth,
            "size": size,
            "expected": rows.expected_bytes[changes.row],
            "price": facts.storage_price[cache] * size if len(facts.storage_price) else 0.0,
        }
    )


def _totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Sums per `group`, with the reason that stands for most of its bytes."""
    groups = frame.groupby("group", sort=True)
    totals = groups[["worth", "size", "expected"]].sum()
    # a sum with an unknown price is unknown, not smaller
    totals["price"] = groups["price"].sum(min_count=1).where(groups["price"].count() == groups.size())
    totals["caches"] = groups["cache"].nunique()
    totals["files"] = groups["asset"].nunique()
    totals["file"] = groups["file"].first()
    totals["copies"] = groups.size()
    parts = frame.groupby(["group", "reason"], as_index=False).agg(size=("size", "sum"), share=("size", "size"))
    parts = parts.sort_values(["group", "size", "reason"], ascending=[True, False, True]).drop_duplicates("group")
    totals[["reason", "share"]] = parts.set_index("group")[["reason", "share"]]
    return totals.reset_index()


def _file_changes(facts: Facts, totals: pd.DataFrame, words: tuple[str, ...]) -> tuple[FileChange, ...]:
    return tuple(_file_change(facts, row, words) for row in totals.head(FILES_SHOWN).itertuples(index=False))


def _file_change(facts: Facts, row: Any, words: tuple[str, ...]) -> FileChange:
    file, size, price = int(row.file), int(row.size), float(row.price)
    worth, known = float(row.worth), file >= 0
    title = int(facts.problem.title[file]) if known else -1
    details = _details(facts, title) if words is REASONS_IN else {}
    return FileChange(
        asset_id=facts.rows.asset_ids[row.group],
        name=facts.title_names[title] if known else "",
        file=facts.file_name(file) if known else "",
        caches=int(row.caches),
        size_bytes=int(facts.problem.size_bytes[file]) if known else None,
        total_bytes=size,
        value=worth,
        value_per_gb=worth / size * BYTES_PER_GB if size else None,
        price_per_gb=price / size * BYTES_PER_GB if size and not np.isnan(price) else None,
        reason=_reason_words(words, row, details),
    )
