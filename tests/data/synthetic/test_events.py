from __future__ import annotations

import numpy as np
import pytest

from fillplan_data.synthetic.demand import expected_hours
from fillplan_data.synthetic.events import Hit, Promotion, hit_factor, promotions_table
from fillplan_data.synthetic.world import World


def test_promotions_of_a_title_do_not_overlap_in_a_region(world: World) -> None:
    table = promotions_table(world.spec, world.catalogue, world.regions, world.promotions)
    assert (table["end_date"] > table["start_date"]).all() and (table["strength"] >= 0).all()
    for title_id, rows in table.groupby("title_id"):
        assert len(rows) == rows["region"].nunique() and not ({""} < set(rows["region"])), title_id


def test_some_promotions_lie_in_the_past_and_some_are_to_come(small_world: World) -> None:
    last = np.array([p.last for p in small_world.promotions])
    first = np.array([p.first for p in small_world.promotions])
    assert (last < 0).sum() > 5 and ((first < 7) & (last >= 0)).sum() > 2 and (first >= 7).any()


def test_a_promotion_lifts_its_days_in_its_regions(world: World) -> None:
    from dataclasses import replace

    t = int(np.flatnonzero((world.windows.start < -90).all(1) & (world.windows.end > 20).all(1))[0])
    without = replace(world, promotions=(), hits=())
    promoted = replace(without, promotions=(Promotion(t, (0,), -20, -11, 1.0),))
    lift = expected_hours(promoted, 0)[t] / expected_hours(without, 0)[t]
    inside = (world.day >= -20) & (world.day <= -11)
    # less than the response alone: the busy day takes viewers from other titles, from this one too
    assert (lift[inside] > 1.1).all() and (lift[inside] < 1.001 + world.dynamics.promotion_response[t]).all()
    assert lift[~inside] == pytest.approx(1, abs=0.05)
    assert (expected_hours(promoted, 1) == expected_hours(without, 1)).all()


def test_a_hit_climbs_and_fades() -> None:
    factor = hit_factor(Hit(0, (0,), 5, 4.0, 6.0), np.arange(0, 60, dtype=np.float64))
    assert (factor[:5] == 1).all() and factor.argmax() == 7 and factor.max() == pytest.approx(4)
    assert (np.diff(factor[7:]) < 0).all() and factor[-1] < 1.01
