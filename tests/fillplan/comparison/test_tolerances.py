"""Tolerances: points of shares, parts of the first figure, plain numbers; and what is no tolerance."""

import pytest

from fillplan.comparison.tolerances import exceeded, parse_tolerance


def test_percentages_of_shares_are_points():
    assert parse_tolerance("offload=0.5%").limit(0.9) == pytest.approx(0.005)
    assert parse_tolerance("fill_bytes=2%").limit(-300.0) == pytest.approx(6.0)
    assert parse_tolerance("value=1000").limit(5.0) == 1000.0


@pytest.mark.parametrize(
    "text", ["offlod=1", "offload", "offload=-1", "offload=x%", "value=inf", "value=nan", "offload=5", "gap=101%"]
)
def test_refuses_what_is_none(text):
    with pytest.raises(ValueError, match="expected"):
        parse_tolerance(text)


def test_exceeded_in_either_direction_but_not_at_the_limit():
    limit = [parse_tolerance("value=1")]
    assert exceeded(limit, {"value": 5.0}, {"value": 6.0}) == []
    assert exceeded(limit, {"value": 5.0}, {"value": 3.0}) == [{"name": "value", "difference": -2.0, "tolerance": 1.0}]
    assert len(exceeded(limit, {"value": 5.0}, {"value": 7.5})) == 1
