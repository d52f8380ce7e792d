"""One stored column (text, number, date, in any sensible Arrow type) to the declared type.

Text is read through its distinct values, so that a check on ten million rows looks at each id once.
A value that cannot be read becomes blank here and is logged with its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.declarations import LANGUAGE_PATTERN, Column
from fillplan_data.faults import FaultLog, show

Objects = npt.NDArray[np.object_]

NUMBER_TEXT: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
WHOLE_TEXT: Final = r"^[+-]?[0-9]{1,18}(\.0*)?$"
DATE_TEXT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LARGEST_INT: Final = 2.0**63
MICROSECONDS_PER_DAY: Final = 86_400_000_000
UNITS_PER_DAY: Final = {"s": 86_400, "ms": 86_400_000, "us": MICROSECONDS_PER_DAY, "ns": 86_400_000_000_000}
FURTHEST_DAY: Final = 2_932_896
"""Days from 1970 to the end of the year 9999; as many before it are no year that anybody writes, either."""


@dataclass(frozen=True)
class Place:
    """Where a column stands, for its faults."""

    log: FaultLog
    table: str
    records: Ints | range
    """Numbers in the table of the records at hand."""

    def refuse(self, column: Column, bad: npt.NDArray[Any], found: Callable[[int], str]) -> None:
        """Log the records (positions in this file) whose value is not of the declared kind."""
        if len(bad):
            remedy = "correct the value or delete the row"
            records = [self.records[i] for i in bad] if isinstance(self.records, range) else self.records[bad]
            self.log.note_rows("fault", self.table, records, column.name, column.expected, found, remedy)


def blank_column(column: Column, records: int) -> pd.Series:
    """A column that the file lacks: all blank."""
    if column.is_text:
        return pd.Series(_categorical(np.zeros(records, dtype=np.int8), np.array([""], dtype=object)))
    if column.kind == "date":
        return pd.Series(np.full(records, np.datetime64("NaT", "us"), dtype="datetime64[us]"))
    return pd.Series(np.full(records, np.nan))


def read_column(column: Column, stored: pa.ChunkedArray, place: Place) -> tuple[pd.Series, Bools | None]:
    """The column in its declared type (text as sorted category, blank text ""), and which records were refused.

    Raises `TypeError` naming the stored type if no value of it can be meant.
    """
    kind = stored.type.value_type if pa.types.is_dictionary(stored.type) else stored.type
    if stored.null_count == len(stored):  # of any type: writers guess one where there is no value to tell it
        return blank_column(column, len(stored)), None
    if column.is_text:
        return _read_text(column, stored, kind), None
    if is_text(kind):
        return _read_from_text(column, _as_category(stored), place)
    if pa.types.is_dictionary(stored.type):
        stored = stored.cast(kind)
    return _read_dates(column, stored, place) if column.kind == "date" else _read_numbers(column, stored, place)


def is_text(kind: pa.DataType) -> bool:
    """Whether a type of Arrow's holds text, or bytes that may be text."""
    tests = (
        *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
        *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
    )
    return any(test(kind) for test in tests)


def _read_text(column: Column, stored: pa.ChunkedArray, kind: pa.DataType) -> pd.Series:
    """Text; whole numbers are taken as their digits, times of day as HH:MM."""
    if pa.types.is_time(kind) and column.kind == "clock":
        stored = pc.utf8_slice_codeunits(stored.cast(pa.string()), 0, 5)
    elif pa.types.is_integer(kind):
        stored = stored.cast(kind).cast(pa.string())
    elif not is_text(kind):
        raise TypeError(str(stored.type))
    category = _as_category(stored)
    return _canonical_languages(category) if column.kind == "language" else category


def _as_category(stored: pa.ChunkedArray) -> pd.Series:
    """Sorted categories, only those that occur; blank is the category ""."""
    if not pa.types.is_dictionary(stored.type):
        stored = stored.dictionary_encode()
    merged = stored.combine_chunks()  # one dictionary for all chunks
    try:
        values = merged.dictionary.cast(pa.large_string()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        raise TypeError(f"{stored.type} that is not UTF-8") from None
    words = np.append(values, "")
    words[pd.isna(words)] = ""
    codes = merged.indices.fill_null(len(values)).to_numpy()
    return pd.Series(_categorical(codes, words))


def _categorical(codes: npt.NDArray[Any], words: Objects) -> pd.Categorical:
    """Codes into words, which may repeat or be unused, as a categorical with sorted, used categories."""
    used = np.bincount(codes, minlength=len(words)) > 0
    categories, inverse = np.unique(words[used].astype(object), return_inverse=True)
    renumbered = np.zeros(len(words), dtype=np.int32)
    renumbered[used] = inverse
    return pd.Categorical.from_codes(renumbered[codes], categories=pd.Index(categories, dtype="str"))


def recategorised(column: pd.Series, words: Objects) -> pd.Series:
    """The column with its categories replaced by `words` (which may repeat), sorted again."""
    return pd.Series(_categorical(column.cat.codes.to_numpy(), words), index=column.index)


def _canonical_languages(column: pd.Series) -> pd.Series:
    """Tags in the usual case (pt-BR, zh-Hant): BCP-47 tags differing only in case are the same tag."""
    words = np.array([canonical_language(word) for word in column.cat.categories], dtype=object)
    return recategorised(column, words)


def canonical_language(tag: str) -> str:
    """Case by RFC 5646, section 2.1.1: language lower, Script titled, REGION upper; else as it came."""
    if not re.match(LANGUAGE_PATTERN, tag):
        return tag
    first, *rest = tag.lower().split("-")
    singleton = False
    for i, part in enumerate(rest):
        if not singleton and first != "x":
            rest[i] = part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part
        singleton = singleton or len(part) == 1
    return "-".join([first, *rest])


def _read_from_text(column: Column, texts: pd.Series, place: Place) -> tuple[pd.Series, Bools | None]:
    words = texts.cat.categories.to_numpy(dtype=object)
    parse = {"date": _parse_dates, "whole": _parse_wholes}.get(column.kind, _parse_numbers)
    values, unreadable = parse(words)
    codes = texts.cat.codes.to_numpy()
    refused: Bools | None = None
    if unreadable.any():
        refused = unreadable[codes]
        bad = np.flatnonzero(refused)
        place.refuse(column, bad, lambda i: show(words[codes[bad[i]]]))
    return pd.Series(values[codes]), refused


def _parse_numbers(words: Objects) -> tuple[Floats, Bools]:
    """float64 with NaN for blanks and for what is no number; which are no numbers."""
    texts = pa.array(words, type=pa.large_string())
    good = np.asarray(pc.match_substring_regex(texts, NUMBER_TEXT))
    values = np.full(len(words), np.nan)
    values[good] = [float(word) for word in words[good]]
    overflow = np.isinf(values)
    values[overflow] = np.nan
    return values, (~good | overflow) & (words != "")


def _parse_wholes(words: Objects) -> tuple[npt.NDArray[Any], Bools]:
    """int64 if all are whole numbers; otherwise float64 as for numbers."""
    texts = pa.array(words, type=pa.large_string())
    if len(words) and np.asarray(pc.match_substring_regex(texts, WHOLE_TEXT)).all():
        integers = np.array([int(word.split(".")[0]) for word in words], dtype=np.int64)
        return integers, np.zeros(len(words), dtype=np.bool_)
    values, unreadable = _parse_numbers(words)
    fractions = ~np.isnan(values) & (values != np.floor(values))
    values[fractions] = np.nan
    return values, unreadable | fractions


def _parse_dates(words: Objects) -> tuple[npt.NDArray[Any], Bools]:
    """datetime64[us] with NaT for blanks and for what is no date; which are no dates."""
    texts = pa.array(words, type=pa.large_string())
    good = np.asarray(pc.match_substring_regex(texts, DATE_TEXT)).copy()
    values = np.full(len(words), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for i in np.flatnonzero(good):
        try:
            values[i] = np.datetime64(words[i], "us")
        except ValueError:  # such as 2026-02-30
            good[i] = False
    return values, ~good & (words != "")


def _read_numbers(column: Column, stored: pa.ChunkedArray, place: Place) -> tuple[pd.Series, Bools | None]:
    kind = stored.type
    if pa.types.is_integer(kind) and not stored.null_count and not pa.types.is_uint64(kind):
        integers = stored.to_numpy()
        return pd.Series(integers.astype(np.int64 if column.kind == "whole" else np.float64)), None
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise TypeError(str(kind))
    values = _floats(stored)
    refused = ~np.isfinite(values)
    if stored.null_count:
        refused &= ~np.asarray(stored.is_null())
    if column.kind == "whole":
        refused |= np.isfinite(values) & (values != np.floor(values))
        if pa.types.is_decimal(kind):  # whose digits may be too many for the float to tell
            refused |= [value is not None and value != value.to_integral_value() for value in stored.to_pylist()]
    if refused.any():
        bad = np.flatnonzero(refused)
        came = values[bad]
        place.refuse(column, bad, lambda i: "NaN" if np.isnan(came[i]) else show(came[i]))
        values[bad] = np.nan
    elif column.kind == "whole" and np.all(np.abs(values) < LARGEST_INT):
        return pd.Series(_exact_integers(stored, values)), None
    return pd.Series(values), refused if refused.any() else None


def _exact_integers(stored: pa.ChunkedArray, values: Floats) -> Ints:
    if pa.types.is_floating(stored.type):
        return values.astype(np.int64)
    if pa.types.is_decimal(stored.type):  # of which Arrow's own cast refuses some that fit
        return np.array([int(value) for value in stored.to_pylist()], dtype=np.int64)
    exact: Ints = stored.cast(pa.int64()).to_numpy()
    return exact


def _read_dates(column: Column, stored: pa.ChunkedArray, place: Place) -> tuple[pd.Series, Bools | None]:
    """Dates, or timestamps at midnight (with a time zone: midnight of that zone's clock)."""
    kind = stored.type
    if pa.types.is_date32(kind) and not stored.null_count:  # the usual case, of many millions
        numbers = stored.cast(pa.int32()).to_numpy().astype(np.int64)
        if np.abs(numbers).max(initial=0) <= FURTHEST_DAY:
            return pd.Series((numbers * MICROSECONDS_PER_DAY).view("datetime64[us]")), None
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        raise TypeError(str(kind))
    if pa.types.is_timestamp(kind) and kind.tz:
        try:
            stored = pc.local_timestamp(stored)
        except pa.ArrowInvalid:
            raise TypeError(f"{kind}, of an unknown time zone") from None
    numbers, a_day = _counts(stored)
    blank = np.asarray(stored.is_null()) if stored.null_count else np.zeros(len(numbers), dtype=np.bool_)
    days = numbers // a_day
    far = np.abs(days) > FURTHEST_DAY
    refused = ~blank & (far | (numbers != days * a_day))
    bad = np.flatnonzero(refused)
    place.refuse(column, bad, lambda i: _shown_date(numbers[bad[i]], a_day))
    values = (np.where(far, 0, days) * MICROSECONDS_PER_DAY).view("datetime64[us]")
    values[blank | far] = np.datetime64("NaT", "us")
    return pd.Series(values), refused if len(bad) else None


def _counts(stored: pa.ChunkedArray) -> tuple[Ints, int]:
    """What dates and times without a zone are stored as, 0 for blanks: units since 1970, and how many make a day."""
    if pa.types.is_date32(stored.type):
        a_day, whole = 1, stored.cast(pa.int32())
    elif pa.types.is_date64(stored.type):
        a_day, whole = UNITS_PER_DAY["ms"], stored.cast(pa.int64())
    else:
        a_day, whole = UNITS_PER_DAY[stored.type.unit], stored.cast(pa.int64())
    return whole.fill_null(0).to_numpy().astype(np.int64), a_day


def _shown_date(number: int, a_day: int) -> str:
    """A day, its time if it has one, or how far away it is."""
    day, rest = divmod(int(number), a_day)
    if abs(day) > FURTHEST_DAY:
        return f"a day {abs(day):,} days {'after' if day > 0 else 'before'} 1970"
    unit = next(unit for unit, units in UNITS_PER_DAY.items() if units == a_day)
    # to the last digit: a nanosecond is a time, too
    return str(np.datetime64(day, "D").astype(f"M8[{unit}]") + np.int64(rest).astype(f"m8[{unit}]"))


def read_feature(stored: pa.ChunkedArray) -> pd.Series:
    """A further column of titles in one file: float64 of numbers, category of anything that can be text.

    Raises `TypeError` for types that are neither, such as lists.
    """
    kind = stored.type.value_type if pa.types.is_dictionary(stored.type) else stored.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pd.Series(_floats(stored.cast(kind)))
    if not is_text(kind):
        if not (pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind)):
            raise TypeError(str(stored.type))
        try:
            stored = stored.cast(pa.string())
        except pa.ArrowInvalid:
            raise TypeError(f"{kind}, of an unknown time zone") from None
    return _as_category(stored)


def feature_of(column: pd.Series) -> pd.Series:
    """A feature of the whole table: float64 if every text is a number or blank, else as it is."""
    if column.dtype != "category":
        return column
    values, unreadable = _parse_numbers(column.cat.categories.to_numpy(dtype=object))
    if unreadable.any():
        return column
    return pd.Series(values[column.cat.codes.to_numpy()], index=column.index)


def _floats(stored: pa.ChunkedArray) -> Floats:
    """NaN for blanks. Decimals go through their digits: Arrow's own cast is off by one in the last place."""
    if pa.types.is_decimal(stored.type):
        stored = stored.cast(pa.string())
    return np.array(stored.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
