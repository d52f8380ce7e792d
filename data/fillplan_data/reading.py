"""`read_tables`: the workspace's input folder to checked `Tables`; every fault found in one pass.

What a field may look like in CSV: numbers as `-3`, `+5`, `235.0`, `1e9` without spaces, thousands separators or
NaN and inf; dates as `2026-07-01`; only an empty field is blank (`NA` is Namibia). Rows whose fields are all blank
are skipped. Language tags that differ only in case are one (`pt-br` becomes `pt-BR`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fillplan_data.arrays import Bools
from fillplan_data.checks import check_columns
from fillplan_data.columns import Place, blank_column, feature_of, read_column, read_feature
from fillplan_data.crosschecks import check_between
from fillplan_data.declarations import NEEDED_TO_FORECAST, TABLES, Column, Table
from fillplan_data.errors import NotFound
from fillplan_data.faults import Fault, FaultLog, SourceFile, Unreadable, show
from fillplan_data.keys import without_duplicates
from fillplan_data.sources import SUFFIXES, Found, RawFile, find, other_forms, read_file, unknown_files
from fillplan_data.tables import Tables

AS_THEY_CAME = "views"
"""The table whose rows are not put in order: the largest one, of which only sums are made."""


LARGEST_FEATURE = 1e30
"""Of the further columns of titles, which models hold in single precision."""


@dataclass
class _Part:
    """What one file of a table gives: typed columns, and which fields were refused."""

    frame: pd.DataFrame
    refused: dict[str, Bools]


def read_tables(
    input_folder: Path,
    needed: frozenset[str] = NEEDED_TO_FORECAST,
    plan_date: date | None = None,
    progress: Callable[[str], None] | None = None,
    leave_out: frozenset[str] = frozenset(),
    horizon_days: int | None = None,
) -> tuple[Tables, tuple[Fault, ...]]:
    """Read and check every table of the contract; gives the tables and the warnings.

    `needed` tables must be there and have rows. Rows of `views` and `variant_views` dated on or after
    `plan_date` are left out, with a warning. `progress` is told what is read. Tables to
    `leave_out` are taken as absent. `horizon_days` is how far the plan looks, to tell what must be evicted.
    Raises `InputFaults` with every fault of every table, `NotFound` if there is no such folder.
    """
    if not input_folder.is_dir():
        raise NotFound(f"expected the input tables in {input_folder}, found no such folder; create it")
    log, digests, frames = FaultLog(), {}, {}
    present = set()
    for table in TABLES.values():
        if table.name in leave_out:
            continue
        if progress:
            progress(f"reading {table.name}")
        faults_before = len(log.faults)
        found = find(input_folder, table.name, log)
        if found:
            present.add(table.name)
            reader = _TableReader(table, input_folder, plan_date, table.name in needed, log)
            frames[table.name], digests[table.name] = reader.read(found)
        elif others := other_forms(input_folder, table.name):
            _note_other_forms(table.name, others, log)
        elif table.name in needed and len(log.faults) == faults_before:
            _note_missing(table.name, input_folder, log)
    _note_unknown_files(input_folder, log)
    if progress:
        progress("checking references")
    usable = {name: frame for name, frame in frames.items() if frame is not None}
    check_between(usable, plan_date, log, horizon_days)
    warnings = log.close()
    finished = {name: _finish(table, usable.pop(name, None)) for name, table in TABLES.items()}
    return Tables(**finished, present=frozenset(present), sha256=digests), warnings


def _forms(table: str) -> str:
    return f"one of {', '.join(table + suffix for suffix in SUFFIXES)}, or a folder {table}/ of Parquet parts"


def _note_other_forms(table: str, others: list[Path], log: FaultLog) -> None:
    """A table that was meant to be read must not be taken as absent: without pins or rights plans look well."""
    for path in others:
        file = f"{path.parent.name}/{path.name}"
        log.note("fault", table, _forms(table), path.name, "convert or rename it, or move it elsewhere", file=file)


def _note_missing(table: str, folder: Path, log: FaultLog) -> None:
    log.note(
        "fault",
        table,
        _forms(table),
        "none of them",
        "add the table; this command needs it",
        file=f"{folder.name}/{table}",
    )


def _note_unknown_files(folder: Path, log: FaultLog) -> None:
    for path, stem in unknown_files(folder, frozenset(TABLES)):
        near = get_close_matches(stem, TABLES, n=1)
        remedy = f"did you mean {near[0]}?" if near else "rename it or move it elsewhere"
        found = "no table of that name; ignored"
        log.note("warning", stem, "one of " + ", ".join(TABLES), found, remedy, file=f"{folder.name}/{path.name}")


@dataclass
class _TableReader:
    """Reads one table from its file or parts."""

    table: Table
    folder: Path
    plan_date: date | None
    needed: bool
    log: FaultLog
    usable: bool = True
    """Whether the checks between tables can use it: every part was read, no required column lacks."""
    records: int = 0
    later: int = 0
    """Rows left out because they are dated on or after the plan date."""

    def read(self, found: Found) -> tuple[pd.DataFrame | None, str]:
        """The checked frame, None if other tables cannot be checked against it; and the table's digest."""
        parts, digests = [], []
        for path in found.files:
            name = path.relative_to(self.folder.parent).as_posix()
            try:
                raw = read_file(path, name, self.table, self.log)
            except Unreadable as fault:
                self._note_unreadable(name, fault)
                continue
            digests.append(raw.sha256)
            parts.append(self._part(raw))
        digest = digests[0] if found.folder is None and digests else _joint(digests)
        if not parts:
            return None, digest
        whole = _joined(parts)
        for name in [name for name in whole.frame if name not in self.table.names]:
            whole.frame[name] = self._within_reason(name, feature_of(whole.frame[name]))
        self._note_later()
        frame = self._checked(whole)
        return (frame if self.usable else None), digest

    def _within_reason(self, name: str, feature: pd.Series) -> pd.Series:
        """Figures that models could not take, infinite ones among them, are blank, with a warning."""
        far = () if feature.dtype == "category" else np.flatnonzero(feature.abs() > LARGEST_FEATURE)
        if not len(far):
            return feature
        came = feature.iloc[far]
        self.log.note_rows(
            "warning", self.table.name, came.index, name, f"a number up to {LARGEST_FEATURE:g}",
            lambda i: f"{show(came.iloc[i])}; taken as blank", "correct the value",
        )  # fmt: skip
        return feature.mask(feature.index.isin(came.index))

    def _note_unreadable(self, name: str, fault: Unreadable) -> None:
        self.usable = False
        self.log.note("fault", self.table.name, fault.expected, fault.found, fault.remedy, file=name, row=fault.row)

    def _checked(self, whole: _Part) -> pd.DataFrame:
        if not len(whole.frame) and self.needed and self.usable:
            found = "only rows on or after it" if self.later else "none"
            expected = "at least one row" + (f" before the plan date {self.plan_date}" if self.later else "")
            self.log.note("fault", self.table.name, expected, found, "fill the table; this command needs it")
            self.usable = False  # else every row that refers to it would be a fault, too
        check_columns(self.table, whole.frame, whole.refused, self.log)
        return without_duplicates(self.table, whole.frame, self.log) if self.usable else whole.frame

    def _part(self, raw: RawFile) -> _Part:
        source = SourceFile(raw.name, self.records, raw.records, raw.first_row, raw.kept)
        self.log.sources.setdefault(self.table.name, []).append(source)
        self.records += raw.records
        self._note_columns(raw)
        rows = range(source.start, source.start + raw.records)
        place = Place(self.log, self.table.name, rows)
        part = _Part(pd.DataFrame(index=pd.RangeIndex(rows.start, rows.stop)), {})
        columns = list(self.table.columns)
        if columns[0].name == "date" and self.plan_date:
            self._add(part, columns.pop(0), raw, place)
            if "date" in part.frame:
                place = self._leave_out_later(part, raw, place)
        for column in columns:
            self._add(part, column, raw, place)
        self._add_features(part, raw)
        part.frame = part.frame[[name for name in self._order(raw) if name in part.frame]]
        return part

    def _order(self, raw: RawFile) -> list[str]:
        return [*self.table.names, *(name for name in raw.columns if name not in self.table.names)]

    def _leave_out_later(self, part: _Part, raw: RawFile, place: Place) -> Place:
        """Drop rows dated on or after the plan date before anything else of them is looked at."""
        later = (part.frame["date"] >= pd.Timestamp(self.plan_date)).to_numpy()
        if not later.any():
            return place
        self.later += int(later.sum())
        keep = np.flatnonzero(~later)
        for name in raw.columns:
            raw.columns[name] = raw.columns[name].filter(~later)
        part.frame = part.frame.iloc[keep]
        part.refused = {name: mask[keep] for name, mask in part.refused.items()}
        return Place(self.log, self.table.name, part.frame.index.to_numpy())

    def _note_later(self) -> None:
        if self.later:
            self.log.note(
                "warning",
                self.table.name,
                f"rows dated before the plan date {self.plan_date}",
                f"{self.later:,} rows on or after it; ignored",
                "nothing to do",
                column="date",
                count=self.later,
            )

    def _add(self, part: _Part, column: Column, raw: RawFile, place: Place) -> None:
        if column.name not in raw.columns:
            if not column.required:
                part.frame[column.name] = blank_column(column, len(part.frame)).set_axis(part.frame.index)
            return
        try:
            values, refused = read_column(column, raw.columns[column.name], place)
        except TypeError as error:
            self.usable = False
            remedy = "write the column in another type"
            self.log.note(
                "fault", self.table.name, column.expected, f"a column of type {error}", remedy,
                file=raw.name, column=column.name,
            )  # fmt: skip
            return
        part.frame[column.name] = values.set_axis(part.frame.index)
        if refused is not None:
            part.refused[column.name] = refused

    def _add_features(self, part: _Part, raw: RawFile) -> None:
        for name in raw.columns if self.table.features else ():
            if name in self.table.names:
                continue
            try:
                part.frame[name] = read_feature(raw.columns[name]).set_axis(part.frame.index)
            except TypeError as error:
                found = f"a column of type {error}; ignored"
                self.log.note(
                    "warning", self.table.name, "numbers or text", found, "write the column in another type",
                    file=raw.name, column=name,
                )  # fmt: skip

    def _note_columns(self, raw: RawFile) -> None:
        missing = [name for name in self.table.names if name not in raw.names]
        further = [name for name in raw.names if name not in self.table.names]
        for name in missing:
            if name in self.table.required:
                self.usable = False
                found = "columns " + ", ".join(show(other) for other in raw.names)
                self.log.note(
                    "fault", self.table.name, f"a column {name}", found, _hint(name, further) or "add the column",
                    file=raw.name, column=name,
                )  # fmt: skip
        for name in further:
            self._note_further(name, missing, raw)

    def _note_further(self, name: str, missing: list[str], raw: RawFile) -> None:
        shown = show(name) if name else "one without a name"
        fate = "taken as a feature" if name in raw.columns else "ignored"
        hint = _hint(name, missing if self.table.features else list(self.table.names))
        if hint or name not in raw.columns:
            self.log.note(
                "warning", self.table.name, "one of the columns " + ", ".join(self.table.names),
                f"{shown}; {fate}", hint or "delete the column if it is not meant to be read",
                file=raw.name, column=name,
            )  # fmt: skip


def _hint(name: str, others: list[str]) -> str:
    near = get_close_matches(name, others, n=1)
    return f"did you mean {near[0]}?" if near else ""


def _joint(digests: list[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _joined(parts: list[_Part]) -> _Part:
    """The parts one below the other; the index numbers the table's records."""
    if len(parts) == 1:
        return parts[0]
    names = list(dict.fromkeys(name for part in parts for name in part.frame))
    index = pd.Index(np.concatenate([part.frame.index.to_numpy() for part in parts]))
    columns = {name: _stacked([_column(part.frame, name, parts) for part in parts]) for name in names}
    refused_names = {name for part in parts for name in part.refused}
    refused = {
        name: np.concatenate([part.refused.get(name, np.zeros(len(part.frame), np.bool_)) for part in parts])
        for name in sorted(refused_names)
    }
    return _Part(pd.DataFrame(columns, index=index), refused)


def _column(frame: pd.DataFrame, name: str, parts: list[_Part]) -> pd.Series:
    """The part's column, or a blank one of the type that it has in another part."""
    if name in frame:
        return frame[name]
    model = next(part.frame[name] for part in parts if name in part.frame)
    return pd.Series(_blank_like(model, len(frame)))


def _blank_like(model: pd.Series, records: int) -> pd.Series:
    if model.dtype == "category":
        blank = pd.Index([""], dtype="str")  # a part without rows would not tell that it is text
        return pd.Series(pd.Categorical.from_codes(np.zeros(records, dtype=np.int8), categories=blank))
    return pd.Series(np.full(records, np.nan)) if model.dtype.kind in "if" else pd.Series([pd.NaT] * records)


def _stacked(columns: list[pd.Series]) -> npt.NDArray[np.generic] | pd.Categorical:
    if not any(column.dtype == "category" for column in columns):
        return np.concatenate([column.to_numpy() for column in columns])
    texts = [column if column.dtype == "category" else _as_text(column) for column in columns]
    stacked: pd.Categorical = pd.api.types.union_categoricals(texts, sort_categories=True)
    return stacked


def _as_text(numbers: pd.Series) -> pd.Series:
    """A feature that is stored as numbers in one part and as text in another, so that they are read back exactly."""
    words = ["" if pd.isna(value) else repr(value).removesuffix(".0") for value in numbers.astype(float).tolist()]
    return pd.Series(pd.Categorical(pd.Series(words, dtype="str")))


def _finish(table: Table, frame: pd.DataFrame | None) -> pd.DataFrame:
    """The order and dtypes that consumers rely on; see `fillplan_data.tables`."""
    if frame is None:
        frame = pd.DataFrame({column.name: blank_column(column, 0) for column in table.columns})
    if table.name != AS_THEY_CAME:
        frame = frame.sort_values(list(table.key), kind="stable")
    columns = {}
    for name in [*table.names, *sorted(set(frame) - set(table.names))]:
        values = frame.pop(name)
        declared = table.column(name) if name in table.names else None
        if values.dtype == "category" and not table.large:
            values = values.astype("str")
        elif declared and declared.kind == "whole":
            values = values.astype(np.int64 if declared.required else np.float64)
        columns[name] = values.reset_index(drop=True)
    return pd.DataFrame(columns, copy=False)
