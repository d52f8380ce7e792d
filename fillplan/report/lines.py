"""Geometry of a chart with one line per method over common points."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fillplan.report.charts import LEFT, RIGHT, TOP, Plot, Tick, line
from fillplan.report.curves import BOTTOM, Dot, fitted, label_width, round_ticks
from fillplan.report.formats import tick_text


@dataclass(frozen=True)
class Line:
    """One method's line."""

    name: str
    path: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Lines(Plot):
    """Everything that the template needs to draw; lengths in SVG user units."""

    below = BOTTOM
    name: str
    words: str
    x_name: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: float
    height: float
    left: float = LEFT
    top: float = TOP


def lines(
    name: str,
    x_name: str,
    x_words: Sequence[str],
    of_method: Mapping[str, Sequence[float | None]],
    y_text: Callable[[float], str],
    width: float = 360,
    height: float = 220,
) -> Lines:
    """A line per method through equally spaced points, from zero up; points that are not known are left out."""
    known = [y for ys in of_method.values() for y in ys if y is not None]
    high = fitted(0.0, max(known, default=1.0) or 1.0)[1]
    step = (width - LEFT - RIGHT) / max(len(x_words), 1)

    def at_x(i: int) -> float:
        return LEFT + (i + 0.5) * step

    def at_y(y: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * y / high

    drawn = []
    for method, ys in of_method.items():
        points = [(i, y) for i, y in enumerate(ys) if y is not None]
        dots = tuple(Dot(at_x(i), at_y(y), f"{method}, {x_words[i]}: {y_text(y)}") for i, y in points)
        drawn.append(Line(method, line([(dot.x, dot.y) for dot in dots]), dots))
    every = max(1, math.ceil(len(x_words) * label_width(x_words) / (width - LEFT - RIGHT)))
    first = [f"{method} {y_text(ys[0])}" for method, ys in of_method.items() if ys and ys[0] is not None]
    return Lines(
        name=name,
        words=f"{name} over {x_name}; at {x_words[0] if x_words else ''}: {', '.join(first)}.",
        x_name=x_name,
        lines=tuple(drawn),
        x_ticks=tuple(Tick(at_x(i), words) for i, words in enumerate(x_words) if i % every == 0),
        y_ticks=tuple(Tick(at_y(y), tick_text(y_text(y))) for y in round_ticks(0.0, high, 4)),
        width=width,
        height=height,
    )
