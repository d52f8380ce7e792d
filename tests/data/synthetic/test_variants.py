from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan_data.synthetic import plan_date
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.variants import history_periods
from fillplan_data.tables import Tables


def test_periods_end_before_the_plan_date() -> None:
    spec = replace(SIZES["tiny"], plan_date=date(2026, 4, 29), variant_periods=2)  # a Wednesday
    assert history_periods(spec) == [(-16, -10), (-9, -3)]
    assert history_periods(replace(spec, variant_period="day")) == [(-2, -2), (-1, -1)]
    # February and March, as seen from 29 April
    assert history_periods(replace(spec, variant_period="month")) == [(-87, -60), (-59, -29)]


def test_the_hours_of_the_variants_are_those_of_the_views(tiny_tables: Tables) -> None:
    views, variants = tiny_tables.views, tiny_tables.variant_views
    week = views["date"] - pd.to_timedelta(views["date"].dt.day_of_week, unit="D")
    whole = views.assign(date=week).groupby(["date", "region", "title_id"], observed=True)["view_hours"].sum()
    split = variants.groupby(["date", "region", "title_id"], observed=True)["view_hours"].sum()
    assert len(split) > 500
    assert split.to_numpy() == pytest.approx(whole.loc[split.index].to_numpy(), abs=1e-6)


def test_variants_cover_the_most_watched_titles_only(tiny_tables: Tables) -> None:
    per_region = tiny_tables.variant_views.groupby("region", observed=True)["title_id"].nunique()
    assert per_region.max() <= SIZES["tiny"].variant_titles


def test_the_future_has_its_variants(tiny: Path) -> None:
    variants = pd.read_parquet(tiny / "future" / "variant_views.parquet")
    first = pd.Timestamp(plan_date("tiny"))
    assert set(pd.to_datetime(variants["date"]).unique()) == {first, first + pd.Timedelta(days=7)}


def test_true_shares_are_what_the_days_to_come_show_and_add_up(tiny: Path, tiny_tables: Tables) -> None:
    truth = pd.read_parquet(tiny / "truth_shares.parquet")
    assets = tiny_tables.assets.astype({"title_id": str})
    truth = truth.merge(assets[["asset_id", "title_id", "kind", "language"]], on="asset_id")
    pictures = truth[truth["kind"].isin(["video", "muxed"])].groupby(["region", "title_id"], observed=True)["share"]
    assert pictures.sum().to_numpy() == pytest.approx(1)
    future = pd.read_parquet(tiny / "future" / "variant_views.parquet").astype({"title_id": str, "audio": str})
    future = future[pd.to_datetime(future["date"]) == pd.Timestamp(plan_date("tiny"))]
    hours = future.groupby(["region", "title_id"], observed=True)["view_hours"].sum()
    heard = future.groupby(["region", "title_id", "audio"], observed=True)["view_hours"].sum()
    audio = truth[truth["kind"] == "audio"].set_index(["region", "title_id", "language"])["share"]
    watched = hours[hours > 60].index
    misses = [
        abs(heard.get((*pair, language), 0.0) / hours[pair] - share)
        for pair in watched
        for language, share in (audio.loc[pair].items() if pair in audio.index.droplevel(2) else ())
    ]
    assert len(misses) > 100 and sum(misses) / len(misses) < 0.03


def test_a_title_keeps_its_habits(tiny: Path, tiny_tables: Tables) -> None:
    """History and future show the same split of a much watched title, closer than the usual quirk."""
    future = pd.read_parquet(tiny / "future" / "variant_views.parquet").astype({"title_id": str, "audio": str})
    past = tiny_tables.variant_views.astype({"title_id": str, "audio": str})
    splits = []
    for rows in (past, future):
        hours = rows.pivot_table(
            index=["region", "title_id"], columns="audio", values="view_hours", aggfunc="sum", observed=True
        )
        splits.append(hours[hours.sum(axis=1) > 150].fillna(0.0))
    both = splits[0].index.intersection(splits[1].index)
    past_share, future_share = (s.loc[both].div(s.loc[both].sum(axis=1), axis=0) for s in splits)
    assert len(both) > 20
    assert (past_share - future_share).abs().sum(axis=1).mean() < 0.05
