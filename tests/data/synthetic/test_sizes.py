"""Sizes grow from one to the next and can be made from what there is."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from fillplan_data.synthetic.countries import countries
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SIZES, TRUTH_DAYS, SizeSpec, plan_date
from fillplan_data.synthetic.variants import history_periods
from fillplan_data.tables import Tables


def test_every_size_is_larger_than_the_one_before() -> None:
    assert list(SIZES) == ["tiny", "small", "medium", "large"]
    for smaller, larger in pairwise(SIZES.values()):
        for count in ("regions", "groups", "titles", "history_days", "edges", "variant_titles"):
            assert getattr(smaller, count) < getattr(larger, count), count


@pytest.mark.parametrize("spec", SIZES.values(), ids=SIZES)
def test_a_size_can_be_made(spec: SizeSpec) -> None:
    """There are so many countries in so many groups; ranges and ladders rise."""
    groups = [country.group for country in countries()]
    assert spec.groups <= len(set(groups)) and spec.groups <= spec.regions <= spec.edges
    most = sum(sorted(groups.count(group) for group in set(groups))[-spec.groups :])
    assert spec.regions <= most, "some choice of groups has as many countries"
    assert list(spec.ladder_kbps) == sorted(set(spec.ladder_kbps))
    for low, high in (spec.edge_storage, spec.fill):
        assert 0 < low < high < 1
    assert spec.variant_titles <= spec.titles and spec.history_days > TRUTH_DAYS


@pytest.mark.parametrize("spec", SIZES.values(), ids=SIZES)
def test_the_history_holds_all_periods_of_variants(spec: SizeSpec) -> None:
    assert history_periods(spec)[0][0] >= -spec.history_days
    assert len(history_periods(spec)) == spec.variant_periods


def test_the_future_is_whole_weeks() -> None:
    assert FUTURE_DAYS % 7 == 0 and FUTURE_DAYS > 7


def test_the_history_ends_the_day_before_the_plan_date(tiny_tables: Tables) -> None:
    days = tiny_tables.views["date"]
    assert days.max() == pd.Timestamp(plan_date("tiny")) - pd.Timedelta(days=1)
    assert (days.max() - days.min()).days == 99
