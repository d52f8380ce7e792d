"""The profile of a night's tables: what the next night's gates compare with, so that no old tables are needed.

A few tens of kilobytes of JSON beside each run: rows per table, hours per region and day and per title of the last
weeks, capacities per cache, and a digest of what describes each title and file, for a sample of them. A sample takes
the ids whose checksum is smallest, so that two nights sample the same ids and shares of new, lost and changed ones
can be compared; up to `SAMPLE` ids it is the whole table.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fillplan.problem import fill_budget_bytes, inventory_codes
from fillplan_data.tables import Tables

FORMAT_VERSION = 3
DAYS = 28
"""Days before the plan date whose hours are kept."""
SAMPLE = 1500
TITLES_KEPT = 300
"""Titles with most hours, whose hours of the last weeks are kept."""
DIGITS = 7
LAST_DAY = pd.Timestamp(2199, 12, 31)
USUAL_DAYS = 56
"""Latest days with views whose median is a usual day."""
STRAY = 0.1
"""A day with a smaller share of a usual day's hours does not tell how far the views reach: rows may be misdated."""
SMALL_REGION = 0.02
"""Regions with a smaller share of a usual day have spikes by nature, and these move little."""


@dataclass(frozen=True)
class Sample:
    """Ids of a table with digests of what describes them; of a large table the ids with the smallest checksums."""

    digests: Mapping[str, str]
    highest: int
    """Checksums up to here are in the sample; 2^32 where it is the whole table."""


@dataclass(frozen=True)
class Profile:
    """What is remembered of a night's tables."""

    plan_date: str
    first_day: str
    """First of the `DAYS` whose hours are kept."""
    lag_days: int
    """Days between the last day with views to speak of and the eve of the plan date."""
    rows: Mapping[str, int]
    region_hours: Mapping[str, Sequence[float | None]]
    """Region -> hours per day of the window; None where it has no row (missing, not zero)."""
    title_hours: Mapping[str, float]
    """Title -> hours of the window, for the titles with most."""
    titles: Sample
    files: Sample
    file_bytes: Mapping[str, int]
    """Size of the sampled files."""
    rights: Sample
    """Digest of all windows of each sampled title."""
    last_ends: Mapping[str, str]
    """Last day of the rights of each sampled title, blank if open."""
    caches: Mapping[str, Mapping[str, Any]]
    """Capacities, worth and place of each cache."""
    blocked_share: float
    """Share of (cache, file) pairs that pins block."""
    repeated_share: Sequence[float]
    """Share of each day's hours whose rows stand with the same figure on the day before, the last day last."""
    row_spike: float
    """Largest single figure of the window, in usual days of its region (at least of `SMALL_REGION` of all)."""
    inventory_unknown: float
    """Share of inventory rows whose file the catalogue does not know."""
    format_version: int = FORMAT_VERSION

    def content(self) -> bytes:
        """The file, byte by byte."""
        return (json.dumps(asdict(self), allow_nan=False, separators=(",", ":"), sort_keys=True) + "\n").encode()


def read_profile(content: bytes) -> Profile:
    """A profile from its file. Raises ValueError where it is damaged or of another format."""
    try:
        data = json.loads(content)
        data |= {name: Sample(**data[name]) for name in ("titles", "files", "rights")}
        profile = Profile(**data)
        date.fromisoformat(profile.plan_date), date.fromisoformat(profile.first_day)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"damaged: {error}") from error
    if profile.format_version != FORMAT_VERSION or profile.content() != content:
        raise ValueError(f"expected format version {FORMAT_VERSION}")
    return profile


def profile_tables(tables: Tables, plan_date: date) -> Profile:
    """Take the profile of tables that were cut off at the plan date."""
    first_day = pd.Timestamp(plan_date) - pd.Timedelta(days=DAYS)
    views = tables.views[(tables.views["date"] >= first_day).to_numpy()]
    files = _sample(tables.assets, "asset_id", ("title_id", "kind", "bitrate_kbps", "language"))
    rights = _sample(_windows(tables.availability), "title_id", ("windows",))
    sizes = tables.assets.set_index("asset_id")["size_bytes"]
    return Profile(
        plan_date=plan_date.isoformat(),
        first_day=first_day.date().isoformat(),
        lag_days=lag_days(tables.views, plan_date),
        rows={name: len(getattr(tables, name)) for name in sorted(tables.present)},
        region_hours=_region_hours(views, first_day),
        title_hours=_title_hours(views),
        titles=_sample(tables.titles, "title_id", ("kind", "series_id", "original_language", "runtime_minutes")),
        files=files,
        file_bytes={name: int(sizes[name]) for name in files.digests},
        rights=rights,
        last_ends=_last_ends(tables.availability, rights.digests),
        caches=_caches(tables.caches),
        blocked_share=_blocked_share(tables),
        repeated_share=[_rounded(x) for x in repeated_shares(views)],
        row_spike=_rounded(_row_spike(views)),
        inventory_unknown=_unknown_share(tables),
    )


def lag_days(views: pd.DataFrame, plan_date: date) -> int:
    """Days that the views lack before the plan date; a few rows of a later day do not count, `DAYS` where none do."""
    hours = views.groupby("date")["view_hours"].sum()
    hours = hours[(hours > 0).to_numpy()]
    solid = hours.index[(hours >= STRAY * hours.iloc[-USUAL_DAYS:].median()).to_numpy()]
    return (pd.Timestamp(plan_date) - solid[-1]).days - 1 if len(solid) else DAYS


def _region_hours(views: pd.DataFrame, first_day: pd.Timestamp) -> dict[str, list[float | None]]:
    day = (views["date"] - first_day).dt.days.to_numpy()
    regions = views["region"].cat
    size = (len(regions.categories), DAYS)
    place = regions.codes.to_numpy().astype(np.int64) * DAYS + day
    hours = np.bincount(place, weights=views["view_hours"].to_numpy(np.float64), minlength=size[0] * DAYS)
    rows = np.bincount(place, minlength=size[0] * DAYS)
    table = np.where(rows > 0, hours, np.nan).reshape(size)
    return {
        str(region): [None if np.isnan(x) else _rounded(x) for x in table[r]]
        for r, region in enumerate(regions.categories)
        if not np.isnan(table[r]).all()
    }


def _title_hours(views: pd.DataFrame) -> dict[str, float]:
    codes = views["title_id"].cat.codes.to_numpy()
    titles = views["title_id"].cat.categories
    hours = np.bincount(codes, weights=views["view_hours"].to_numpy(np.float64), minlength=len(titles))
    order = np.argsort(-hours, kind="stable")[:TITLES_KEPT]
    return {str(titles[t]): _rounded(hours[t]) for t in order if hours[t] > 0}


def repeated_shares(views: pd.DataFrame) -> list[float]:
    """[days] by hours, how much of each day but the first repeats the same figures of the day before."""
    rows = views[["region", "title_id", "date", "view_hours"]]
    keys = [rows["region"].cat.codes.to_numpy(), rows["title_id"].cat.codes.to_numpy()]
    day = rows["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((day, keys[1], keys[0]))
    region, title, day = keys[0][order], keys[1][order], day[order]
    hours = rows["view_hours"].to_numpy(np.float64)[order]
    follows = np.zeros(len(order), dtype=np.bool_)
    follows[1:] = (np.diff(region) == 0) & (np.diff(title) == 0) & (np.diff(day) == 1) & (np.diff(hours) == 0)
    days, place = np.unique(day, return_inverse=True)
    total = np.bincount(place, weights=hours, minlength=len(days))
    same = np.bincount(place, weights=hours * follows, minlength=len(days))
    return (np.divide(same, total, out=np.zeros(len(days)), where=total > 0)[1:]).tolist()


def _row_spike(views: pd.DataFrame) -> float:
    region = views["region"].cat.codes.to_numpy()
    count = len(views["region"].cat.categories)
    hours = views["view_hours"].to_numpy(np.float64)
    largest = np.zeros(count)
    np.maximum.at(largest, region, hours)
    daily = (
        views.groupby(["region", "date"], observed=True)["view_hours"].sum().groupby(level=0, observed=True).median()
    )
    usual = daily.reindex(views["region"].cat.categories).fillna(0.0).to_numpy(np.float64)
    usual = np.maximum(usual, SMALL_REGION * usual.sum())
    return float(np.max(largest[usual > 0] / usual[usual > 0], initial=0.0))


def _unknown_share(tables: Tables) -> float:
    if tables.inventory.empty:
        return 0.0
    return _rounded(float((inventory_codes(tables)[1] < 0).mean()))


def _sample(frame: pd.DataFrame, key: str, columns: Sequence[str]) -> Sample:
    ids = frame[key].astype(object).to_numpy()
    checksums = np.array([zlib.crc32(str(name).encode()) for name in ids], dtype=np.int64)
    order = np.argsort(checksums, kind="stable")[:SAMPLE]
    highest = 2**32 if len(ids) <= SAMPLE else int(checksums[order[-1]])
    chosen = frame.iloc[order]
    words = zip(*([str(value) for value in chosen[column]] for column in columns), strict=True)
    return Sample({str(name): _digest(row) for name, row in zip(ids[order], words, strict=True)}, highest)


def _digest(words: Iterable[str]) -> str:
    return f"{zlib.crc32(chr(31).join(words).encode()):08x}"


def _windows(availability: pd.DataFrame) -> pd.DataFrame:
    """One row per title with all of its windows in one text."""
    order = ["title_id", "region", "start_date", "end_date"]
    rows = availability[order].sort_values(order, kind="stable")
    text = rows["region"].str.cat([rows[c].dt.strftime("%Y%m%d").fillna("") for c in order[2:]], sep=" ")
    joined = text.groupby(rows["title_id"].to_numpy(), sort=True).agg(";".join)
    return pd.DataFrame({"title_id": joined.index, "windows": joined.to_numpy()})


def _last_ends(availability: pd.DataFrame, titles: Iterable[str]) -> dict[str, str]:
    """Per title the latest end of all of its windows, blank where one of them has none."""
    rows = availability[availability["title_id"].isin(list(titles)).to_numpy()]
    latest = rows["end_date"].fillna(pd.Timestamp.max.normalize()).groupby(rows["title_id"].to_numpy()).max()
    return {str(t): "" if end > LAST_DAY else end.date().isoformat() for t, end in latest.items()}


def _caches(caches: pd.DataFrame) -> dict[str, dict[str, Any]]:
    budget = fill_budget_bytes(caches)
    return {
        str(row.cache_id): {
            "storage_bytes": int(row.storage_bytes),
            "fill_budget_bytes": int(budget[position]),
            "serve_rate_bps": _known(row.serve_rate_bps),
            "value_per_gb": float(row.value_per_gb),
            "fill_cost_per_gb": _known(row.fill_cost_per_gb),
            "place": f"{row.parent_id} {row.region}",
            "region_share": _known(row.region_share),
        }
        for position, row in enumerate(caches.itertuples(index=False))
    }


def _blocked_share(tables: Tables) -> float:
    """Share of (cache, file) pairs that a block names, each row of `pins` counted once."""
    pins = tables.pins[(tables.pins["rule"] == "block").to_numpy()]
    per_title = tables.assets["title_id"].value_counts()
    files = np.where(pins["asset_id"] != "", 1, pins["title_id"].map(per_title).fillna(0).to_numpy())
    reach = np.where(pins["cache_id"] == "", len(tables.caches), 1)
    pairs = len(tables.caches) * len(tables.assets)
    return _rounded(float((files * reach).sum()) / pairs) if pairs else 0.0


def _known(number: float) -> float | None:
    return None if pd.isna(number) else float(number)


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
