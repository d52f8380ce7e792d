"""Small workspaces in memory: `tables_of` takes what a test is about and fills in the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from fillplan_data.tables import Tables
from fillplan_models.panel import Panel, build_panel

FIRST_DAY = date(2026, 1, 5)  # a Monday
TEXT = ("kind", "series_id", "original_language", "genres", "name")
COLUMNS = {
    "views": "date region title_id view_hours",
    "variant_views": "date region title_id bitrate_kbps audio subtitle view_hours",
    "titles": "title_id name kind series_id season episode original_language runtime_minutes genres",
    "availability": "title_id region start_date end_date",
    "promotions": "title_id region start_date end_date strength",
    "calendar": "region date name",
    "assets": "asset_id title_id kind bitrate_kbps language size_bytes url",
    "caches": "cache_id parent_id region region_share storage_bytes",
    "routes": "region cache_id value_per_gb",
    "inventory": "cache_id asset_id",
    "pins": "cache_id asset_id title_id rule",
}
NUMBERS = [
    "view_hours",
    "bitrate_kbps",
    "season",
    "episode",
    "runtime_minutes",
    "strength",
    "region_share",
    "value_per_gb",
]
COUNTS = ["size_bytes", "storage_bytes"]


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the frame that `read_tables` would give; further keys become further columns."""
    declared = COLUMNS[name].split()
    further = [key for key in (rows[0] if rows else {}) if key not in declared]
    columns = {}
    for column in declared + further:
        values = [row.get(column) for row in rows]
        if column.endswith("date"):
            columns[column] = pd.Series(pd.to_datetime(values)).astype("datetime64[us]")
        elif column in NUMBERS or (column in further and not isinstance((values or [""])[0], str)):
            columns[column] = pd.Series(values, dtype="float64")
        elif column in COUNTS:
            columns[column] = pd.Series([value or 0 for value in values], dtype="int64")
        else:
            columns[column] = pd.Series([value or "" for value in values], dtype="str")
            if name in ("views", "variant_views", "inventory"):
                columns[column] = columns[column].astype("category")
    return pd.DataFrame(columns)


def tables_of(**rows: list[dict[str, Any]]) -> Tables:
    frames = {name: frame(name, rows.get(name, [])) for name in COLUMNS}
    return Tables(**frames, present=frozenset(rows), sha256={})


def day(number: int) -> date:
    """Day `number` of the history, 0 = Monday 2026-01-05."""
    return date.fromordinal(FIRST_DAY.toordinal() + number)


def views_of(hours: dict[tuple[str, str], Any], first: int = 0) -> list[dict[str, Any]]:
    """Rows of views from (region, title) -> hours per day; None and 0 make no row."""
    return [
        {"date": day(first + d), "region": region, "title_id": title, "view_hours": float(value)}
        for (region, title), series in hours.items()
        for d, value in enumerate(series)
        if value
    ]


def panel_of(hours: dict[tuple[str, str], Any], horizon_days: int = 7, **rows: list[dict[str, Any]]) -> Panel:
    """Panel of series given as hours per day; every title is a movie that was always open unless said otherwise."""
    length = max(len(series) for series in hours.values())
    titles = sorted({title for _, title in hours} | {row["title_id"] for row in rows.get("availability", [])})
    rows.setdefault("titles", [{"title_id": t, "kind": "movie", "runtime_minutes": 60.0} for t in titles])
    rows.setdefault("calendar", [])
    return build_panel(tables_of(views=views_of(hours), **rows), day(length), horizon_days)


def simulate(
    regions: int = 3, titles: int = 30, days: int = 70, seed: int = 0, launches: bool = True, extra: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Rows of a small noisy world with weekdays, decay, promotions, a series and one further column per type."""
    rng = np.random.default_rng(seed)
    names = [f"t{i:03d}" for i in range(titles)]
    start = rng.integers(-200, days + 6, titles) if launches else np.full(titles, -300)
    if launches:
        start[-2:] = days + 1, days + 4
    appeal = np.exp(rng.normal(2.5, 0.8, titles))
    size = np.exp(rng.normal(0, 0.5, regions))
    rows: dict[str, list[dict[str, Any]]] = {"views": [], "titles": [], "availability": [], "promotions": []}
    for i, title in enumerate(names):
        row = {
            "title_id": title,
            "kind": ("movie", "episode")[i % 2],
            "series_id": f"s{i % 5}" if i % 2 else "",
            "original_language": ("en", "es", "")[i % 3],
            "runtime_minutes": 50.0 + i,
            "genres": ("drama;crime", "comedy", "")[i % 3],
        }
        rows["titles"].append(row | ({"studio": f"st{i % 4}", "stars": float(np.log(appeal[i]))} if extra else {}))
        rows["availability"].append({"title_id": title, "region": "", "start_date": day(int(start[i]))})
        if i % 7 == 0:
            first = max(int(start[i]), 5)
            rows["promotions"].append(
                {"title_id": title, "start_date": day(first), "end_date": day(first + 5), "strength": 1.0}
            )
        for r in range(regions):
            age = np.arange(days) - start[i]
            weekend = 1 + 0.4 * np.isin(np.arange(days) % 7, (5, 6))
            mean = appeal[i] * size[r] * weekend * (0.3 + np.exp(-np.maximum(age, 0) / 10)) * (age >= 0)
            hours = rng.gamma(5.0, mean / 5.0 + 1e-12) * (mean > 0)
            for d in np.flatnonzero(hours > 0.05):
                rows["views"].append(
                    {"date": day(int(d)), "region": f"R{r}", "title_id": title, "view_hours": round(float(hours[d]), 2)}
                )
    return rows
