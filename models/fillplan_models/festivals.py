"""Holidays per region and day: the workspace's calendar, else the `holidays` library."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools


def holiday_days(calendar: pd.DataFrame, declared: bool, regions: tuple[str, ...], first_day: date, days: int) -> Bools:
    """[R, days]. With a calendar table only what stands there; else by ISO 3166 code, nothing for other codes."""
    found = np.zeros((len(regions), days), dtype=np.bool_)
    if declared:
        number = {name: i for i, name in enumerate(regions)}
        day = (calendar["date"].to_numpy().astype("datetime64[D]") - np.datetime64(first_day, "D")).astype(np.int64)
        region = calendar["region"].map(number).fillna(-1).to_numpy().astype(np.int64)
        inside = (day >= 0) & (day < days) & (region >= 0)
        found[region[inside], day[inside]] = True
        return found
    for i, code in enumerate(regions):
        for day_off in _by_country(code, first_day, first_day + timedelta(days=days)):
            offset = (day_off - first_day).days
            if 0 <= offset < days:
                found[i, offset] = True
    return found


def _by_country(code: str, start: date, stop: date) -> list[date]:
    """Public holidays of an ISO 3166-1 (`DE`) or 3166-2 (`DE-BY`) code; none for codes the library does not know."""
    import holidays
    from holidays.registry import EntityLoader

    country, _, part = code.partition("-")
    # the library finds countries by attribute, so that a region called MAR or ROMA would name its constants
    if country not in EntityLoader.get_country_codes():
        return []
    years = range(start.year, stop.year + 1)
    try:
        return list(holidays.country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError:  # a part of the country that the library does not know
        return []
