"""What the tests of overrides look up in tables and demand."""

from datetime import timedelta

import numpy as np
import pandas as pd

from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing
from fillplan_data.tables import Tables
from fillplan_models.bytes import bytes_per_hour
from fillplan_models.forecast import AssetDemand

PICTURES = ["video", "muxed"]


def caches(world_tables: Tables) -> pd.DataFrame:
    return world_tables.caches.set_index("cache_id")


def picture_hours(demand: AssetDemand, tables: Tables) -> np.ndarray:
    """[R, titles] hours that the pictures of each title serve."""
    hours = demand.expected_bytes / bytes_per_hour(tables)
    pictures = tables.assets["kind"].isin(PICTURES).to_numpy()
    return pd.DataFrame(hours[:, pictures].T).groupby(tables.assets["title_id"][pictures].to_numpy()).sum().to_numpy()


def launching(base: Base) -> str:
    """A title whose rights start within the horizon."""
    rows = base.inputs.tables.availability
    last = pd.Timestamp(base.inputs.plan_date + timedelta(days=base.inputs.settings.plan.horizon_days - 1))
    return str(
        rows["title_id"][
            (rows["start_date"] >= pd.Timestamp(base.inputs.plan_date)) & (rows["start_date"] <= last)
        ].iloc[0]
    )


def demand_of(base: Base, supposing: Supposing, world, title: str) -> float:  # type: ignore[no-untyped-def]
    files = (world.tables.assets["title_id"] == title).to_numpy()
    return float(supposing.demand(world).expected_bytes[:, files].sum())
