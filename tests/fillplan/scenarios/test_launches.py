"""Launches and promotions on the shipped sample, with an answer that is known by construction."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from fillplan.problem import build_problem
from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError

from .cases import demand_of, launching
from .conftest import Suppose


def test_a_launch_moved_by_nothing_gives_the_stored_demand_to_the_last_bit(
    suppose: Suppose, supposing: Supposing, base: Base
) -> None:
    world = suppose('kind = "move_launch"\ndays = 0')
    assert world.new_forecast
    np.testing.assert_array_equal(supposing.demand(world).expected_bytes, base.demand.expected_bytes)


def test_moved_and_cancelled_launches(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    title = launching(base)
    where = f'where = {{ title_id = "{title}" }}'
    assert demand_of(base, supposing, base.world, title) > 0
    later = suppose(f'kind = "move_launch"\n{where}\ndays = 300')
    cancelled = suppose(f'kind = "cancel_launch"\n{where}')
    assert demand_of(base, supposing, later, title) == 0.0
    assert demand_of(base, supposing, cancelled, title) == 0.0
    earlier = suppose(f'kind = "move_launch"\n{where}\nto = {base.inputs.plan_date}')
    rows = earlier.tables.availability
    assert (rows["start_date"][rows["title_id"] == title] == pd.Timestamp(base.inputs.plan_date)).all()
    assert demand_of(base, supposing, earlier, title) > 0
    with pytest.raises(ScenarioError, match="titles with a launch to come"):
        suppose('kind = "cancel_launch"\nwhere = { title_id = "t001" }')


def test_a_launch_moved_in_one_region_only(suppose: Suppose, base: Base) -> None:
    rows = base.inputs.tables.availability
    title = launching(base)
    world = suppose(f'kind = "cancel_launch"\nwhere = {{ title_id = "{title}", region = "BR" }}')
    after = world.tables.availability
    moved = after[(after["title_id"] == title) & (after["start_date"] == pd.Timestamp(9999, 12, 31))]
    assert set(moved["region"]) <= {"BR"} and len(moved) == 1
    assert len(after) >= len(rows)


def test_add_launch(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    start = base.inputs.plan_date + timedelta(days=2)
    world = suppose(f'kind = "add_launch"\ntitle_id = "fresh"\nlike = "t002"\nstart = {start}')
    assets = world.tables.assets
    assert sorted(assets.loc[assets["title_id"] == "fresh", "size_bytes"]) == sorted(
        assets.loc[assets["title_id"] == "t002", "size_bytes"]
    )
    assert demand_of(base, supposing, world, "fresh") > 0
    far = suppose(f'kind = "add_launch"\ntitle_id = "fresh"\nlike = "t002"\nstart = {start + timedelta(days=60)}')
    assert demand_of(base, supposing, far, "fresh") == 0.0
    assert build_problem(world.tables, supposing.demand(world), world.plan_date, world.settings.plan).file_count == len(
        assets
    )


def test_promotion(suppose: Suppose, base: Base) -> None:
    world = suppose(
        'kind = "promotion"\nwhere = { title_id = "t00[12]", region = "BR" }\n'
        "from = 2026-05-01\nto = 2026-05-03\nstrength = 2"
    )
    added = world.tables.promotions.iloc[len(base.inputs.tables.promotions) :]
    assert added[["title_id", "region", "strength"]].to_numpy().tolist() == [["t001", "BR", 2.0], ["t002", "BR", 2.0]]
    assert world.new_forecast


def test_a_promotion_lifts_its_title_and_takes_from_others_in_its_region_alone(
    suppose: Suppose, supposing: Supposing, base: Base
) -> None:
    title, day = launching(base), base.inputs.plan_date
    world = suppose(
        f'kind = "promotion"\nwhere = {{ title_id = "{title}", region = "BR" }}\n'
        f"from = {day}\nto = {day + timedelta(days=6)}\nstrength = 5"
    )
    after, region = supposing.demand(world), base.demand.regions.index("BR")
    others = (base.inputs.tables.assets["title_id"] != title).to_numpy()
    now, before = after.expected_bytes[region], base.demand.expected_bytes[region]
    assert now[~others].sum() > 1.1 * before[~others].sum()
    # an evening has so many hours; where titles have been seen to take from each other, this one does
    assert np.all(now[others] <= before[others]) and now[others].sum() > 0.9 * before[others].sum()
    elsewhere = np.arange(len(base.demand.regions)) != region
    np.testing.assert_array_equal(after.expected_bytes[elsewhere], base.demand.expected_bytes[elsewhere])
