"""`Fault`: one thing wrong in the input, and the log that collects all of them in one pass.

`row` is the number that a spreadsheet shows for CSV (the header is row 1; an editor shows the same unless a
quoted field before it holds a line break), and the 1-based record of that part for Parquet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Ints
from fillplan_data.declarations import TABLES, Severity
from fillplan_data.errors import InputFaults

EXAMPLES: Final[dict[str, int]] = {"fault": 20, "warning": 3}
"""Rows shown per file, column and check; the rest is counted in one more entry."""

LINES_IN_MESSAGE: Final = 40

REFERRED_TO: Final = frozenset(column.references for table in TABLES.values() for column in table.columns) - {""}

Rows = Ints


@dataclass(frozen=True)
class Fault:
    """One fault or warning: where, what was expected, what came, what to do."""

    severity: Severity
    table: str
    file: str
    """Path from the workspace, such as `input/titles.csv`."""
    row: int | None
    column: str | None
    expected: str
    found: str
    remedy: str
    count: int = 1
    """Rows that this entry stands for; above 1 only for the summary after the examples."""

    @property
    def where(self) -> str:
        """'input/titles.csv, row 7, runtime_minutes'."""
        parts = [self.file or self.table, f"row {self.row}" if self.row is not None else "", self.column or ""]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}; {self.remedy}"


@dataclass(frozen=True)
class SourceFile:
    """Which records of a table came from which file, so that a fault can name its row."""

    name: str
    start: int
    """Number of the table's records in the files before this one."""
    records: int
    first_row: int
    """Row of the first record: 2 after a CSV header, 1 in Parquet."""
    kept: Rows | None = None
    """Which of the file's records were kept, if some were left out (blank or ragged lines)."""

    def row(self, record: int) -> int:
        """The row that people see for a record of the table."""
        within = record - self.start
        return self.first_row + int(within if self.kept is None else self.kept[within])


@dataclass
class FaultLog:
    """Collects faults; `close` raises them all at once or gives back the warnings."""

    faults: list[Fault] = field(default_factory=list)
    sources: dict[str, list[SourceFile]] = field(default_factory=dict)
    """Files of each table that was read, in the order of their records."""
    refused_ids: dict[str, set[str]] = field(default_factory=dict)
    """Ids of a table whose rows were left out for faults of their own."""

    def note(
        self,
        severity: Severity,
        table: str,
        expected: str,
        found: str,
        remedy: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        count: int = 1,
    ) -> None:
        """Log one entry; `file` defaults to the table's first file."""
        place = file if file is not None else self._first_file(table)
        self.faults.append(Fault(severity, table, place, row, column, expected, found, remedy, count))

    def note_rows(
        self,
        severity: Severity,
        table: str,
        records: npt.ArrayLike,
        column: str | None,
        expected: str,
        found: Callable[[int], str],
        remedy: str,
    ) -> None:
        """Log records that fail one check: the first few of each file one by one, the rest by their number.

        `found(i)` tells what came at `records[i]`; it is asked only for those shown.
        """
        rows = np.asarray(records, dtype=np.int64)
        for source in self.sources.get(table, []):
            here = np.flatnonzero((rows >= source.start) & (rows < source.start + source.records))
            shown = here[: EXAMPLES[severity]]
            for i in shown:
                row = source.row(int(rows[i]))
                self.faults.append(Fault(severity, table, source.name, row, column, expected, found(int(i)), remedy))
            if rest := len(here) - len(shown):
                said = (
                    f"{rest:,} more rows like these (the first of them row {source.row(int(rows[here[len(shown)]]))})"
                )
                self.faults.append(Fault(severity, table, source.name, None, column, expected, said, remedy, rest))

    @property
    def stops(self) -> bool:
        """Whether there is any fault so far."""
        return any(entry.severity == "fault" for entry in self.faults)

    def has_faulty_keys(self, table: str) -> bool:
        """Whether some row of the table has an id that is faulty, so that other tables may name it rightly."""
        key = TABLES[table].key[0]
        return any(entry.severity == "fault" and (entry.table, entry.column) == (table, key) for entry in self.faults)

    def place(self, table: str, record: int) -> str:
        """'row 7', with the file's name where the table has several."""
        files = self.sources[table]
        source = next(file for file in reversed(files) if file.start <= record)
        return f"row {source.row(record)}" + (f" of {source.name}" if len(files) > 1 else "")

    def _first_file(self, table: str) -> str:
        files = self.sources.get(table)
        return files[0].name if files else ""

    def close(self) -> tuple[Fault, ...]:
        """Warnings in order; raises `InputFaults` with everything found if there is any fault."""
        causes = {table for table in REFERRED_TO if self.has_faulty_keys(table)}  # of faults in other tables
        entries = tuple(sorted(self.faults, key=lambda entry: _order(entry, causes)))
        if self.stops:
            raise InputFaults(entries, message(entries))
        return entries


def _order(entry: Fault, causes: Container[str]) -> tuple[bool, bool, int, str, bool, int]:
    position = list(TABLES).index(entry.table) if entry.table in TABLES else len(TABLES)
    place = (position, entry.file, entry.row is None, entry.row or 0)
    return (entry.severity != "fault", entry.table not in causes, *place)


def message(entries: Iterable[Fault]) -> str:
    """Headline and one line per fault, the first ones if there are many."""
    faults = [entry for entry in entries if entry.severity == "fault"]
    total = sum(fault.count for fault in faults)
    lines = [f"the input tables have {total:,} fault{'s' if total != 1 else ''}:"]
    lines += [f"  {fault}" for fault in faults[:LINES_IN_MESSAGE]]
    if len(faults) > LINES_IN_MESSAGE:
        lines.append("  and more in " + ", ".join(_by_table(faults[LINES_IN_MESSAGE:])))
    return "\n".join(lines)


def _by_table(faults: Iterable[Fault]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for fault in faults:
        counts[fault.table] += fault.count
    return (f"{table} ({count:,})" for table, count in counts.items())


class Unreadable(Exception):
    """A file that cannot be read at all: what was expected, what came, what to do."""

    def __init__(self, expected: str, found: str, remedy: str, row: int | None = None) -> None:
        super().__init__(expected, found, remedy, row)
        self.expected, self.found, self.remedy, self.row = expected, found, remedy, row


def show(value: object) -> str:
    """A value as people should see it in a message: blanks named, hidden characters made visible, short."""
    if isinstance(value, float | np.floating):
        return "blank" if np.isnan(value) else f"{value:.15g}"
    if isinstance(value, np.datetime64):
        return "blank" if np.isnat(value) else str(value.astype("datetime64[D]"))
    text = str(value)
    if not text:
        return "blank"
    if not text.isprintable() or text != text.strip():
        text = repr(text)
    return text if len(text) <= 80 else text[:77] + "..."
