"""Checks of single columns: blanks, bounds, patterns, allowed values, by pandera on the distinct values.

A column of ten million rows holds few thousand distinct values; only when one of them fails are rows looked up.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools
from fillplan_data.declarations import PATTERNS, Column, Table
from fillplan_data.faults import FaultLog, show


@cache
def column_schema(column: Column) -> Any:
    """The pandera schema of a declared column's distinct values; text blanks are nulls to it."""
    import pandera.pandas as pa

    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(list(column.allowed)))
    if column.kind in PATTERNS:
        checks.append(pa.Check.str_matches(PATTERNS[column.kind]))
    if column.kind == "zone":
        checks.append(pa.Check(is_time_zone, element_wise=True))
    for limit, check in (
        (column.above, pa.Check.gt),
        (column.minimum, pa.Check.ge),
        (column.maximum, pa.Check.le),
    ):
        if limit is not None:
            checks.append(check(limit))
    if column.kind == "date":
        checks += [pa.Check.ge(_day(column.first_day)), pa.Check.le(_day(column.last_day))]
    return pa.SeriesSchema(checks=checks, nullable=not column.required)


def _day(day: date) -> np.datetime64:
    return np.datetime64(day, "us")


def is_time_zone(name: str) -> bool:
    """Whether the system (or the tzdata package) knows the zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def check_columns(table: Table, frame: pd.DataFrame, refused: dict[str, Bools], log: FaultLog) -> None:
    """Log every field of the table that is blank though required, or out of its declared bounds.

    `refused[column]` marks fields already logged as unreadable. The frame's index numbers the records.
    """
    for column in table.columns:
        if column.name in frame:
            _check_column(table.name, column, frame[column.name], refused.get(column.name), log)


def _check_column(table: str, column: Column, values: pd.Series, refused: Bools | None, log: FaultLog) -> None:
    distinct = _distinct(values, refused)
    failing = _failing(column, distinct)
    if not len(failing):
        return
    blanks = _is_blank(values) & (True if refused is None else ~refused)
    wrong = values.isin(failing.dropna().tolist()).to_numpy() & ~blanks
    if column.required and blanks.any():
        records = values.index[blanks]
        expected = f"{column.expected} (required)"
        remedy = "fill it in or delete the row"
        log.note_rows("fault", table, records, column.name, expected, lambda _: "blank", remedy)
    records, came = values.index[wrong], values[wrong]
    remedy = "correct the value or delete the row"
    log.note_rows(
        "fault",
        table,
        records,
        column.name,
        column.expected,
        lambda i: show(came.to_numpy()[i] if came.dtype != "category" else came.iloc[i]),
        remedy,
    )


def _is_blank(values: pd.Series) -> Bools:
    blank = values == "" if values.dtype == "category" else values.isna()
    mask: Bools = blank.to_numpy(dtype=np.bool_)
    return mask


def _distinct(values: pd.Series, refused: Bools | None) -> pd.Series:
    """Distinct values, blanks as one null; none for fields already refused."""
    if values.dtype == "category":
        words = values.cat.categories.to_numpy(dtype=object)
        return pd.Series([word or None for word in words], dtype=object)
    if refused is not None:
        values = values[~refused]
    return pd.Series(values.unique())


def _failing(column: Column, distinct: pd.Series) -> pd.Series:
    """Those of the distinct values that break the declaration."""
    import pandera.errors

    if not len(distinct) or (column.kind == "text" and not column.required and not column.allowed):
        return distinct[:0]
    try:
        column_schema(column).validate(distinct, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return distinct[errors.failure_cases["index"].dropna().astype(int).unique()]
    return distinct[:0]
