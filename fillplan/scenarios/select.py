"""Which rows a selection means: glob patterns and comparisons on any column of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from fillplan.scenarios.faults import Misfit, nearest, refuse_misfits
from fillplan_data.arrays import Bools

_COMPARISON = re.compile(r"^(>=|<=|>|<)\s*(.+)$")


def rows_where(frame: pd.DataFrame, selection: Mapping[str, Sequence[str]], key: str = "where") -> Bools:
    """[rows] that match every column's patterns. Raises Misfits for unknown columns, Misfit where nothing matches."""
    mask, known = np.ones(len(frame), dtype=np.bool_), [str(name) for name in frame.columns]
    strangers = [column for column in selection if column not in known]
    refuse_misfits([Misfit((key, c), "a column", c, nearest(c, known, "columns")) for c in strangers])
    for column, patterns in selection.items():
        mask &= _matches(frame[column], patterns, (key, column))
    if not mask.any():
        raise Misfit((key,), "a selection that matches something", words(selection), "correct the patterns")
    return mask


def words(selection: Mapping[str, Sequence[str]]) -> str:
    """'region = BR, genres = *drama*'."""
    return ", ".join(f"{column} = {' or '.join(patterns)}" for column, patterns in selection.items()) or "everything"


def _matches(values: pd.Series, patterns: Sequence[str], key: tuple[str, ...]) -> Bools:
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    distinct = pd.Series(distinct)
    kept = np.zeros(len(distinct), dtype=np.bool_)
    for pattern in patterns:
        comparison = _COMPARISON.match(pattern)
        kept |= _compared(distinct, comparison[1], comparison[2], key) if comparison else _alike(distinct, pattern)
    mask: Bools = kept[codes]
    return mask


def _alike(distinct: pd.Series, pattern: str) -> Bools:
    return np.array([fnmatchcase(_text(value), pattern) for value in distinct], dtype=np.bool_)


def _text(value: object) -> str:
    """A field as people write it in the tables; a blank is the empty text."""
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:.15g}" if isinstance(value, (int, float, np.number)) else str(value)


def _compared(distinct: pd.Series, sign: str, limit: str, key: tuple[str, ...]) -> Bools:
    try:
        if distinct.dtype.kind == "M":
            bound: object = pd.Timestamp(limit)
        else:
            distinct, bound = distinct.astype(np.float64), float(limit)
    except ValueError:
        remedy = "use a number or day to compare with, or a glob pattern"
        raise Misfit(key, "a comparison that the column allows", f"{sign}{limit}", remedy) from None
    compare = {">=": distinct.ge, "<=": distinct.le, ">": distinct.gt, "<": distinct.lt}[sign]
    mask: Bools = compare(bound).to_numpy(np.bool_)
    return mask


def split_region(
    selection: Mapping[str, Sequence[str]], regions: Sequence[str]
) -> tuple[dict[str, Sequence[str]], Bools]:
    """The selection without its `region`, and [R] which regions that meant (all, if it has none)."""
    rest = {column: patterns for column, patterns in selection.items() if column != "region"}
    if "region" not in selection:
        return rest, np.ones(len(regions), dtype=np.bool_)
    mask = np.array(
        [any(fnmatchcase(region, pattern) for pattern in selection["region"]) for region in regions], dtype=np.bool_
    )
    if not mask.any():
        found = " or ".join(selection["region"])
        raise Misfit(("where", "region"), "a region", found, nearest(found, list(regions), "regions"))
    return rest, mask
