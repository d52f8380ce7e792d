"""Sums of errors of a forecast against what came, by class of demand, day ahead and age; and figures from such sums.

Rows hold sums, not ratios, so that any number of origins add up to the figures of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Floats
from fillplan_models.forecast import Forecast
from fillplan_models.intervals import MISS_PRICE
from fillplan_models.panel import NEVER, Panel

VOLUMES = {"under 1 h a day": 0.0, "1 to 20 h a day": 1.0, "20 to 500 h a day": 20.0, "over 500 h a day": 500.0}
"""Class of demand -> its least mean hours per day over the last `VOLUME_DAYS`."""
VOLUME_DAYS = 28
YOUNG_DAYS = 28
"""Series that were launched in the last days before the origin, or will be launched after it, and have views."""
NAIVE = "seasonal_naive"
LEAST_HOURS = 5.0
"""Intervals are judged apart above and below this forecast: below, the hours of a day are nearly counts."""
KEYS = ["method", "by", "group"]


def real_hours(full: Panel, forecast: Forecast) -> tuple[Floats, Bools]:
    """What came ([N, H]) for a forecast's series and days, and where it is open and observed.

    `full` is a panel whose history reaches over the forecast's horizon.
    """
    region = np.array([full.regions.index(r) if r in full.regions else -1 for r in forecast.regions])[forecast.region]
    place = {title: i for i, title in enumerate(full.titles)}
    title = np.array([place.get(t, -1) for t in forecast.titles])[forecast.title]
    key, known = region * len(full.titles) + title, full.region * len(full.titles) + full.title
    at = np.minimum(np.searchsorted(known, key), len(known) - 1)
    found = (known[at] == key) & (region >= 0) & (title >= 0)
    first = (forecast.plan_date - full.first_day).days
    days = slice(first, first + forecast.open.shape[1])
    hours = np.where(found[:, None], full.hours[at, days], 0.0).astype(np.float64)
    observed = full.observed[np.maximum(region, 0), days] & (region >= 0)[:, None]
    return hours, forecast.open & observed


def score_rows(forecast: Forecast, hours: Floats, counted: Bools, past: Panel) -> list[dict[str, object]]:
    """One row of sums per class; `past` is the panel that was forecast, `hours` and `counted` are [N, H]."""
    rows = []
    for by, group, cells in _groups(counted, past):
        sums = _sums(forecast, hours, cells, whole=by != "day ahead")
        rows.append({"method": forecast.method, "by": by, "group": group, **sums})
    return rows


def _groups(counted: Bools, past: Panel) -> Iterator[tuple[str, str, Bools]]:
    yield "all", "all", counted
    for by, classes in (("volume", volume_classes(past)), ("age", age_classes(past))):
        for name, members in classes.items():
            yield by, name, counted & members[:, None]
    for ahead in range(counted.shape[1]):
        yield "day ahead", str(ahead + 1), counted & (np.arange(counted.shape[1]) == ahead)


def volume_classes(past: Panel) -> dict[str, Bools]:
    """Live series by their mean hours per day of late."""
    live, days = past.live, slice(max(0, past.history_days - VOLUME_DAYS), past.history_days)
    seen = np.maximum(np.count_nonzero(past.observed[:, days], axis=1), 1)[past.region[live]]
    mean = past.hours[live, days].sum(axis=1, dtype=np.float64) / seen
    step = np.searchsorted(list(VOLUMES.values()), mean, side="right") - 1
    return {name: step == i for i, name in enumerate(VOLUMES)}


def age_classes(past: Panel) -> dict[str, Bools]:
    """Live series: new everywhere, new in the region, launched lately, older."""
    live, cold = past.live, past.cold[past.live]
    seen = np.zeros(len(past.titles), dtype=np.bool_)
    seen[past.title[~past.cold]] = True
    known, launch = seen[past.title[live]], past.launch[live].astype(np.int64)
    young = ~cold & (launch != NEVER) & (launch > past.history_days - YOUNG_DAYS)
    return {
        "new everywhere": cold & ~known,
        "new in the region": cold & known,
        f"launched in the last {YOUNG_DAYS} days": young,
        "older": ~cold & ~young,
    }


def _sums(forecast: Forecast, hours: Floats, cells: Bools, *, whole: bool) -> dict[str, float]:
    rows = np.flatnonzero(cells.any(axis=1))
    cells = cells[rows]
    mean, actual = np.where(cells, forecast.view_hours[rows], 0.0), np.where(cells, hours[rows], 0.0)
    low, high = forecast.low[rows], forecast.high[rows]
    told = cells & np.isfinite(low) & (mean > 0)
    inside, large = told & (actual >= low) & (actual <= high), mean >= LEAST_HOURS
    score = (high - low) + MISS_PRICE * (np.maximum(low - actual, 0) + np.maximum(actual - high, 0))
    return {
        "series": float(len(rows)),
        "hours": float(actual.sum()),
        "forecast_hours": float(mean.sum()),
        "error_day": float(np.abs(mean - actual).sum()),
        "error_horizon": float(np.abs(mean.sum(axis=1) - actual.sum(axis=1)).sum()) if whole else np.nan,
        "interval_days": float((told & large).sum()),
        "inside_days": float((inside & large).sum()),
        "thin_interval_days": float((told & ~large).sum()),
        "thin_inside_days": float((inside & ~large).sum()),
        "interval_score": float(np.where(told, score, 0.0).sum()) if told.any() else np.nan,
    }


def figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of any number of origins -> errors, bias and coverage per method and class, in the order of the rows.

    `wape_*` = sum of absolute errors / hours (per day; with each series' horizon summed first), `of_naive` = `wape_day`
    over that of the seasonal naive; None (NaN) where nothing was watched or judged.
    """
    sums = rows.groupby(KEYS, sort=False).sum(numeric_only=True, min_count=1)
    hours = sums["hours"].where(sums["hours"] > 0)
    table = pd.DataFrame(
        {
            "series": sums["series"].astype(int),
            "hours": sums["hours"],
            "wape_day": sums["error_day"] / hours,
            "wape_horizon": sums["error_horizon"] / hours,
            "bias": (sums["forecast_hours"] - sums["hours"]) / hours,
            "coverage": sums["inside_days"] / sums["interval_days"].where(sums["interval_days"] > 0),
            "thin_coverage": sums["thin_inside_days"]
            / sums["thin_interval_days"].where(sums["thin_interval_days"] > 0),
            "interval_score": sums["interval_score"] / hours,
        }
    ).reset_index()
    naive = table[table["method"] == NAIVE].set_index(["by", "group"])["wape_day"]
    keys = pd.MultiIndex.from_frame(table[["by", "group"]])
    table["of_naive"] = table["wape_day"].to_numpy() / naive.reindex(keys).to_numpy()
    return table
