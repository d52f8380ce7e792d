import pytest

from fillplan_optimizer.result import Placement, PlacementResult, Prices


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [
        (9.0, 10.0, 0.1),
        (0.0, 0.0, 0.0),
        (-6.0, -5.0, 0.2),
        (10.0 + 1e-9, 10.0, 0.0),
        (-5.0 + 1e-9, -5.0, 0.0),
    ],
    ids=["part of the bound", "nothing to win", "pins that only cost", "rounding", "rounding below zero"],
)
def test_the_gap_is_never_negative(value, bound, gap):
    result = PlacementResult("feasible", Placement(()), value, bound, "any", 0.0, Prices.unknown(0))
    assert result.gap == pytest.approx(gap, abs=1e-15)
