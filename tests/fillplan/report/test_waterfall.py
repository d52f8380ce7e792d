import pytest

from fillplan.report.curves import label_width
from fillplan.report.formats import percent_text, points_change
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


def test_marks_that_would_read_the_same_are_left_out() -> None:
    drawn = waterfall("Offload", 0.75531, [("demand", 0.0001), ("capacity", 0.0002)], percent_text, points_change)
    words = [tick.words for tick in drawn.y_ticks]
    assert len(set(words)) == len(words) > 0


def test_a_chart_of_many_causes_is_as_wide_as_their_names() -> None:
    causes = [(cause, 1.0) for cause in ("demand", "capacity", "content", "policy", "other")]
    drawn = waterfall("Value", 100.0, causes, "{:g}".format, "{:+g}".format)
    names = [bar.label for bar in drawn.bars]
    assert drawn.bars[1].middle - drawn.bars[0].middle >= label_width(names)
