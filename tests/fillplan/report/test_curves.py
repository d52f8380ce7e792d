import pytest

from fillplan.report.curves import curve, round_ticks


def test_ticks_are_round_and_few() -> None:
    assert round_ticks(0.25, 2.0, 6) == [0.5, 1.0, 1.5, 2.0]
    assert round_ticks(-3.0, 1.0, 4) == [-3.0, -2.0, -1.0, 0.0, 1.0]
    assert len(round_ticks(-437.3, 33.1, 4)) <= 5


def test_a_curve_keeps_zero_in_sight_and_says_its_points() -> None:
    drawn = curve("Value", "scale", [(1.0, 5.0), (0.5, -5.0)], "{:g}".format, "{:+g}".format)
    assert drawn.words == "Value over scale: -5 at 0.5, +5 at 1."
    assert [dot.words for dot in drawn.dots] == ["0.5: -5", "1: +5"]
    assert drawn.zero_y == pytest.approx((drawn.dots[0].y + drawn.dots[1].y) / 2)
    assert all(drawn.left <= dot.x <= drawn.right and drawn.top <= dot.y <= drawn.bottom for dot in drawn.dots)


def test_a_flat_curve_is_drawn_too() -> None:
    drawn = curve("Value", "scale", [(1.0, 0.0), (1.0, 0.0)], str, str)
    assert drawn.zero_y is not None
    assert drawn.y_ticks
