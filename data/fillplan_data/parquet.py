"""Reads a Parquet file that anybody may have written: whole and sound, or refused before it takes all memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from fillplan_data.bombs import refuse_by_footer, refuse_long_words, stand_in
from fillplan_data.columns import is_text
from fillplan_data.faults import Unreadable

MOST_COLUMNS = 2000


@dataclass(frozen=True)
class ParquetFile:
    """Columns as stored; text as dictionaries, so that a word is held once however often it stands there."""

    names: tuple[str, ...]
    """All columns of the file."""
    columns: dict[str, pa.ChunkedArray]
    """Those that are wanted; nested ones as stand-ins of their type."""
    rows: int


def read_parquet(data: bytes, is_wanted: Callable[[str], bool]) -> ParquetFile:
    """Read the columns that are wanted. Raises Unreadable for damaged files, doubled names and bombs."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = tuple(file.schema_arrow.names)
        refuse_names(names)
        wanted = [field for field in file.schema_arrow if is_wanted(field.name)]
        plain = [field for field in wanted if not pa.types.is_nested(field.type)]
        refuse_by_footer(file.metadata, plain, len(data))
        texts = [field.name for field in plain if is_text(field.type)]
        encoded = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        arrow = encoded.read(columns=[field.name for field in plain])
        arrow.validate(full=True)  # lengths, text and dictionaries, of which a sound footer says nothing
        refuse_long_words(arrow, len(data))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        found = f"a truncated, damaged or other file ({str(error).splitlines()[0][:120]})"
        raise Unreadable("a whole Parquet file", found, "write or copy the file again") from None
    rows = file.metadata.num_rows
    columns = {f.name: arrow.column(f.name) if f in plain else stand_in(f.type, rows) for f in wanted}
    return ParquetFile(names, columns, rows)


def refuse_names(names: Sequence[str]) -> None:
    """Each column has a name of its own, and there are not more than a person can mean. Raises Unreadable."""
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"at most {MOST_COLUMNS:,} columns", f"{len(names):,}", "leave out what is not used", 1)
    if doubled := sorted(name for name, times in Counter(names).items() if times > 1):
        found = ", ".join(name or "(no name)" for name in doubled) + " more than once"
        raise Unreadable("each column once", found, "delete or rename the doubled column", 1)
