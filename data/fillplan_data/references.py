"""References between tables: every id that a table names is there in the table that declares it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

import pandas as pd

from fillplan_data.declarations import TABLES, Column
from fillplan_data.faults import FaultLog, show

MOST_IDS_TO_COMPARE: Final = 5000
"""Above this, the search for a nearly equal id would take seconds."""


def check(frames: Mapping[str, pd.DataFrame], log: FaultLog) -> None:
    """Log references to ids that are nowhere; tables that were not given are not looked at.

    An id whose own row was left out for a fault is there, once that one fault is mended.
    """
    for name, frame in frames.items():
        for column in TABLES[name].columns:
            if column.references in frames:
                _check_reference(name, column, frame[column.name], frames[column.references], log)


def _check_reference(table: str, column: Column, values: pd.Series, target: pd.DataFrame, log: FaultLog) -> None:
    key = TABLES[column.references].key[0]
    known = target[key].cat.categories.astype("object")
    words = values.cat.categories.astype("object")
    unknown = ~words.isin([*known, *log.refused_ids.get(column.references, ())]) & (words != "")
    if not unknown.any():
        return
    bad = values[unknown[values.cat.codes.to_numpy()]]
    rows = bad.value_counts()
    once = log.has_faulty_keys(column.references)
    remedy = f"add it to {column.references}, or correct or delete the row"
    if once:  # each id once: where its own row is what is wrong, all rows that name it are right
        bad = bad.drop_duplicates()
        remedy = f"mend {column.references}.{key} first; then {remedy}"
    if column.unknown == "warning":
        remedy = "nothing to do: it will be evicted"
    expected = f"an id that is in {column.references}.{key}"

    def found(i: int) -> str:
        times = f", in {(n := rows[bad.iloc[i]]):,} row{'s' if n != 1 else ''}" if once else ""
        return f"{show(bad.iloc[i])}, unknown there{times}{_nearly(str(bad.iloc[i]), known)}"

    log.note_rows(column.unknown, table, bad.index, column.name, expected, found, remedy)


def _nearly(word: str, known: pd.Index) -> str:
    near = get_close_matches(word, list(known), n=1) if len(known) <= MOST_IDS_TO_COMPARE else []
    return f" (near: {near[0]})" if near else ""
