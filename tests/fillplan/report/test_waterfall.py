import pytest

from fillplan.report.waterfall import waterfall


def test_every_bar_begins_where_the_one_before_ends() -> None:
    drawn = waterfall("Value", 100.0, [("demand", 20.0), ("capacity", -5.0)], "{:g}".format, "{:+g}".format)
    before, demand, capacity, after = drawn.bars
    assert [bar.kind for bar in drawn.bars] == ["whole", "up", "down", "whole"]
    assert demand.y + demand.height == pytest.approx(before.y)
    assert capacity.y == pytest.approx(demand.y)
    assert capacity.y + capacity.height == pytest.approx(after.y)
    assert demand.height == pytest.approx(4 * capacity.height)
    assert drawn.words == "Value: before: 100, demand: +20, capacity: -5, after: 115."
    assert all(drawn.left <= bar.x and bar.x + bar.width <= drawn.right for bar in drawn.bars)


def test_nothing_changed() -> None:
    drawn = waterfall("Value", 0.0, [], str, str)
    assert [bar.label for bar in drawn.bars] == ["before", "after"]
