"""Shares as they really were, from the periods that cover the days."""

import numpy as np
import pytest

from fillplan_models.shares.estimate import variant_shares
from fillplan_models.shares.measured import real_shares
from tests.models.shares.test_estimate import ASSETS, REGIONS, TITLES, watched
from tests.models.worlds import day, tables_of

ON = 63
"""First of the seven days that are judged, nine whole weeks after the history's first."""


def measured(*rows):
    tables = tables_of(titles=TITLES, assets=ASSETS, variant_views=list(rows))
    found = real_shares(tables, REGIONS, day(ON), 7)
    shares = dict(zip(found.shares.asset_ids, found.shares.share[0], strict=True))
    known = variant_shares(tables, REGIONS, day(ON)).share
    return found, shares, known


def test_what_was_measured_stands_as_it_is_and_the_rest_as_it_was_known():
    found, shares, known = measured(
        watched("a", 500, "en", "", 1.0), watched("a", 2000, "en", "", 3.0, start=ON)
    )  # fmt: skip
    assert found.measured.tolist() == [[True, False, False], [False] * 3]
    assert (shares["av500"], shares["av2000"], shares["av8000"]) == pytest.approx((0, 1, 0), abs=1e-4)
    assert (shares["aaen"], shares["aaes"]) == pytest.approx((1, 0), abs=1e-4)
    others = [not name.startswith("a") for name in found.shares.asset_ids]
    np.testing.assert_array_equal(found.shares.share[0, others], known[0, others])
    np.testing.assert_array_equal(found.shares.share[1], known[1])


@pytest.mark.parametrize("start", [ON - 7, ON + 7])
def test_periods_beside_the_days_measure_nothing(start):
    found, _, known = measured(watched("a", 500, "en", "", 1.0), watched("a", 2000, "en", "", 3.0, start=start))
    assert not found.measured.any()
    np.testing.assert_array_equal(found.shares.share, known)


def test_a_period_that_covers_the_days_in_part_counts_by_that_part():
    """Five of seven days of one week and two of the next, watched alike at rates of their own."""
    _, shares, _ = measured(
        watched("a", 500, "en", "", 7.0, start=ON - 2), watched("a", 2000, "en", "", 7.0, start=ON + 5)
    )
    assert (shares["av500"], shares["av2000"]) == pytest.approx((5 / 7, 2 / 7), abs=1e-4)


def test_without_any_period_nothing_is_measured():
    found, _, known = measured()
    assert found.measured.shape == (2, 3) and not found.measured.any()
    np.testing.assert_array_equal(found.shares.share, known)
