from __future__ import annotations

import numpy as np
import pytest

from fillplan_data.synthetic.regions import make_regions
from fillplan_data.synthetic.sizes import SIZES, Size
from fillplan_data.synthetic.world import World


@pytest.mark.parametrize("size", ["tiny", "small", "medium", "large"])
def test_as_many_regions_and_groups_as_the_size_wants(size: str) -> None:
    spec = SIZES[size]  # type: ignore[index]
    for seed in range(5):
        regions = make_regions(spec, seed)
        assert len({r.code for r in regions}) == len(regions) == spec.regions
        assert len({r.country.group for r in regions}) == spec.groups


def test_seeds_draw_different_regions() -> None:
    assert len({tuple(r.code for r in make_regions(SIZES["tiny"], seed)) for seed in range(10)}) > 5


def test_levels_and_weeks_are_factors_about_one(world: World) -> None:
    for region in world.regions:
        assert region.weekday.mean() == pytest.approx(1, abs=0.02) and (region.weekday > 0.7).all()
        assert (region.level > 0.5).all() and (region.level < 2.2).all() and np.isfinite(region.level).all()
        assert region.hours_per_day > 0


@pytest.mark.parametrize(("size", "seed"), [("tiny", 85), ("tiny", 273), ("small", 273)])
def test_groups_of_too_few_countries_are_drawn_again(size: Size, seed: int) -> None:
    """With these seeds the first draw holds the two groups that have only two countries each."""
    spec = SIZES[size]
    regions = make_regions(spec, seed)
    assert len({region.code for region in regions}) == spec.regions
    assert len({region.country.group for region in regions}) == spec.groups
