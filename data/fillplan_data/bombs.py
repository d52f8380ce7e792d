"""Few bytes that unpack to so much that reading them would take all memory: refused before they are unpacked.

What a Parquet footer says bounds pages and rows; what lies in dictionaries, runs and nested values is bounded here by
what it would be once it is written out.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fillplan_data.faults import Unreadable

MOST_EXPANSION = 200
"""A table unpacks to so many times the size of its file at most; tables of views reach 5 to 20."""
MOST_ROWS_PER_BYTE = 200
"""Rows per byte of a Parquet file at most; tables of views have less than one."""
SMALL_BYTES, SMALL_ROWS = 64_000_000, 5_000_000
"""What unpacks to no more than this harms nobody, however well it was packed."""
SMALL_VALUES = 500_000_000
"""Numbers, dates and codes, 8 bytes each."""


def inflate(data: bytes) -> bytes:
    """The content of a gzip file. Raises Unreadable where it is damaged or unpacks to too much."""
    most = _most(len(data))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(most + 1)
        if len(content) <= most:
            return content
        found = f"more than {MOST_EXPANSION} times its size when unpacked"
        raise Unreadable("a table", found, "check where it comes from; deliver it unpacked, if it is right")
    except (EOFError, zlib.error) as error:
        found = f"a truncated or damaged file ({error})"
        raise Unreadable("a whole gzip file", found, "write or copy the file again") from None
    except gzip.BadGzipFile as error:
        raise Unreadable("a gzip file", str(error), "compress it with gzip, or name it .csv") from None


def refuse_by_footer(metadata: pq.FileMetaData, fields: Sequence[pa.Field], size: int) -> None:
    """Judge a Parquet file of so many bytes by its footer and the columns that will be read of it.

    Raises Unreadable.
    """
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    rows = metadata.num_rows
    width = sum(field.type.byte_width for field in fields if pa.types.is_fixed_size_binary(field.type))
    if (
        max(unpacked, rows * width) > _most(size)
        or rows > max(SMALL_ROWS, MOST_ROWS_PER_BYTE * size)
        or rows * len(fields) > max(SMALL_VALUES, MOST_ROWS_PER_BYTE * size)
    ):
        raise _bomb(f"{rows:,} rows, {max(unpacked, rows * width):,} bytes when unpacked, from a file of {size:,}")


def refuse_long_words(table: pa.Table, size: int) -> None:
    """Judge text that was read as dictionaries by what it would be written out. Raises Unreadable."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type) and (written := _written_bytes(column)) > _most(size):
            raise _bomb(f"{written:,} bytes of text in {name}, from a file of {size:,}")


def _written_bytes(column: pa.ChunkedArray) -> int:
    """An upper bound first, from the longest word; counted only where that is much."""
    total = 0
    for chunk in column.chunks:
        lengths = pc.binary_length(chunk.dictionary).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        if (bound := int(lengths.max(initial=0)) * len(chunk)) <= SMALL_BYTES // max(column.num_chunks, 1):
            total += bound
        else:
            total += int(lengths[chunk.indices.drop_null().to_numpy()].sum())
    return total


def stand_in(kind: pa.DataType, rows: int) -> pa.ChunkedArray:
    """A column of a nested type that says only its type: none is ever used, and a few bytes may hold billions."""
    known = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind)
    scalar = pa.scalar({}, kind) if pa.types.is_struct(kind) else pa.scalar([], kind if known else pa.list_(pa.null()))
    return pa.chunked_array([pa.repeat(scalar, rows)] if rows else [], scalar.type)  # lists cannot be repeated 0 times


def _most(size: int) -> int:
    return max(SMALL_BYTES, MOST_EXPANSION * size)


def _bomb(found: str) -> Unreadable:
    return Unreadable("a table", found, "check where it comes from; deliver it as CSV, if it is right")
