"""Accuracy of the shares of rungs, audio and subtitles on simulated workspaces whose true shares are known.

    python -m tests.benchmarks.shares --size tiny small --seeds 1 2 3

Mean absolute error of the share of a file in its title's hours, over the open pairs of region and title of the first 7
days, by kind of file and by how much is known of the pair's split: thick (100 hours or more in the last 28 days of
`variant_views`), thin (less), unlisted (watched, but not in `variant_views`) and cold (never watched in the region).
Beside ours: global shares (all regions and titles together), and the pair's own shares of the last 28 days
(where it has none, its title's in all regions; where that has none, global).
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan_data.history import before, default_plan_date
from fillplan_data.lookup import positions
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_data.tables import Tables, regions_of
from fillplan_models.bytes import title_of_asset
from fillplan_models.panel import build_panel
from fillplan_models.shares.estimate import shares_from, variant_shares
from fillplan_models.shares.evidence import evidence_of, make_codes

LATELY_DAYS = 28
THICK_HOURS = 100.0
HARDLY = 1e-6
"""Hours of prior, so that evidence stands as it is."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", default=["small"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    rows = []
    for size in options.size:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                make_workspace(Path(folder), size, seed, truth=True)
                rows.append(measure(Path(folder)).assign(size=size))
    means = pd.concat(rows).groupby(["size", "kind", "known", "method"], sort=False)["error"].mean().unstack("method")
    means["of global"] = means["ours"] / means["global"]
    means["of own"] = means["ours"] / means["own, last month"]
    print("| size | files | known of the pair | " + " | ".join(means.columns) + " |")
    print("|---|---|---|" + "---:|" * len(means.columns))
    for names, row in means.iterrows():
        print(f"| {' | '.join(names)} | " + " | ".join(f"{value:.4f}" for value in row) + " |")


def measure(folder: Path) -> pd.DataFrame:
    """Rows kind, known, method, error of one workspace made with truth."""
    tables, _ = read_tables(folder / "input")
    plan_date = default_plan_date(tables)
    regions = regions_of(tables)
    real = true_shares(folder, tables, regions)
    known, kind = classes(tables, regions, plan_date), tables.assets["kind"].astype(str).to_numpy()
    methods = {
        "ours": variant_shares(tables, regions, plan_date).share,
        "global": global_shares(tables, regions, plan_date),
        "own, last month": own_shares(tables, regions, plan_date),
    }
    rows = []
    for name, share in methods.items():
        miss = np.abs(share - real)
        for files in ("all", *np.unique(kind)):
            for group in ("all", "thick", "thin", "unlisted", "cold"):
                cells = np.isin(known, [group] if group != "all" else ["thick", "thin", "unlisted", "cold"])
                cells = cells & ((kind == files) | (files == "all"))
                error = float(miss[cells].mean()) if cells.any() else np.nan
                rows.append({"kind": files, "known": group, "method": name, "error": error})
    return pd.DataFrame(rows)


def true_shares(folder: Path, tables: Tables, regions: tuple[str, ...]) -> np.ndarray:
    """[R, F] the maker's shares of the files, over the first 7 days from the plan date."""
    truth, asset_ids = pd.read_parquet(folder / "truth_shares.parquet"), tuple(tables.assets["asset_id"])
    share = np.zeros((len(regions), len(asset_ids)))
    share[positions(truth["region"], regions), positions(truth["asset_id"], asset_ids)] = truth["share"].to_numpy()
    return share


def classes(tables: Tables, regions: tuple[str, ...], plan_date: date) -> np.ndarray:
    """[R, F] class of the file's title in the region; empty where it is not open."""
    panel = build_panel(tables, plan_date, 7)
    evidence = evidence_of(tables, make_codes(tables, regions), lately(before(tables, plan_date), plan_date))
    hours = np.zeros((len(regions), len(tables.titles)))
    np.add.at(hours, (evidence.region, evidence.title), evidence.hours)
    known = np.full(hours.shape, "", dtype=object)
    live = panel.live
    region, title = panel.region[live], panel.title[live]
    known[region, title] = np.where(panel.cold[live], "cold", "unlisted")
    known[(known != "") & (hours > 0)] = "thin"
    known[(known != "") & (hours >= THICK_HOURS)] = "thick"
    return known[:, title_of_asset(tables)]


def lately(tables: Tables, plan_date: date) -> np.ndarray:
    """[rows of variant_views] 1 for the periods of the last weeks (at least the latest one), 0 for older."""
    start = tables.variant_views["date"].to_numpy().astype("datetime64[D]")
    first = min(np.datetime64(plan_date) - np.timedelta64(LATELY_DAYS, "D"), start.max())
    return (start >= first).astype(np.float64)


def global_shares(tables: Tables, regions: tuple[str, ...], plan_date: date) -> np.ndarray:
    """[R, F] the shares that all regions and titles together show lately, over the files that each title has."""
    tables = before(tables, plan_date)
    codes = make_codes(tables, regions)
    evidence = evidence_of(tables, codes, lately(tables, plan_date))
    rung = np.bincount(evidence.rung[evidence.rung >= 0], evidence.hours[evidence.rung >= 0], len(codes.rungs))
    audio = np.bincount(evidence.audio[evidence.audio >= 0], evidence.hours[evidence.audio >= 0], len(codes.languages))
    read = np.bincount(evidence.subtitle, evidence.hours, len(codes.languages) + 1)
    assets = tables.assets
    kbps = dict(zip(codes.rungs, rung, strict=True))
    of_rung = np.array([kbps.get(rate, 0.0) for rate in assets["bitrate_kbps"].astype(float)])
    language = positions(assets["language"], codes.languages)
    kind, title = assets["kind"].astype(str).to_numpy(), title_of_asset(tables)
    share = (
        np.select(
            [kind == "video", kind == "audio", kind == "muxed"],
            [of_rung, audio[language], of_rung * audio[language]],
            read[language] / read.sum(),
        )
        + 1e-9
    )
    for chosen in (np.isin(kind, ("video", "muxed")), kind == "audio"):
        share[chosen] /= np.bincount(title[chosen], share[chosen], len(tables.titles))[title[chosen]]
    return np.repeat(share[None, :], len(regions), axis=0)


def own_shares(tables: Tables, regions: tuple[str, ...], plan_date: date) -> np.ndarray:
    """[R, F] what each pair of region and title showed lately; else its title everywhere, else global."""
    tables = before(tables, plan_date)
    weight, fallback = lately(tables, plan_date), global_shares(tables, regions, plan_date)
    together = dataclasses.replace(
        tables, variant_views=tables.variant_views.assign(region="all").astype({"region": "category"})
    )
    title = title_of_asset(tables)
    share = fallback
    for rows, names in ((together, ("all",)), (tables, regions)):
        evidence = evidence_of(rows, make_codes(rows, names), weight)
        hours = np.zeros((len(names), len(tables.titles)))
        np.add.at(hours, (evidence.region, evidence.title), evidence.hours)
        share = np.where((hours > 0)[:, title], shares_from(rows, evidence, HARDLY).share, share)
    return share


if __name__ == "__main__":
    main()
