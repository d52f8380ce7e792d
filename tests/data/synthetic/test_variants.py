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
