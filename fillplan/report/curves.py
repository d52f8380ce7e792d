"""Geometry of a sweep's curve: one figure over the values of a swept number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fillplan.report.charts import LEFT, RIGHT, TOP, Plot, Tick, line
from fillplan.report.formats import tick_text

BOTTOM = 40.0
ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LETTER = 7.5
"""Width of a letter of the labels, in SVG user units."""
GAP = 8.0
"""Between two labels of the x axis at least, in SVG user units."""
AIR = 0.08
"""Part of the range that stays free above and below the curve."""


@dataclass(frozen=True)
class Dot:
    """One point of the curve, with its words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Curve(Plot):
    """Everything that the template needs to draw; lengths in SVG user units."""

    below = BOTTOM
    name: str
    words: str
    width: float
    height: float
    path: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_name: str
    zero_y: float | None
    """Where no difference lies, if it is in sight."""
    left: float = LEFT
    top: float = TOP
    ahead: str = ""
    """A dashed line that goes on from the curve."""


def curve(
    name: str,
    x_name: str,
    points: Sequence[tuple[float, float]],
    x_text: Callable[[float], str],
    y_text: Callable[[float], str],
    width: float = 360,
    height: float = 200,
    ahead: Sequence[tuple[float, float]] = (),
    dots: Sequence[tuple[float, float]] | None = None,
) -> Curve:
    """A curve through (x, y) points, its y axis fitted to them with zero in sight.

    ahead: points of a dashed line that goes on from it. dots: points that are marked, all unless given.
    """
    xs, ys = zip(*points, *ahead, strict=True)
    low, high = fitted(min([0.0, *ys]), max([0.0, *ys]))
    around = 0.0 if min(xs) < max(xs) else 0.5 * max(abs(xs[0]), 1.0)
    x_low, x_high = min(xs) - around, max(xs) + around

    y_marks = told_ticks(low, high, 4, y_text) if any(ys) else [(0.0, y_text(0.0))]
    left = label_room([words for _, words in y_marks])
    room = width - left - RIGHT
    x_marks = [(xs[0], x_text(xs[0]))] if around else told_ticks(x_low, x_high, 6, x_text, room)

    def at_x(x: float) -> float:
        return left + room * (x - x_low) / (x_high - x_low)

    def at_y(y: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * (y - low) / (high - low)

    ordered = sorted(points)
    said = [f"{y_text(y)} at {x_text(x)}" for x, y in ordered]
    return Curve(
        name=name,
        words=f"{name} over {x_name}: {said[0]}, {said[-1]}.",
        width=width,
        height=height,
        path=line([(at_x(x), at_y(y)) for x, y in ordered]),
        dots=tuple(Dot(at_x(x), at_y(y), f"{x_text(x)}: {y_text(y)}") for x, y in (ordered if dots is None else dots)),
        x_ticks=tuple(Tick(at_x(x), words) for x, words in x_marks),
        y_ticks=tuple(Tick(at_y(y), words) for y, words in y_marks),
        x_name=x_name,
        zero_y=at_y(0.0) if low < 0 < high else None,
        left=left,
        ahead=line([(at_x(x), at_y(y)) for x, y in ahead]) if ahead else "",
    )


def label_room(labels: Sequence[str]) -> float:
    """Left margin that the widest label of the y axis fits into."""
    return max([LEFT, *(LETTER * len(label) + 12.0 for label in labels)])


def label_width(labels: Sequence[str]) -> float:
    """What each of some labels takes of an x axis, the gap to the next one included."""
    return LETTER * max(map(len, labels), default=0) + GAP


def fitted(low: float, high: float) -> tuple[float, float]:
    """The range with some air, of some width even if all is equal."""
    spread = high - low or max(abs(high), 1.0)
    return low - AIR * spread, high + AIR * spread


def told_ticks(
    low: float, high: float, most: int, text: Callable[[float], str], room: float = math.inf
) -> list[tuple[float, str]]:
    """Round numbers within a range with their words, as many as the words can tell apart and as fit side by side."""
    marks: list[tuple[float, str]] = []
    for few in range(most, 0, -1):
        marks = [(tick, tick_text(text(tick))) for tick in round_ticks(low, high, few)]
        words = [told for _, told in marks]
        if len(set(words)) == len(words) and len(words) * label_width(words) <= room:
            return marks
    return marks[:1]


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many (and one) round numbers within a range."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in ROUND_STEPS if power * m >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, math.floor(high / step + 1e-9) + 1)]
