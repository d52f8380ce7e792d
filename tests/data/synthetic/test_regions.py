from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import available_timezones

import holidays
import numpy as np
import pytest

from fillplan_data.declarations import PATTERNS
from fillplan_data.synthetic.countries import countries
from fillplan_data.synthetic.observances import holidays_between, lift_days
from fillplan_data.synthetic.regions import make_regions
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.world import World


def test_country_facts_are_valid() -> None:
    codes = [c.code for c in countries()]
    assert len(set(codes)) == len(codes) >= SIZES["large"].regions
    assert set(codes) <= set(holidays.list_supported_countries())
    assert {c.timezone for c in countries()} <= available_timezones()
    for country in countries():
        assert sum(country.languages.values()) == pytest.approx(1)
        assert all(re.match(PATTERNS["language"], tag) for tag in country.languages)


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


def test_holidays_agree_with_the_holidays_library() -> None:
    """Oracle: fixed and Easter-bound days of Germany, 2026."""
    germany = next(c for c in countries() if c.code == "DE")
    ours = holidays_between(germany, date(2026, 1, 1), date(2026, 12, 31))
    assert set(ours) < set(holidays.country_holidays("DE", years=2026))
    assert ours[date(2026, 4, 3)] == "Good Friday" and ours[date(2026, 10, 3)] == "National Day"


def test_holidays_lift_the_day_and_its_eve() -> None:
    first = date(2026, 4, 30)
    lift = lift_days({first + timedelta(days=1): "Labour Day"}, first, 3, 1.3)
    assert lift == pytest.approx([1.1, 1.3, 1.0])
