from __future__ import annotations

from datetime import date

import numpy as np

from fillplan_data.synthetic.windows import NEVER, availability_table
from fillplan_data.synthetic.world import World


def test_the_table_tells_the_windows(world: World) -> None:
    """Slow twin: open days by reading the rows as the contract says, against the arrays."""
    table = availability_table(world.spec, world.catalogue, world.regions, world.windows)
    title_ids = world.catalogue.table["title_id"].tolist()
    rows = {t: table[table["title_id"] == t] for t in title_ids}
    for day in (-99, -30, -1, 0, 6, 13):
        when = date.fromordinal(world.spec.plan_date.toordinal() + day).isoformat()
        for r, region in enumerate(world.regions):
            opened = world.windows.open_between(day, day)[:, r]
            for t, title_id in enumerate(title_ids):
                own = rows[title_id]
                there = own[own["region"].isin(["", region.code])]
                fits = (there["start_date"] <= when) & ((there["end_date"] == "") | (there["end_date"] >= when))
                assert opened[t] == (own.empty or bool(fits.any()))


def test_windows_are_staggered_and_some_end(small_world: World) -> None:
    start, end = small_world.windows.start, small_world.windows.end
    sold = start < NEVER
    assert sold.any(1).all() and (end[sold] >= start[sold]).all() and start[sold].max() < 100
    first = start.min(1, keepdims=True)
    staggered = ((start > first) & sold).any(1).mean()
    assert 0.1 < staggered < 0.6
    assert (~sold).any(1).mean() > 0.03  # rights that a region never got
    assert ((end >= -30) & (end < 0)).any() and ((end >= 0) & (end < 7)).any() and ((end >= 7) & (end < 90)).any()


def test_some_launch_inside_the_horizon_and_some_after(world: World) -> None:
    first = world.windows.start.min(1)
    assert ((first >= 0) & (first < 7)).any() and ((first >= 7) & (first < 40)).any()


def test_a_group_opens_on_one_day_unless_it_is_home(small_world: World) -> None:
    regions, start = small_world.regions, small_world.windows.start
    spoken = np.array([[tag in r.country.languages for r in regions] for tag in small_world.catalogue.languages])
    home = spoken[small_world.catalogue.original]
    for group in {r.country.group for r in regions}:
        inside = np.array([r.country.group == group for r in regions])
        for t in range(len(start)):
            days = {int(d) for d in start[t, inside & ~home[t]] if d < NEVER}
            assert len(days) <= 1
