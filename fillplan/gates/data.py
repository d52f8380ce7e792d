"""Data gates: one function each, from the profiles of tonight's tables and of the last good night's.

Those in `WITHIN` need tonight's profile alone and so also guard the first night; those in `AGAINST` compare. All give
a figure that is 0 where nothing is unusual, most of them a share of hours, rows or bytes. A last day that lacks hours
only warns on a first night: the demand model leaves late days out, and any plan is better than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from fillplan.gates.figures import (
    RESIZE_FACTOR,
    SMALL_ROWS,
    factor_between,
    few,
    floats,
    ids_changed,
    ids_gone,
    ids_new,
    is_other,
    is_resized,
    large_tables,
    last_day,
    share_of,
    total_of,
    worst,
)
from fillplan.gates.profile import DAYS, Profile
from fillplan.gates.rights import ends_gone, rights_changed, rights_gone
from fillplan.gates.verdict import Measured
from fillplan_data.wording import counted

MAY_BE_EMPTY = frozenset({"promotions"})
MAY_GROW = frozenset({"views", "variant_views", "inventory", "promotions", "pins", "calendar"})
DRIFT = 2.0
"""How much more may have changed since a good night some days ago than since the last one."""
OFF_FACTOR = 3.0
"""A region whose last day is that many times more or less than its usual same weekday is off."""


def measure(
    now: Profile, then: Profile | None, is_long_ago: bool = False, earlier: Profile | None = None
) -> Iterator[Measured]:
    """Every data gate's figure; those that compare only where there is a last good night.

    is_long_ago: only `LASTING` gates compare with it; the others would find much that is new and sound.
    earlier: another good night some days before, with which these compare too: many small steps make a large one.
    """
    for alone in WITHIN:
        yield alone(now)
    if then is None:
        return
    for against in LASTING if is_long_ago else AGAINST:
        figure = against(now, then)
        yield max(figure, _drift(against, now, earlier), key=lambda f: f.value) if earlier else figure


def _drift(against: Callable[[Profile, Profile], Measured], now: Profile, earlier: Profile) -> Measured:
    """What changed since an earlier good night, bit by bit; over so long it may be `DRIFT` times as much."""
    figure = against(now, earlier)
    value = figure.value / DRIFT if against in LASTING else 0.0
    return replace(
        figure, value=value, found=f"since {earlier.plan_date}, {DRIFT:g} times as long a way: {figure.found}"
    )


def regions_missing(now: Profile) -> Measured:
    """Share of usual hours in regions that have no row on the last day that has any."""
    last, usual = last_day(now)
    missing = np.isnan(last)
    names = few(np.array(list(now.region_hours))[missing].tolist())
    share = share_of(usual[missing].sum(), usual.sum())
    said = f"{share:.1%} of hours usually come from regions that lack the last day: {names}"
    return Measured("regions_missing", share, said, spares_first=True)


def hours_level(now: Profile) -> Measured:
    """How many times more or less the last day is than the same weekday before, less 1; missing regions left out."""
    last, usual = last_day(now)
    both = ~np.isnan(last) & (usual > 0)
    found, expected = last[both].sum(), usual[both].sum()
    factor = factor_between(found, expected) - 1
    said = f"{found:,.0f} hours on the last day, usually {expected:,.0f} that weekday"
    return Measured("hours_level", factor, said, spares_first=bool(found < expected))


def hours_by_region(now: Profile) -> Measured:
    """Share of usual hours in regions whose last day is off by more than `OFF_FACTOR`."""
    last, usual = last_day(now)
    off = (usual > 0) & ~np.isnan(last)
    off[off] = [factor_between(a, b) > OFF_FACTOR for a, b in zip(last[off], usual[off], strict=True)]
    names = few(np.array(list(now.region_hours))[off].tolist())
    share = share_of(usual[off].sum(), usual.sum())
    said = f"{share:.1%} of usual hours are of regions that are far off: {names}"
    return Measured("hours_by_region", share, said, spares_first=bool((last[off] < usual[off]).all()))


def repeated_day(now: Profile) -> Measured:
    """By how much more the last day repeats the day before than days here usually do."""
    shares = now.repeated_share
    more = shares[-1] - float(np.median(shares[:-1])) if len(shares) > 1 else 0.0
    return Measured(
        "repeated_day", max(0.0, more), f"{more:.1%} more of the last day repeats the one before than usual"
    )


def row_spike(now: Profile) -> Measured:
    """Largest single figure, in usual days of its whole region."""
    found = f"a single figure of {now.row_spike:.2f} times the usual day of its whole region or of a small one"
    return Measured("row_spike", now.row_spike, found)


def inventory_unknown(now: Profile) -> Measured:
    """Share of inventory rows of files that the catalogue does not know."""
    share = now.inventory_unknown if now.rows.get("inventory", 0) >= SMALL_ROWS else 0.0
    return Measured("inventory_unknown", share, f"{share:.1%} of the inventory are files that assets does not list")


def old_views(now: Profile) -> Measured:
    """Days between the last views and the plan date, whatever was usual: a plan on nothing keeps no cache useful."""
    said = f"the last day with views to speak of is {counted(now.lag_days, 'day')} before the eve of {now.plan_date}"
    return Measured("old_views", float(now.lag_days), said)


def goes_back(plan_date: date, newest: date | None) -> Measured:
    """Days by which the plan date lies before that of the newest set, whose plan would be replaced by an older one."""
    days = 0 if newest is None else max(0, (newest - plan_date).days)
    return Measured(
        "goes_back", float(days), f"the plan date {plan_date} is {counted(days, 'day')} before the newest set's"
    )


def stale_days(now: Profile, then: Profile) -> Measured:
    """Days between the last views and the plan date, beyond those of the last good night: some feeds always lag."""
    lag, usual = now.lag_days, then.lag_days
    older = counted(lag, "day")
    said = f"the last views are {older} older than the day before the plan date, {usual} at the last good night"
    return Measured("stale_days", float(max(0, lag - usual)), said)


def tables_gone(now: Profile, then: Profile) -> Measured:
    """Tables that had rows and have none now."""
    gone = [n for n, rows in then.rows.items() if rows and not now.rows.get(n, 0) and n not in MAY_BE_EMPTY]
    return Measured("tables_gone", float(len(gone)), f"empty or absent now: {', '.join(gone) or 'none'}")


def rows_lost(now: Profile, then: Profile) -> Measured:
    """Largest share of its rows that a table lost."""
    lost = {n: 1 - now.rows.get(n, 0) / rows for n, rows in large_tables(then) if n not in MAY_BE_EMPTY}
    return worst("rows_lost", lost, "lost {:.1%} of its rows")


def rows_gained(now: Profile, then: Profile) -> Measured:
    """Largest share by which a table grew."""
    gained = {n: now.rows.get(n, 0) / rows - 1 for n, rows in large_tables(then) if n not in MAY_GROW}
    return worst("rows_gained", gained, "grew by {:.1%} of its rows")


def regions_gone(now: Profile, then: Profile) -> Measured:
    """Share of the last good night's hours in regions without any views now."""
    before = {region: np.nansum(floats(hours)) for region, hours in then.region_hours.items()}
    gone = [region for region in before if region not in now.region_hours]
    share = share_of(sum(before[region] for region in gone), sum(before.values()))
    return Measured("regions_gone", share, f"{share:.1%} of hours were of regions without views now: {few(gone)}")


def titles_gone(now: Profile, then: Profile) -> Measured:
    """Share of titles that left the catalogue."""
    return ids_gone("titles_gone", "titles", now.titles, then.titles)


def titles_new(now: Profile, then: Profile) -> Measured:
    """Share of titles that the last good night did not know."""
    return ids_new("titles_new", "titles", now.titles, then.titles)


def titles_changed(now: Profile, then: Profile) -> Measured:
    """Share of known titles whose kind, series, language or runtime is another."""
    return ids_changed("titles_changed", "known titles are described otherwise", now.titles, then.titles)


def files_gone(now: Profile, then: Profile) -> Measured:
    """Share of files that left the catalogue."""
    return ids_gone("files_gone", "files", now.files, then.files)


def files_new(now: Profile, then: Profile) -> Measured:
    """Share of files that the last good night did not know."""
    return ids_new("files_new", "files", now.files, then.files)


def files_changed(now: Profile, then: Profile) -> Measured:
    """Share of known files of another title, kind, bitrate, language or size."""
    both = now.files.digests.keys() & then.files.digests.keys()
    changed = [f for f in both if now.files.digests[f] != then.files.digests[f] or is_resized(f, now, then)]
    share = share_of(len(changed), len(both))
    return Measured("files_changed", share, f"{share:.1%} of known files have another title, kind, bitrate or size")


def files_resized(now: Profile, then: Profile) -> Measured:
    """Share of known files whose size changed by more than `RESIZE_FACTOR`."""
    both = now.files.digests.keys() & then.files.digests.keys()
    resized = sum(is_resized(f, now, then, RESIZE_FACTOR) for f in both)
    share = share_of(resized, len(both)) if len(both) >= SMALL_ROWS else 0.0
    return Measured("files_resized", share, f"{share:.1%} of known files are more than {RESIZE_FACTOR:g} times off")


def capacity_level(now: Profile, then: Profile) -> Measured:
    """How many times more or less storage or fill the whole network has, less 1."""
    factors = {
        name: factor_between(total_of(now, name), total_of(then, name)) - 1
        for name in ("storage_bytes", "fill_budget_bytes")
    }
    return worst("capacity_level", factors, "of the network is off by {:.1%}")


def caches_changed(now: Profile, then: Profile) -> Measured:
    """Share of storage at caches that are gone, new, elsewhere in the tree, or off by `CAPACITY_FACTOR`."""
    names = sorted(now.caches.keys() | then.caches.keys())
    stored = {n: float(then.caches.get(n, now.caches.get(n, {}))["storage_bytes"]) for n in names}
    changed = [n for n in names if is_other(now.caches.get(n), then.caches.get(n))]
    share = share_of(sum(stored[n] for n in changed), sum(stored.values()))
    return Measured("caches_changed", share, f"{share:.1%} of storage is at caches that changed: {few(changed)}")


def blocks_lost(now: Profile, then: Profile) -> Measured:
    """Share of blocked pairs of cache and file that are blocked no more."""
    share = max(0.0, share_of(then.blocked_share - now.blocked_share, then.blocked_share))
    return Measured("blocks_lost", share, f"{share:.1%} of what pins blocked is blocked no more")


def blocks_gained(now: Profile, then: Profile) -> Measured:
    """Share of all pairs of cache and file that are blocked anew."""
    share = max(0.0, now.blocked_share - then.blocked_share)
    return Measured("blocks_gained", share, f"pins block {share:.1%} of all pairs of cache and file anew")


def history_regions(now: Profile, then: Profile) -> Measured:
    """How much of the hours that both nights know, by region and day, is told otherwise now."""
    shift = (date.fromisoformat(now.first_day) - date.fromisoformat(then.first_day)).days
    if not 0 <= shift < DAYS:
        return Measured("history_regions", 0.0, "no day is known to both nights")
    differs = total = 0.0
    for region in then.region_hours.keys() & now.region_hours.keys():
        old = floats(then.region_hours[region])[shift:]
        new = floats(now.region_hours[region])[: DAYS - shift]
        both = ~np.isnan(old) & ~np.isnan(new)
        differs, total = differs + np.abs(new - old)[both].sum(), total + old[both].sum()
    share = share_of(differs, total)
    return Measured("history_regions", share, f"{share:.1%} of hours of days that were known differ by region")


def history_titles(now: Profile, then: Profile) -> Measured:
    """How much the hours of the most watched titles moved from one to another over both windows of weeks."""
    both = then.title_hours.keys() & now.title_hours.keys()
    old, new = (np.array([p.title_hours[t] for t in sorted(both)]) for p in (then, now))
    if not old.sum() or not new.sum():
        return Measured("history_titles", 0.0, "no title is known to both nights")
    moved = float(np.abs(new / new.sum() - old / old.sum()).sum()) / 2
    return Measured("history_titles", moved, f"{moved:.1%} of the hours of the last weeks moved to other titles")


WITHIN: tuple[Callable[[Profile], Measured], ...] = (
    *(old_views, regions_missing, hours_level, hours_by_region, repeated_day, row_spike, inventory_unknown),
)
AGAINST: tuple[Callable[[Profile, Profile], Measured], ...] = (
    *(stale_days, tables_gone, rows_lost, rows_gained, regions_gone, titles_gone, titles_new, titles_changed),
    *(
        files_gone,
        files_new,
        files_changed,
        files_resized,
        rights_gone,
        ends_gone,
        rights_changed,
        capacity_level,
        caches_changed,
        blocks_lost,
        blocks_gained,
    ),
    *(history_regions, history_titles),
)
LASTING: tuple[Callable[[Profile, Profile], Measured], ...] = (
    *(tables_gone, rows_lost, regions_gone, titles_gone, titles_changed, files_gone, files_changed, files_resized),
    *(rights_gone, capacity_level, caches_changed, blocks_lost, history_regions),
)
"""Those of `AGAINST` that no passing of time excuses. A bad feed that comes every night is no good one after weeks."""
