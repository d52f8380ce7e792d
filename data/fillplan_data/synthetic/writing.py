"""Writes tables as CSV, gzipped CSV, Parquet or a folder of Parquet parts; the same content gives the same bytes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.sizes import Size

Form = Literal["csv", "csv.gz", "parquet", "parts"]
_SMALL_IN_CSV = {"titles", "promotions", "calendar", "caches", "pins"}


def form_of(size: Size, table: str) -> Form:
    """File form of a table: what people read in CSV, what grows in Parquet, the largest in parts."""
    if size == "tiny" or table in _SMALL_IN_CSV:
        return "csv"
    if size == "small":
        return {"views": "parquet", "inventory": "parquet", "variant_views": "csv.gz"}.get(table, "csv")  # type: ignore[return-value]
    return "parts" if size == "large" and table in ("views", "variant_views") else "parquet"


def write_table(folder: Path, name: str, table: pd.DataFrame, form: Form) -> None:
    """Write one table that fits in memory."""
    if form == "parquet":
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), folder / f"{name}.parquet", compression="zstd"
        )
        return
    # without a time stamp, so that gzip gives the same bytes again
    compression = {"method": "gzip", "compresslevel": 6, "mtime": 1} if form == "csv.gz" else None
    table.to_csv(folder / f"{name}.{form}", index=False, lineterminator="\n", compression=compression)


class RegionWriter:
    """Writes a long table region by region: row groups or parts at once, CSV sorted by day at the end."""

    def __init__(self, folder: Path, name: str, form: Form) -> None:
        self.folder, self.name, self.form = folder, name, form
        self._kept: list[pd.DataFrame] = []
        self._writer: pq.ParquetWriter | None = None
        if form == "parts":
            (folder / name).mkdir(parents=True)

    def add(self, region: str, table: pa.Table) -> None:
        """Add the rows of one region."""
        if self.form == "parts":
            pq.write_table(table, self.folder / self.name / f"part-{region}.parquet", compression="zstd")
        elif self.form == "parquet":
            path = self.folder / f"{self.name}.parquet"
            self._writer = self._writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            self._writer.write_table(table)
        else:
            self._kept.append(table.to_pandas())

    def close(self) -> None:
        """Finish the file."""
        if self._writer:
            self._writer.close()
        if self._kept:
            whole = pd.concat(self._kept, ignore_index=True)
            write_table(self.folder, self.name, whole.sort_values("date", kind="stable"), self.form)


def long_table(plan_date: date, day: Ints, **columns: pa.Array | Floats | Ints) -> pa.Table:
    """Arrow table with a `date` column (days are counted from the plan date) and the columns given."""
    epoch = np.datetime64(plan_date, "D").astype(np.int64)
    dates = pa.array((np.asarray(day) + epoch).astype(np.int32)).cast(pa.date32())
    return pa.table({"date": dates, **columns})


def named(codes: Ints, names: list[str]) -> pa.DictionaryArray:
    """Text column from codes; -1 means the last name."""
    codes = np.where(codes < 0, len(names) - 1, codes)
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names))


def write_notes(folder: Path, size: Size, seed: int, plan_date: date, counts: dict[str, int]) -> None:
    """Write fillplan.toml (all settings at their defaults) and README.md."""
    label = f"SYNTHETIC workspace, size {size}, seed {seed}, plan date {plan_date}: no real viewer, title or cache."
    toml = f"# {label}\n# All settings stand at their defaults; `fillplan` documents every key in docs/settings.md.\n"
    (folder / "fillplan.toml").write_text(toml, encoding="utf-8")
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in counts.items())
    text = _README.format(size=size, seed=seed, plan_date=plan_date, last=plan_date - timedelta(days=1), rows=rows)
    (folder / "README.md").write_text(text, encoding="utf-8")


_README = """# SYNTHETIC workspace: {size}, seed {seed}, plan date {plan_date}

Made by `fillplan init --size {size} --seed {seed}`. **Everything here is simulated.** Regions carry the codes,
languages and time zones of real countries; their sizes and habits are rough guesses. No real viewer, title,
file or cache stands behind any number. The history ends on {last}; the plan date is the day after.

| table | rows |
|---|---:|
{rows}

What is simulated:

- **Appeal** follows a Zipf-Mandelbrot law. Franchise, star power (as published, with an error), budget class
  and genre explain part of it; each region has its own taste for genres, languages and single titles.
- **Time**: weekday profile per region and kind of title, public holidays, season, growth, level shifts;
  launches that fade (weekly episodes with a bump whenever the next one comes out), windows that open group by
  group, rights that end; promotions, known in advance; sudden hits, which are not. A busy day takes viewers
  from other titles.
- **Chance**: hours are watched in whole sittings, whose number is gamma-Poisson.
- **Variants**: rungs by the lines of the region, slowly moving up; audio and subtitles by the habits of the region
  and the title's original language. `variant_views` covers the most watched titles of each region.
- **Caches**: edges per region under mid-tier parents. The inventory is a popularity fill that is some days old,
  misjudged in part, with leftovers whose rights have ended. Pins always fit.
"""
