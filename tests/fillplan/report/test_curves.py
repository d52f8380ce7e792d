import pytest

from fillplan.report.curves import curve, label_width, round_ticks
from fillplan.report.formats import bytes_change, number_text, points_change, short_change


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


def test_a_curve_of_nothing_has_nothing_as_its_only_mark() -> None:
    for text in (bytes_change, points_change, short_change):
        drawn = curve("Value", "scale", [(1.0, 0.0), (2.0, 0.0)], number_text, text)
        assert [tick.words for tick in drawn.y_ticks] == ["±0"]


def test_a_lone_value_is_its_own_mark() -> None:
    drawn = curve("Value", "bytes", [(1e17, 1.0)], number_text, short_change)
    assert [tick.words for tick in drawn.x_ticks] == ["100,000,000,000,000,000"]
    assert drawn.left < drawn.x_ticks[0].at == drawn.dots[0].x < drawn.right


def test_no_two_marks_have_the_same_words() -> None:
    drawn = curve("Value", "scale", [(0.99999, 1e-6), (1.0, 0.0), (1.00001, -1e-6)], number_text, short_change)
    assert [tick.words for tick in drawn.x_ticks] == ["1"]
    assert [tick.words for tick in drawn.y_ticks] == ["±0"]


def test_marks_of_the_x_axis_do_not_touch_however_long_their_words() -> None:
    drawn = curve("Value", "bytes", [(1e9, 1.0), (2e9, 2.0)], "{:,.0f} bytes a day".format, "{:g}".format)
    assert 0 < len(drawn.x_ticks) * label_width([tick.words for tick in drawn.x_ticks]) <= drawn.right - drawn.left
