"""Finds a table's file or files in the input folder and reads them to Arrow, text still as text."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from fillplan_data.bombs import inflate
from fillplan_data.declarations import Table
from fillplan_data.faults import FaultLog, Rows, Unreadable
from fillplan_data.parquet import read_parquet, refuse_names

SUFFIXES: Final = (".csv", ".csv.gz", ".parquet")
INDEX_NAME: Final = re.compile(r"|Unnamed: \d+|__index_level_\d+__")
"""What a data frame's index is called when it is written beside the columns."""
DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())
BLOCK_BYTES: Final = 1 << 24


@dataclass(frozen=True)
class Found:
    """The files of one table."""

    table: str
    files: tuple[Path, ...]
    folder: Path | None = None


@dataclass(frozen=True)
class RawFile:
    """One file's columns as stored; CSV fields are dictionary-encoded text with "" for blanks."""

    name: str
    names: tuple[str, ...]
    """All columns of the file."""
    columns: dict[str, pa.ChunkedArray]
    """Those that may matter."""
    records: int
    first_row: int
    kept: Rows | None
    sha256: str


def find(folder: Path, table: str, log: FaultLog) -> Found | None:
    """The one form in which the table is stored; None (with a fault logged, if it is one) if there is none."""
    # whatever bears a table's name counts, such as a link to nothing: pins must not be taken as absent
    forms = [path for suffix in (*SUFFIXES, "") if os.path.lexists(path := folder / (table + suffix))]
    if not forms:
        return None
    if len(forms) > 1:
        names = ", ".join(path.name for path in forms)
        remedy = "keep the one that is current"
        log.note("fault", table, "one form of the table", names, remedy, file=f"{folder.name}/{forms[0].name}")
        return None
    if forms[0].suffix or not forms[0].is_dir():
        return Found(table, (forms[0],))
    return _parts(forms[0], table, log)


def _parts(folder: Path, table: str, log: FaultLog) -> Found | None:
    visible = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    parts = tuple(path for path in visible if path.suffix == ".parquet" and path.is_file())
    others = [path.name for path in visible if path not in parts]
    if parts and not others:
        return Found(table, parts, folder)
    found = f"also {', '.join(others[:5])}" if parts else (", ".join(others[:5]) or "an empty folder")
    log.note(
        "fault",
        table,
        "a folder of NAME.parquet parts, without further folders",
        found,
        "put the table's Parquet parts straight into the folder, and nothing else",
        file=f"{folder.parent.name}/{folder.name}",
    )
    return None


def read_file(path: Path, name: str, table: Table, log: FaultLog) -> RawFile:
    """Read one file whole; raises `Unreadable` if nothing of it can be used."""
    if not path.is_file() or not path.suffix:  # a pipe would keep us waiting
        found = "a file without an ending" if path.is_file() else "a folder, a pipe, or a link to nothing"
        raise Unreadable(f"a file that ends in {', '.join(SUFFIXES)}", found, "put the table there, or delete it")
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable("a readable file", reason, "check the file and its permissions") from None
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise Unreadable("a header and rows", "an empty file (0 bytes)", "write the file again, or delete it")
    if path.suffix == ".parquet":
        return _read_parquet(data, name, table, digest)
    return _read_csv(inflate(data) if path.suffix == ".gz" else data, name, table, log, digest)


def _read_csv(data: bytes, name: str, table: Table, log: FaultLog, digest: str) -> RawFile:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("UTF-8", "UTF-16", "save the file as UTF-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    header = _header(data)
    if b"\n" not in data and b"\r" not in data:
        data += b"\n"
    key_place = header.index(table.key[0]) if table.key and table.key[0] in header else 0
    arrow, rejected, total = _parse(data, header, key_place)
    if arrow.column_names != header:  # a quote or an odd line end in the header, which readers take differently
        raise Unreadable("a header of plain names on one line", "quotes or line ends in it", "write the header anew", 1)
    log.refused_ids.setdefault(table.name, set()).update(key for _, _, key in rejected)
    for row, fields, _ in rejected:
        log.note(
            "fault",
            table.name,
            f"{len(header)} fields, as in the header",
            f"{fields} field{'s' if fields != 1 else ''}",
            "quote fields that hold a comma, or fill in those that lack",
            file=name,
            row=row,
        )
    filled = _filled(arrow)
    kept = None
    if rejected or filled is not None:
        kept = np.delete(np.arange(total), [row - 2 for row, _, _ in rejected])
        if filled is not None:
            arrow, kept = arrow.filter(pa.array(filled)), kept[filled]
    _refuse_open_quote(data, arrow, total)
    columns = {column: values for column, values in zip(header, arrow.columns, strict=True) if _matters(column, table)}
    return RawFile(name, tuple(header), columns, arrow.num_rows, 2, kept, digest)


def _header(data: bytes) -> list[str]:
    """Column names; refuses other delimiters, doubled names and text that is not UTF-8."""
    line = data[: data.find(b"\n") + 1 or len(data)]
    if b"\r" in line.rstrip(b"\r\n"):
        raise Unreadable("lines that end in LF or CR LF", "CR alone", "save the file with such line ends", 1)
    try:
        names = next(csv.reader(io.StringIO(line.decode())), [])
    except UnicodeDecodeError:
        raise Unreadable("UTF-8", "other bytes in the header", "save the file as UTF-8", 1) from None
    except csv.Error as error:
        raise Unreadable("a CSV header", str(error), "check the header's quotes and line ends", 1) from None
    if not names:
        raise Unreadable("a header", "a blank line", "begin the file with the names of its columns", 1)
    if len(names) == 1 and (other := next((sign for sign in ";\t|" if sign in names[0]), "")):
        told = {";": "semicolons", "\t": "tabs", "|": "bars"}[other]
        raise Unreadable("fields separated by commas", told, "save the file with commas", 1)
    refuse_names(names)
    return names


def _key_of(line: str, place: int) -> str:
    """What stands in the place of the key in a line with another number of fields."""
    return "".join(line.split(",", place + 1)[place : place + 1]).strip('"')


def _parse(data: bytes, header: list[str], key_place: int) -> tuple[pa.Table, list[tuple[int, int, str]], int]:
    """The rows, (row, fields, key) of lines with another number of fields, and the number of all records."""
    rejected: list[tuple[int, int, str]] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        rejected.append((row.number, row.actual_columns, _key_of(row.text, key_place)))
        return "skip"

    def run(threads: bool) -> pa.Table:
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(use_threads=threads, block_size=BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
            ),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(header, DICTIONARY)),
        )

    _refuse_other_encodings(data)
    try:
        arrow = run(True)
        if rejected:  # only the single-threaded reader knows row numbers
            rejected.clear()
            arrow = run(False)
    except pa.ArrowInvalid as error:
        raise Unreadable("a CSV file", str(error), "check the file's quotes and line ends") from None
    return arrow, rejected, arrow.num_rows + len(rejected)


def _refuse_other_encodings(data: bytes) -> None:
    """Before the reader sees it: a line of another length with such a byte never reaches its handler."""
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x} that is not UTF-8"
        raise Unreadable("UTF-8", found, "save the file as UTF-8", row) from None


def _filled(arrow: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
    """Mask of rows with any field; None if all have one, as nearly always."""
    empty = np.ones(arrow.num_rows, dtype=np.bool_)
    for column in arrow.columns:
        empty &= np.asarray(pc.equal(column, ""))
        if not empty.any():
            return None
    return ~empty


def _refuse_open_quote(data: bytes, arrow: pa.Table, total: int) -> None:
    """A quote that is never closed swallows the rest of the file into one field of the last row."""
    if data.count(b'"') % 2 == 0 or not arrow.num_rows:
        return
    if any("\n" in str(column[-1].as_py()) for column in arrow.columns):
        raise Unreadable("every quote closed", "a quote that stays open", "close the quote", total + 1)


def _read_parquet(data: bytes, name: str, table: Table, digest: str) -> RawFile:
    file = read_parquet(data, lambda column: _matters(column, table))
    return RawFile(name, file.names, file.columns, file.rows, 1, None, digest)


def _matters(column: str, table: Table) -> bool:
    return column in table.names or (table.features and not INDEX_NAME.fullmatch(column))


def unknown_files(folder: Path, known: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """Files in the input folder that look like tables but bear no table's name."""
    for path in sorted(folder.iterdir()):
        suffix = next((end for end in SUFFIXES if path.name.endswith(end)), "")
        stem = path.name.removesuffix(suffix)
        if path.name[0] != "." and stem not in known and (suffix or path.is_dir()):
            yield path, stem


def other_forms(folder: Path, table: str) -> list[Path]:
    """Files that bear the table's name in a form that is not read: PINS.CSV, pins.tsv, pins.csv.zst."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.split(".")[0].lower() == table and path.name not in {table, *(table + end for end in SUFFIXES)}
    ]
