"""The recipe: draw a world, watch it region by region, stock its caches, write it all down."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan_data.errors import AlreadyExists
from fillplan_data.synthetic.book import Book
from fillplan_data.synthetic.editions import make_editions
from fillplan_data.synthetic.events import promotions_table
from fillplan_data.synthetic.files import make_files
from fillplan_data.synthetic.sizes import SIZES, Size
from fillplan_data.synthetic.supply import supply_tables
from fillplan_data.synthetic.windows import availability_table
from fillplan_data.synthetic.world import World, make_world
from fillplan_data.synthetic.writing import form_of, write_notes, write_table


def write_workspace(folder: Path, size: Size, seed: int, truth: bool, progress: Callable[[str], None]) -> None:
    """Write the workspace; see `fillplan_data.synthetic.make_workspace`."""
    refuse_to_overwrite(folder, truth)
    # written beside its place and moved in last: an interrupted `init` leaves nothing that looks complete
    unfinished = folder / "input.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    spec = SIZES[size]
    progress(f"world: {spec.regions} regions, {spec.titles:,} titles, {spec.history_days} days")
    world = make_world(spec, seed)
    editions = make_editions(spec, world.catalogue, world.regions)
    files = make_files(world.catalogue, editions, seed)
    book = Book(world, files, size, unfinished, folder if truth else None)
    recent = np.stack([book.record(r, editions, progress) for r in range(spec.regions)], 1)
    book.close()
    progress(f"caches: {spec.edges} edges, {len(files):,} files")
    tables = catalogue_tables(world) | supply_tables(world, editions, files, recent)
    for name, table in tables.items():
        write_table(unfinished, name, table, form_of(size, name))
    counts = book.rows | {name: len(table) for name, table in tables.items()}
    write_notes(folder, size, seed, spec.plan_date, dict(sorted(counts.items())))
    unfinished.rename(folder / "input")


def refuse_to_overwrite(folder: Path, truth: bool) -> None:
    """Raise AlreadyExists if anything that would be written is there."""
    names = [
        "input",
        "fillplan.toml",
        "README.md",
        *(["truth.parquet", "truth_shares.parquet", "future"] if truth else []),
    ]
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise AlreadyExists(
            f"{folder}: expected a folder without {', '.join(names)}; found {', '.join(there)}. "
            "Name another folder, or move these away."
        )


def catalogue_tables(world: World) -> dict[str, pd.DataFrame]:
    """The tables titles, availability, promotions and calendar."""
    spec, regions = world.spec, world.regions
    days = [(r.code, day.isoformat(), name) for r in regions for day, name in r.holidays.items()]
    return {
        "titles": world.catalogue.table,
        "availability": availability_table(spec, world.catalogue, regions, world.windows),
        "promotions": promotions_table(spec, world.catalogue, regions, world.promotions),
        "calendar": pd.DataFrame(days, columns=["region", "date", "name"]),
    }
