"""Rows that repeat: an exact duplicate is used once, the same key with different content is a fault."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.columns import MICROSECONDS_PER_DAY
from fillplan_data.declarations import Table
from fillplan_data.faults import FaultLog, show

MOST_COMBINATIONS: Final = 2**62
DENSE: Final = 16
"""Combinations of key values per row up to which a table of them costs no more memory than sorting."""


def without_duplicates(table: Table, frame: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """The frame less exact duplicates (logged as warnings); keys with two contents are logged as faults."""
    repeated = frame.iloc[_repeated(table, frame)]
    if not len(repeated):
        return frame
    copies = repeated.duplicated().to_numpy()
    if copies.any():
        _note_copies(table, repeated, copies, log)
    distinct = repeated[~copies]
    conflicts = distinct.duplicated(list(table.key)).to_numpy()
    if conflicts.any():
        _note_conflicts(table, distinct, conflicts, log)
    return frame.drop(index=repeated.index[copies])


def _repeated(table: Table, frame: pd.DataFrame) -> Ints:
    """Positions of the rows whose key occurs more than once; rows with a blank in a required key do not count."""
    codes, usable, combinations = _key_codes(table, frame)
    inspected = codes[usable] if not usable.all() else codes
    if combinations <= DENSE * len(codes) and _all_differ(inspected, combinations):
        return np.empty(0, dtype=np.int64)
    ordered = np.sort(inspected)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered, inspected
    if not len(twice):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.isin(codes, twice) & usable)


def _all_differ(codes: Ints, combinations: int) -> bool:
    """Ticking off codes in a table is several times faster than sorting ten million of them."""
    seen = np.zeros(combinations, dtype=np.bool_)
    seen[codes] = True
    return int(np.count_nonzero(seen)) == len(codes)


def _key_codes(table: Table, frame: pd.DataFrame) -> tuple[Ints, Bools, int]:
    """One integer per row that tells keys apart, whether the key's required columns are filled, and a bound."""
    codes = np.zeros(len(frame), dtype=np.int64)
    usable = np.ones(len(frame), dtype=np.bool_)
    combinations = 1
    for name in table.key:
        numbers, count = _codes(frame[name])
        if table.column(name).required:
            usable &= numbers != 0
        if combinations * count >= MOST_COMBINATIONS:
            codes, uniques = pd.factorize(codes)
            combinations = len(uniques)
        codes = codes * count + numbers
        combinations *= count
    return codes, usable, combinations


def _codes(values: pd.Series) -> tuple[npt.NDArray[np.integer], int]:
    """Small integers that tell values apart, 0 for blanks, and one more than the largest."""
    if values.dtype == "category":
        categories = values.cat.categories
        shift = 0 if len(categories) and categories[0] == "" else 1
        return values.cat.codes.to_numpy().astype(np.int32) + shift, len(categories) + 1
    if values.dtype.kind == "M" and len(values) and values.notna().all():
        days = values.to_numpy().view(np.int64) // MICROSECONDS_PER_DAY
        return (days - (days.min() - 1)).astype(np.int32), int(np.ptp(days)) + 2
    numbers, uniques = pd.factorize(values)
    return (numbers + 1).astype(np.int32), len(uniques) + 1


def _note_copies(table: Table, repeated: pd.DataFrame, copies: Bools, log: FaultLog) -> None:
    rows = repeated[copies]
    log.note_rows(
        "warning",
        table.name,
        rows.index,
        None,
        "each row once",
        lambda i: f"an exact duplicate ({_told(table, rows, i)}), used once",
        "delete the copy",
    )


def _note_conflicts(table: Table, distinct: pd.DataFrame, conflicts: Bools, log: FaultLog) -> None:
    rows, firsts = distinct[conflicts], distinct[~conflicts]

    def found(i: int) -> str:
        same = (firsts[list(table.key)] == rows[list(table.key)].iloc[i]) | (
            firsts[list(table.key)].isna() & rows[list(table.key)].iloc[i].isna()
        )
        first = firsts[same.all(axis=1)].iloc[0]
        differing = [name for name in rows if show(first[name]) != show(rows[name].iloc[i]) and name not in table.key]
        changes = ", ".join(f"{name} {show(rows[name].iloc[i])} not {show(first[name])}" for name in differing)
        return f"{_told(table, rows, i)} again, first in {log.place(table.name, int(first.name))}, with {changes}"

    expected = "one row per " + ", ".join(table.key)
    remedy = "keep the row that is right and delete the other"
    log.note_rows("fault", table.name, rows.index, table.key[0], expected, found, remedy)


def _told(table: Table, rows: pd.DataFrame, i: int) -> str:
    return " ".join(show(_plain(rows[name].iloc[i])) for name in table.key)


def _plain(value: object) -> object:
    return value.to_datetime64() if isinstance(value, pd.Timestamp) else value
