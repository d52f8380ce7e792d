"""Bad feeds: each spoils the tables of a healthy night, as text, in a way that was seen or feared in practice.

A feed is harmful if, with every gate told to let it pass, the night would publish a plan that is worse: judged on the
healthy night's tables and demand it loses at least `HARM` of the healthy plan's value, or breaks a limit, a right or a
block that the healthy tables state. Feeds that the reader refuses anyway are harmful by definition.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tests.faults.world import COLUMNS

HARM = 0.02
Rows = list[list[str]]
Tables = dict[str, Rows]
Spoil = Callable[[Tables, np.random.Generator], None]


def place(table: str, column: str) -> int:
    """Position of a column."""
    return COLUMNS[table].split(",").index(column)


def _each(table: str, column: str, change: Callable[[str], str]) -> Callable[[Tables], None]:
    def apply(tables: Tables) -> None:
        at = place(table, column)
        tables[table] = [[*row[:at], change(row[at]), *row[at + 1 :]] for row in tables[table]]

    return apply


def _scaled(table: str, column: str, factor: float) -> Spoil:
    def spoil(tables: Tables, rng: np.random.Generator) -> None:
        whole = column != "view_hours" and column != "value_per_gb"

        def change(value: str) -> str:
            number = float(value) * factor if value else 0.0
            return "" if not value else str(max(1, int(number))) if whole else f"{number:.6g}"

        _each(table, column, change)(tables)

    return spoil


def _emptied(table: str) -> Spoil:
    return lambda tables, rng: tables[table].clear()


def _absent(table: str) -> Spoil:
    def spoil(tables: Tables, rng: np.random.Generator) -> None:
        del tables[table]

    return spoil


def _shuffled(table: str, column: str) -> Spoil:
    """The column's values in another order: joined wrongly."""

    def spoil(tables: Tables, rng: np.random.Generator) -> None:
        at = place(table, column)
        order = rng.permutation(len(tables[table]))
        values = [tables[table][i][at] for i in order]
        tables[table] = [[*row[:at], v, *row[at + 1 :]] for row, v in zip(tables[table], values, strict=True)]

    return spoil


def _renamed(column_of: dict[str, str], how: Callable[[list[str], np.random.Generator], dict[str, str]]) -> Spoil:
    """Ids exchanged for others in some tables: table -> column."""

    def spoil(tables: Tables, rng: np.random.Generator) -> None:
        table, column = next(iter(column_of.items()))
        names = sorted({row[place(table, column)] for row in tables[table]})
        new = how(names, rng)
        for table, column in column_of.items():
            _each(table, column, lambda value: new.get(value, value))(tables)

    return spoil


def _permuted(names: list[str], rng: np.random.Generator) -> dict[str, str]:
    return dict(zip(names, (names[i] for i in rng.permutation(len(names))), strict=True))


def _last_day(tables: Tables) -> str:
    return max(row[0] for row in tables["views"])


def part_of_last_day(tables: Tables, rng: np.random.Generator) -> None:
    """The export ran before the day was over."""
    last = _last_day(tables)
    tables["views"] = [row for row in tables["views"] if row[0] != last or rng.random() < 0.15]


def doubled_last_day(tables: Tables, rng: np.random.Generator) -> None:
    """Two exports of the last day added up."""
    last = _last_day(tables)
    tables["views"] = [[*row[:3], str(2 * float(row[3]))] if row[0] == last else row for row in tables["views"]]


def late(tables: Tables, rng: np.random.Generator) -> None:
    """The last week has not come."""
    days = sorted({row[0] for row in tables["views"]})[: -int(rng.integers(5, 10))]
    tables["views"] = [row for row in tables["views"] if row[0] in set(days)]


def of_the_future(tables: Tables, rng: np.random.Generator) -> None:
    """One row has a date far ahead."""
    row = tables["views"][int(rng.integers(len(tables["views"])))]
    tables["views"] = [*tables["views"], [f"{rng.integers(2027, 2099)}-01-01", *row[1:]]]


def region_lost(tables: Tables, rng: np.random.Generator) -> None:
    """The largest region's part did not come at all."""
    hours: dict[str, float] = {}
    for row in tables["views"]:
        hours[row[1]] = hours.get(row[1], 0.0) + float(row[3])
    worst = max(hours, key=lambda region: hours[region])
    tables["views"] = [row for row in tables["views"] if row[1] != worst]


def days_shifted(tables: Tables, rng: np.random.Generator) -> None:
    """Every date by three days: the weekend is on weekdays."""
    _each("views", "date", lambda d: (date.fromisoformat(d) - timedelta(days=3)).isoformat())(tables)


def bot(tables: Tables, rng: np.random.Generator) -> None:
    """One title is watched beyond all measure on the last days: a bot, or a unit gone wrong."""
    days = set(sorted({row[0] for row in tables["views"]})[-3:])
    title = tables["views"][int(rng.integers(len(tables["views"])))][2]
    tables["views"] = [
        [*row[:3], str(1e5 * float(row[3]))] if row[0] in days and row[2] == title else row for row in tables["views"]
    ]


def half_catalogue(tables: Tables, rng: np.random.Generator) -> None:
    """Half of all titles are gone, consistently everywhere."""
    gone = {row[0] for row in tables["titles"] if rng.random() < 0.5 and row[0] not in ("t00", "t01")}
    for table, column in (("titles", "title_id"), ("views", "title_id"), ("availability", "title_id")):
        tables[table] = [row for row in tables[table] if row[place(table, column)] not in gone]
    tables["assets"] = [row for row in tables["assets"] if row[1] not in gone]


def files_cut(tables: Tables, rng: np.random.Generator) -> None:
    """The list of files ends in the middle."""
    tables["assets"] = tables["assets"][: len(tables["assets"]) // 2]


def all_closed(tables: Tables, rng: np.random.Generator) -> None:
    """Every window is a year late."""
    later = lambda d: (date.fromisoformat(d) + timedelta(days=365)).isoformat() if d else d  # noqa: E731
    for column in ("start_date", "end_date"):
        _each("availability", column, later)(tables)


def ended(tables: Tables, rng: np.random.Generator) -> None:
    """Most windows end yesterday."""
    yesterday = _last_day(tables)
    tables["availability"] = [
        [*row[:3], yesterday] if rng.random() < 0.7 and row[2] < yesterday else row for row in tables["availability"]
    ]


def all_blocked(tables: Tables, rng: np.random.Generator) -> None:
    """A rule for one title became a rule for most."""
    tables["pins"] += [["", "", row[0], "block"] for row in tables["titles"] if rng.random() < 0.7 and row[0] > "t01"]


def stranger_inventory(tables: Tables, rng: np.random.Generator) -> None:
    """The inventory names files by another scheme."""
    _each("inventory", "asset_id", lambda name: f"old-{name}")(tables)


def flat_tree(tables: Tables, rng: np.random.Generator) -> None:
    """All parents are lost."""
    _each("caches", "parent_id", lambda _: "")(tables)


def swapped_capacity(tables: Tables, rng: np.random.Generator) -> None:
    """Storage and fill rate stand in each other's column."""
    a, b = place("caches", "storage_bytes"), place("caches", "fill_rate_bps")
    for row in tables["caches"]:
        row[a], row[b] = row[b], row[a]


def swapped_sizes(tables: Tables, rng: np.random.Generator) -> None:
    """Size and bitrate stand in each other's column."""
    a, b = place("assets", "bitrate_kbps"), place("assets", "size_bytes")
    for row in tables["assets"]:
        if row[a]:
            row[a], row[b] = row[b], row[a]


def caches_lost(tables: Tables, rng: np.random.Generator) -> None:
    """Half of the sites are missing, with their inventory."""
    keep = {row[0] for i, row in enumerate(tables["caches"]) if i % 2 == 0}
    tables["caches"] = [row for row in tables["caches"] if row[0] in keep]
    for table in ("inventory", "pins"):
        tables[table] = [row for row in tables[table] if row[0] in keep or not row[0]]


def yesterdays_last_day(tables: Tables, rng: np.random.Generator) -> None:
    """The last day is a copy of the day before."""
    days = sorted({row[0] for row in tables["views"]})
    copy = [[days[-1], *row[1:]] for row in tables["views"] if row[0] == days[-2]]
    tables["views"] = [row for row in tables["views"] if row[0] != days[-1]] + copy


def one_bad(table: str, column: str, value: str) -> Spoil:
    """A single bad value."""

    def spoil(tables: Tables, rng: np.random.Generator) -> None:
        row = tables[table][int(rng.integers(len(tables[table])))]
        row[place(table, column)] = value

    return spoil


VIEW_IDS = {"views": "title_id"}
UNDATED = frozenset({"late, no date given", "date of the future, no date given"})
"""Feeds of nights that take their plan date from the views."""
FEEDS: dict[str, Spoil] = {
    **{f"{table} emptied": _emptied(table) for table in COLUMNS},
    **{f"{table} absent": _absent(table) for table in ("availability", "inventory", "pins", "assets")},
    "part of last day": part_of_last_day,
    "last day doubled": doubled_last_day,
    "last day repeated": yesterdays_last_day,
    "late": late,
    "late, no date given": late,
    "date of the future, no date given": of_the_future,
    "region lost": region_lost,
    "days shifted": days_shifted,
    "bot": bot,
    "hours in minutes": _scaled("views", "view_hours", 60),
    "hours doubled": _scaled("views", "view_hours", 2),
    "hours in thousands": _scaled("views", "view_hours", 0.001),
    "titles of views shuffled": _shuffled("views", "title_id"),
    "titles of views exchanged": _renamed(VIEW_IDS, _permuted),
    "regions of views exchanged": _renamed({"views": "region"}, _permuted),
    "regions in small letters": _renamed({"views": "region"}, lambda names, _: {n: n.lower() for n in names}),
    "half the catalogue": half_catalogue,
    "files cut": files_cut,
    "files exchanged": _renamed({"assets": "title_id"}, _permuted),
    "sizes in kilobytes": _scaled("assets", "size_bytes", 0.001),
    "sizes in bits": _scaled("assets", "size_bytes", 8),
    "sizes swapped with bitrates": swapped_sizes,
    "languages exchanged": _shuffled("assets", "language"),
    "runtimes in seconds": _scaled("titles", "runtime_minutes", 60),
    "all windows closed": all_closed,
    "windows ended": ended,
    "windows shuffled": _shuffled("availability", "start_date"),
    "most titles blocked": all_blocked,
    "inventory of another scheme": stranger_inventory,
    "tree lost": flat_tree,
    "capacity in gigabytes": _scaled("caches", "storage_bytes", 1e-9),
    "capacity in bits": _scaled("caches", "storage_bytes", 8),
    "fill in bytes": _scaled("caches", "fill_rate_bps", 0.125),
    "worth lost": _scaled("caches", "value_per_gb", 0.0),
    "storage swapped with fill": swapped_capacity,
    "caches lost": caches_lost,
    "hours not a number": one_bad("views", "view_hours", "NaN"),
    "hours negative": one_bad("views", "view_hours", "-3"),
    "hours huge": one_bad("views", "view_hours", "1e12"),
    "title unknown": one_bad("views", "title_id", "nobody-knows"),
    "size negative": one_bad("assets", "size_bytes", "-1"),
    "size huge": one_bad("assets", "size_bytes", "9e18"),
    "id climbs out": one_bad("caches", "cache_id", "../../etc/passwd"),
    "date of another form": one_bad("views", "date", "01/02/2026"),
}


def cut_file(root: Path, rng: np.random.Generator) -> None:
    """A file ends in the middle of a line."""
    _cut(_some_table(root, rng), rng)


def latin_1(root: Path, rng: np.random.Generator) -> None:
    """A name in another encoding."""
    path = root / "input" / "titles.csv"
    path.write_bytes(path.read_bytes().replace(b"Title 0", "Amélie".encode("latin-1"), 1))


def utf_16(root: Path, rng: np.random.Generator) -> None:
    """A table in UTF-16, as spreadsheets save it."""
    path = _some_table(root, rng)
    path.write_bytes(path.read_text().encode("utf-16"))


def cut_gzip(root: Path, rng: np.random.Generator) -> None:
    """A compressed file whose copy was interrupted."""
    path = _some_table(root, rng)
    whole = gzip.compress(path.read_bytes(), mtime=0)
    path.unlink()
    path.with_name(f"{path.name}.gz").write_bytes(whole[: int(rng.integers(1, len(whole)))])


def junk_parquet(root: Path, rng: np.random.Generator) -> None:
    """A Parquet file of noise."""
    path = _some_table(root, rng)
    path.unlink()
    path.with_suffix(".parquet").write_bytes(b"PAR1" + rng.bytes(500) + b"PAR1")


def open_quote(root: Path, rng: np.random.Generator) -> None:
    """A quote that is never closed."""
    path = root / "input" / "titles.csv"
    path.write_bytes(path.read_bytes().replace(b"Title", b'"Title', 1))


def columns_swapped(root: Path, rng: np.random.Generator) -> None:
    """Two names of the header exchanged."""
    path = _some_table(root, rng)
    head, _, body = path.read_text().partition("\n")
    names = head.split(",")
    a, b = rng.choice(len(names), 2, replace=False)
    names[a], names[b] = names[b], names[a]
    path.write_text(",".join(names) + "\n" + body)


def every_row_twice(root: Path, rng: np.random.Generator) -> None:
    """A part that was delivered twice; the reader uses each row once."""
    path = _some_table(root, rng)
    head, _, body = path.read_text().partition("\n")
    path.write_text(f"{head}\n{body}{body}")


def _some_table(root: Path, rng: np.random.Generator) -> Path:
    files = sorted((root / "input").glob("*.csv"))
    return files[int(rng.integers(len(files)))]


def _cut(path: Path, rng: np.random.Generator) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(rng.integers(len(content) // 4, len(content) - 3))])


FILES: dict[str, Callable[[Path, np.random.Generator], None]] = {
    "file cut": cut_file,
    "latin-1": latin_1,
    "utf-16": utf_16,
    "gzip cut": cut_gzip,
    "junk Parquet": junk_parquet,
    "open quote": open_quote,
    "columns swapped": columns_swapped,
    "every row twice": every_row_twice,
}
