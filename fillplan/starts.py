"""Where and when titles start: rights windows that open shortly before the plan date or within the horizon."""

from __future__ import annotations

from datetime import date

import pandas as pd

RECENT_DAYS = 14
EVERYWHERE = -1


def rights_starts(
    availability: pd.DataFrame, titles: pd.Index, regions: tuple[str, ...], plan_date: date, horizon_days: int
) -> pd.DataFrame:
    """Rights starts from two weeks before the plan date to the horizon's end: `title`, `region` (-1: everywhere)
    as indices, `date`. A start that only continues another window is no launch.
    """
    windows = pd.DataFrame(
        {
            "title": titles.get_indexer(availability["title_id"]),
            "region": pd.Index(regions).get_indexer(availability["region"]),
            "named": (availability["region"] != "").to_numpy(),
            "date": availability["start_date"].to_numpy().astype("datetime64[D]"),
            "end": availability["end_date"].to_numpy().astype("datetime64[D]"),
        }
    )
    windows = windows[(windows["title"] >= 0) & ((windows["region"] >= 0) | ~windows["named"])].reset_index(
        names="window"
    )
    first = pd.Timestamp(plan_date) - pd.Timedelta(days=RECENT_DAYS)
    last = pd.Timestamp(plan_date) + pd.Timedelta(days=horizon_days - 1)
    starts = windows[windows["date"].between(first, last)]
    continued = _continued(starts, windows)
    return starts.loc[~starts["window"].isin(continued), ["title", "region", "date"]].reset_index(drop=True)


def coming(starts: pd.DataFrame, plan_date: date) -> pd.DataFrame:
    """The starts that are launches of the horizon: from the plan date on."""
    return starts[starts["date"] >= pd.Timestamp(plan_date)]


def _continued(starts: pd.DataFrame, windows: pd.DataFrame) -> pd.Series:
    """Windows that another window of the title, in the same region or everywhere, covers on the eve."""
    pairs = starts.merge(windows, on="title", suffixes=("", "_other"))
    eve = pairs["date"] - pd.Timedelta(days=1)
    same = (pairs["region"] == pairs["region_other"]) | (pairs["region_other"] == EVERYWHERE)
    covers = (pairs["date_other"] <= eve) & (pairs["end_other"].isna() | (pairs["end_other"] >= eve))
    return pairs.loc[same & covers & (pairs["window"] != pairs["window_other"]), "window"]
