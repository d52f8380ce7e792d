"""What each piece of the demand model is worth: the pieces one after another, on workspaces whose truth is known.

    python -m tests.benchmarks.ablation --size small --seeds 1 2 3

A piece is withheld with what it feeds on, in the baseline as well as in the booster: without other
regions every region is trained and forecast by itself; without launches the catalogue holds kinds and runtimes alone
(nothing that foretells a title nobody has watched) and the booster no ages; without promotions their table is empty.
Errors are WAPE over those of the true expected demand (the floor: 1 is perfect); of files, those of the bytes per
region and file over the week, with global shares until the last row.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_data.tables import Tables
from fillplan_models.bytes import bytes_per_hour, title_of_asset
from fillplan_models.panel import Panel, build_panel
from fillplan_models.scoring import predict_hours
from fillplan_models.shares.estimate import variant_shares
from fillplan_models.spec import ModelSpec, load_spec
from fillplan_models.training import train
from tests.benchmarks.demand import HORIZON_DAYS, PARTS, hours_of, wape, without
from tests.benchmarks.shares import global_shares, true_shares

CATALOGUE = [
    "title_id",
    "name",
    "kind",
    "series_id",
    "season",
    "episode",
    "original_language",
    "runtime_minutes",
    "genres",
]
SAYS_NOTHING_OF_A_LAUNCH = ("title_id", "kind", "runtime_minutes")


@dataclass(frozen=True)
class Pieces:
    """Which pieces a row has."""

    name: str
    booster: bool = True
    regions: bool = True
    launches: bool = True
    promotions: bool = True
    shares: bool = False


ROWS = (
    Pieces("baseline only", booster=False, regions=False, launches=False, promotions=False),
    Pieces("+ booster", regions=False, launches=False, promotions=False),
    Pieces("+ other regions", launches=False, promotions=False),
    Pieces("+ launches", promotions=False),
    Pieces("+ promotions"),
    Pieces("+ shares", shares=True),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--spec", default="default")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    rows: list[dict[str, float | str]] = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            make_workspace(Path(folder), options.size, seed, truth=True)
            rows += measure(Path(folder), load_spec(options.spec), options.threads)
    means = pd.DataFrame(rows).groupby("method", sort=False).mean()
    print("| method | " + " | ".join(means.columns) + " |\n|---|" + "---:|" * len(means.columns))
    for name, row in means.iterrows():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |")


def measure(folder: Path, spec: ModelSpec, threads: int) -> Iterator[dict[str, float | str]]:
    """One row per entry of `ROWS` for one workspace made with truth."""
    tables, _ = read_tables(folder / "input")
    panel = build_panel(tables, default_plan_date(tables), HORIZON_DAYS)
    actual, truth = hours_of(folder / "future" / "views.parquet", panel), hours_of(folder / "truth.parquet", panel)
    real_share = true_shares(folder, tables, panel.regions)
    everyone = global_shares(tables, panel.regions, panel.plan_date)
    ours = variant_shares(tables, panel.regions, panel.plan_date).share
    real_bytes, least = (file_bytes(tables, hours, real_share) for hours in (actual, truth))
    hours: dict[Pieces, np.ndarray] = {}
    for pieces in ROWS:
        same = replace(pieces, name="", shares=False)
        if same not in hours:
            hours[same] = forecast(tables, panel, pieces, spec, threads)
        asked = file_bytes(tables, hours[same], ours if pieces.shares else everyone)
        files = np.abs(asked - real_bytes).sum() / np.abs(least - real_bytes).sum()
        yield {"method": pieces.name, **errors(hours[same], actual, truth, panel), "files, week / floor": float(files)}


def forecast(tables: Tables, panel: Panel, pieces: Pieces, spec: ModelSpec, threads: int) -> np.ndarray:
    """[R, T, H] hours forecast by a model with these pieces."""
    tables = withheld(tables, pieces)
    hours = np.zeros((len(panel.regions), len(panel.titles), HORIZON_DAYS))
    for regions in [panel.regions] if pieces.regions else [(region,) for region in panel.regions]:
        part = build_panel(of_regions(tables, regions), panel.plan_date, HORIZON_DAYS)
        names = [
            name
            for name, there in zip(PARTS, (pieces.regions, pieces.launches, pieces.promotions), strict=True)
            if not there
        ]
        lean = without(spec, part, tuple(start for name in names for start in PARTS[name]))
        if pieces.booster:
            mean = train(part, lean, seed=0, threads=threads).forecast(part).view_hours
        else:
            mean = predict_hours(None, part, threads)
        place = np.searchsorted(panel.regions, part.regions)
        hours[place[part.region[part.live]], part.title[part.live]] = mean
    return hours


def withheld(tables: Tables, pieces: Pieces) -> Tables:
    """The tables without what the missing pieces feed on."""
    if not pieces.launches:
        titles = tables.titles[CATALOGUE].copy()
        for column in set(CATALOGUE) - set(SAYS_NOTHING_OF_A_LAUNCH):
            titles[column] = "" if titles[column].dtype.kind not in "fiu" else np.nan
        tables = replace(tables, titles=titles)
    return tables if pieces.promotions else replace(tables, promotions=tables.promotions.iloc[:0])


def of_regions(tables: Tables, regions: tuple[str, ...]) -> Tables:
    """The demand tables of some regions; nothing else tells of others."""
    views = tables.views[tables.views["region"].isin(regions)].reset_index(drop=True)
    views = views.assign(region=views["region"].cat.remove_unused_categories())
    own = tables.availability["region"].isin(["", *regions])
    none = {name: getattr(tables, name).iloc[:0] for name in ("caches", "routes", "inventory")}
    return replace(tables, views=views, availability=tables.availability[own].reset_index(drop=True), **none)


def file_bytes(tables: Tables, hours: np.ndarray, share: np.ndarray) -> np.ndarray:
    """[R, F] bytes that hours [R, T, H] ask of every file."""
    return hours.sum(axis=2)[:, title_of_asset(tables)] * share * bytes_per_hour(tables)


def errors(mean: np.ndarray, actual: np.ndarray, truth: np.ndarray, panel: Panel) -> dict[str, float]:
    """Errors of hours [R, T, H] by class."""
    live, everything = panel.live, np.ones(actual.shape[:2], dtype=bool)
    cold, seen = np.zeros_like(everything), np.zeros(len(panel.titles), dtype=bool)
    cold[panel.region[live], panel.title[live]] = panel.cold[live]
    seen[panel.title[~panel.cold]] = True
    return {
        "day / floor": wape(mean, actual, everything) / wape(truth, actual, everything),
        "week / floor": wape(mean, actual, everything, True) / wape(truth, actual, everything, True),
        "bias": float((mean - actual).sum() / actual.sum()),
        "cold week": wape(mean, actual, cold, True),
        "new week": wape(mean, actual, cold & ~seen, True),
    }


if __name__ == "__main__":
    main()
