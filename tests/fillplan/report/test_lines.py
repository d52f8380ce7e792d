from fillplan.report.curves import label_width
from fillplan.report.lines import lines


def drawn(of_method):
    return lines("Error", "day", ["1", "2", "3"], of_method, lambda y: f"{y:.2f}")


def test_larger_values_stand_higher_and_all_within_the_plot():
    chart = drawn({"a": [0.1, 0.2, 0.4], "b": [0.3, 0.3, 0.3]})
    heights = [dot.y for dot in chart.lines[0].dots]
    assert heights[0] > heights[1] > heights[2] >= chart.top and heights[0] <= chart.bottom
    assert chart.lines[0].dots[0].x == chart.lines[1].dots[0].x
    assert chart.lines[0].dots[2].words == "a, 3: 0.40" and "a 0.10" in chart.words


def test_unknown_points_are_left_out():
    chart = drawn({"a": [None, 0.2, None], "b": [None, None, None]})
    assert len(chart.lines[0].dots) == 1 and chart.lines[1].dots == ()


def test_days_below_the_axis_do_not_touch():
    words = [f"{day} May" for day in range(10, 31)]
    chart = lines("Error", "day", words, {"a": [0.1] * len(words)}, lambda y: f"{y:.2f}")
    assert chart.x_ticks[1].at - chart.x_ticks[0].at >= label_width(words)
