"""The caches as they might have been filled on an earlier day."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd

from fillplan.settings import PlanSettings
from fillplan.workflow.regret import earlier_inventory
from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables


def test_the_earlier_inventory_fits_its_caches_and_knows_nothing_later(night_workspace: Path) -> None:
    tables, _ = read_tables(night_workspace / "input")
    day = default_plan_date(tables) - timedelta(days=7)
    held = earlier_inventory(tables, day, PlanSettings())
    size = tables.assets.set_index("asset_id")["size_bytes"]
    used = size.loc[held["asset_id"].astype(str)].groupby(held["cache_id"].astype(str).to_numpy()).sum()
    storage = tables.caches.set_index("cache_id")["storage_bytes"]
    assert (used <= storage.loc[used.index]).all() and used.sum() > 0
    shaken = tables.views.copy()
    later = shaken["date"] >= pd.Timestamp(day - timedelta(days=2))
    shaken.loc[later, "view_hours"] = shaken.loc[later, "view_hours"].to_numpy()[::-1]
    again = earlier_inventory(replace(tables, views=shaken), day, PlanSettings())
    pd.testing.assert_frame_equal(held, again)
