"""Overrides of the files on offer: rungs dropped and added, smaller codecs, more languages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from fillplan.scenarios.demand import titles_and_regions
from fillplan.scenarios.faults import Misfit, nearest
from fillplan.scenarios.kinds import AddLanguage, AddRung, Codec, DropRung
from fillplan.scenarios.parts import Selection
from fillplan.scenarios.select import rows_where
from fillplan.scenarios.world import World, at_rows, below, fresh_ids
from fillplan_data.arrays import Bools
from fillplan_data.columns import canonical_language
from fillplan_data.declarations import LANGUAGE_PATTERN, PICTURES


def drop_rung(world: World, override: DropRung) -> World:
    """Take the files of a rung away, with what inventory and pins say of them."""
    assets = world.tables.assets
    chosen = _of_titles(world, override.where) & assets["kind"].isin(PICTURES).to_numpy()
    gone = chosen & (assets["bitrate_kbps"] == override.bitrate_kbps).to_numpy()
    if not gone.any():
        rungs = sorted({f"{rung:g}" for rung in assets["bitrate_kbps"][chosen].dropna()}, key=float)
        found = f"{override.bitrate_kbps:g}"
        raise Misfit(("bitrate_kbps",), "a rung of these titles", found, nearest(found, rungs, "rungs"))
    left = assets.loc[chosen & ~gone, "title_id"]
    bare = sorted(set(assets.loc[gone, "title_id"]) - set(left))
    if bare:
        remedy = "choose titles with other rungs: nothing could be watched any more"
        raise Misfit(("where",), "titles with other rungs", f"{len(bare)} without, such as {bare[0]}", remedy)
    return replace(_without_files(world, gone), new_shares=True)


def _without_files(world: World, gone: Bools) -> World:
    tables = world.tables
    ids = tables.assets["asset_id"][gone]
    return world.with_tables(
        assets=tables.assets[~gone].reset_index(drop=True),
        inventory=tables.inventory[~tables.inventory["asset_id"].isin(ids)].reset_index(drop=True),
        pins=tables.pins[~tables.pins["asset_id"].isin(ids)].reset_index(drop=True),
    )


def add_rung(world: World, override: AddRung) -> World:
    """A file per title (and language, of muxed titles) at a new rung, as large as its nearest rung says."""
    pictures = _pictures(world, override.where)
    there = pictures[pictures["bitrate_kbps"] == override.bitrate_kbps]
    if len(there):
        found = f"{there['title_id'].nunique()} titles that have it, such as {there['title_id'].iloc[0]}"
        raise Misfit(("bitrate_kbps",), "a rung that these titles lack", found, "choose another rung or other titles")
    away = np.abs(np.log(pictures["bitrate_kbps"].to_numpy() / override.bitrate_kbps))
    model = pictures.assign(away=away).sort_values(["title_id", "kind", "language", "away", "asset_id"])
    model = model.drop_duplicates(["title_id", "kind", "language"])
    size = model["size_bytes"] * (override.bitrate_kbps / model["bitrate_kbps"])
    names = [f"{row.asset_id}-{override.bitrate_kbps:g}k" for row in model.itertuples()]
    return _with_files(world, model, names, size, bitrate_kbps=override.bitrate_kbps)


def _pictures(world: World, where: Selection) -> pd.DataFrame:
    assets = world.tables.assets
    chosen = _of_titles(world, where) & assets["kind"].isin(PICTURES).to_numpy() & assets["bitrate_kbps"].notna()
    if not chosen.any():
        raise Misfit(("where",), "titles with video files of a bitrate", "none", "choose other titles")
    return assets[chosen]


def _with_files(world: World, model: pd.DataFrame, names: list[str], size: pd.Series, **columns: object) -> World:
    assets = world.tables.assets
    ids = fresh_ids(names, list(assets["asset_id"]))
    whole = np.maximum(np.floor(size.to_numpy(np.float64) + 0.5), 1).astype(np.int64)
    rows = model.assign(asset_id=ids, size_bytes=whole, url="", **columns)
    return replace(world.with_tables(assets=below(assets, rows)), new_shares=True)


def shrink(world: World, override: Codec) -> World:
    """Scale sizes; where caches must fetch the new files, they hold none of them yet."""
    tables = world.tables
    chosen = _of_titles(world, override.where) & rows_where(tables.assets, override.files, "files")
    if not chosen.any():
        raise Misfit(("files",), "files of the titles chosen", "none", "correct the patterns")
    size = tables.assets["size_bytes"].to_numpy(np.float64)[chosen] * override.scale
    whole = np.maximum(np.floor(size + 0.5), 1).astype(np.int64)
    changed = world.with_tables(assets=at_rows(tables.assets, chosen, {"size_bytes": whole}))
    if not override.refill:
        return changed
    held = tables.inventory["asset_id"].isin(tables.assets["asset_id"][chosen])
    return changed.with_tables(inventory=tables.inventory[~held].reset_index(drop=True))


def add_language(world: World, override: AddLanguage) -> World:
    """An audio or subtitle file in a language for titles that lack it, as large as their others are on average;
    for muxed titles a file per rung.
    """
    language = _language(override.language)
    assets = world.tables.assets
    kinds = (override.carrier,) if override.carrier == "subtitle" else ("audio", "muxed")
    files = assets[_of_titles(world, override.where) & assets["kind"].isin(kinds).to_numpy()]
    lacking = files[~files["title_id"].isin(files["title_id"][files["language"] == language])]
    if lacking.empty:
        remedy = "choose titles whose files can carry one more language"
        found = f"none with {' or '.join(kinds)} files but without {language}"
        raise Misfit(("where",), "titles that lack the language", found, remedy)
    lacking = lacking.sort_values("asset_id").assign(rung=lacking["bitrate_kbps"].fillna(0.0))
    by_rung = lacking.groupby(["title_id", "kind", "rung"], sort=True)
    model = by_rung.head(1).sort_values(["title_id", "kind", "rung"])
    size = by_rung["size_bytes"].mean()
    names = [f"{row.asset_id}-{language}" for row in model.itertuples()]
    return _with_files(world, model.drop(columns="rung"), names, size, language=language)


def _language(tag: str) -> str:
    if not re.match(LANGUAGE_PATTERN, tag):
        raise Misfit(("language",), "a BCP-47 language tag such as en or pt-BR", tag, "correct the tag")
    return canonical_language(tag)


def _of_titles(world: World, where: Selection) -> Bools:
    """[F] files of the titles that a selection means."""
    if "region" in where:
        remedy = "leave `region` out: a file is the same everywhere"
        raise Misfit(("where", "region"), "columns of titles", "region", remedy)
    titles, _ = titles_and_regions(world, where)
    mask: Bools = world.tables.assets["title_id"].isin(titles).to_numpy()
    return mask
