"""Writes data/SCHEMA.md from the declarations: `python -m fillplan_data.schema`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fillplan_data.declarations import KIND_MEANINGS, TABLES, Column, Table

PATH: Final = Path(__file__).parents[1] / "SCHEMA.md"

INTRODUCTION: Final = """\
# Input tables

Generated from `fillplan_data/declarations.py` by `python -m fillplan_data.schema`; do not edit.

Each table stands in `input/` as NAME.csv, NAME.csv.gz, NAME.parquet, or a folder NAME/ of Parquet parts, in one of
these forms only. `train` and `forecast` need `views` and `titles`; `plan` needs `assets` and `caches` too;
`plan --demand` needs no `views`. All others are optional, and so is every column not marked as required.

## Reading
- CSV: comma-separated UTF-8 (a byte order mark is tolerated) with a header. Fields with commas, quotes or line breaks
  stand in double quotes. Rows whose fields are all blank are skipped.
- Only an empty field, an empty string or a null is blank: `NA` is text (Namibia), NaN is a fault.
- Numbers: `3`, `-3.5`, `+5`, `1e9`; whole numbers also as `235.0`; no spaces, no thousands separators.
- Dates: `2026-07-01`; in Parquet also dates and timestamps at midnight (of their own time zone).
- Ids are case-sensitive: 1 to 100 of `A-Z a-z 0-9 . _ -`, but not `.` or `..`. In Parquet they may be integers.
- Languages are BCP-47 tags; tags that differ only in case are the same (`pt-br` is read as `pt-BR`).
- Parquet columns may be of any type that holds the values exactly: dictionaries, decimals, 32-bit numbers.

## Faults and warnings
Faults stop a command, warnings do not; `fillplan check` lists both. The row of a CSV fault is the one that a
spreadsheet shows (the header is row 1); of Parquet, the 1-based record of that part.

- Faults: an unreadable or mis-encoded file, a missing required column, a field that is blank though required, of the
  wrong type, or out of its bounds; the same key twice with different content; a reference to an id that is nowhere; a
  window that ends before it starts; parents in a cycle; shares of a region over 1; a region without its share where
  `routes` has no rows; a pin with neither or both of `asset_id` and `title_id`; a file without the bitrate or language
  that its kind needs.
- Warnings: rows dated on or after the plan date (ignored); exact duplicates (used once); unknown columns (ignored) and
  files; overlapping promotions; several holidays on a day; inventory of unknown, blocked or out-of-rights files
  (evicted), or above the storage; a cache worth no more than its parent, or whose id differs from that of another in
  case alone; two files for the same demand; watched titles without files; caches in regions without views and the
  reverse; caches that serve nobody (emptied); regions that occur in no views and at no cache; views outside the
  rights windows; a long gap in the history, or a few days long before it (ignored); a region whose views end days
  before the plan date; pins that cannot be honoured (blocked there, out of rights, or of titles without files).
"""


def schema() -> str:
    """The document's text."""
    return "\n".join([INTRODUCTION, *(line for table in TABLES.values() for line in _section(table))]) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield f"## `{table.name}`"
    yield f"{table.meaning} Key: {', '.join(f'`{name}`' for name in table.key)}.\n"
    yield "| column | type | unit | required | values | a blank means | meaning |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_row(column) for column in table.columns)
    yield ""
    for note in table.notes:
        yield f"- {note}"
    if table.notes:
        yield ""


def _row(column: Column) -> str:
    cells = (
        f"`{column.name}`",
        column.kind,
        column.unit,
        "yes" if column.required else "",
        _values(column),
        column.blank,
        column.meaning,
    )
    return "| " + " | ".join(cells) + " |"


def _values(column: Column) -> str:
    if column.allowed:
        return ", ".join(column.allowed)
    if column.references:
        return f"in `{column.references}`" + ("" if column.unknown == "fault" else ", else a warning")
    if column.kind == "date":
        return f"{column.first_day} to {column.last_day}"
    if column.kind in ("clock", "zone", "language"):
        return KIND_MEANINGS[column.kind].split(" ", 1)[1]
    return column.bounds.strip()


if __name__ == "__main__":
    PATH.write_text(schema(), encoding="utf-8")
