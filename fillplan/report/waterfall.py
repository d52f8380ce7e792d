"""Geometry of a waterfall: a figure before, what each cause adds or takes, and the figure after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fillplan.report.charts import RIGHT, TOP, Plot, Tick
from fillplan.report.curves import fitted, label_room, label_width, told_ticks

BOTTOM = 30.0
BAR = 0.62
"""Part of a step's width that its bar takes."""


@dataclass(frozen=True)
class Bar:
    """One step; lengths in SVG user units."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    kind: str
    """`whole` for the figures at both ends, `up` or `down` for a cause."""
    label: str
    words: str


@dataclass(frozen=True)
class Waterfall(Plot):
    """Everything that the template needs to draw."""

    below = BOTTOM
    name: str
    words: str
    width: float
    height: float
    left: float
    bars: tuple[Bar, ...]
    y_ticks: tuple[Tick, ...]


def waterfall(
    name: str,
    before: float,
    parts: Sequence[tuple[str, float]],
    text: Callable[[float], str],
    change: Callable[[float], str],
    width: float = 360,
    height: float = 200,
) -> Waterfall:
    """From `before` over (cause, part) to the sum, on an axis fitted to the levels between, since parts are often
    small beside the whole. It is wider than `width` if the names of many causes need it.
    """
    levels = [before]
    for _, part in parts:
        levels.append(levels[-1] + part)
    low, high = fitted(min(levels), max(levels))
    marks = told_ticks(low, high, 4, text)
    left = label_room([words for _, words in marks])

    names = ["before", *(cause for cause, _ in parts), "after"]
    width = max(width, left + RIGHT + len(names) * label_width(names))

    def at(figure: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * (figure - low) / (high - low)

    step = (width - left - RIGHT) / len(names)
    ends = [("before", low, before, text(before)), ("after", low, levels[-1], text(levels[-1]))]
    causes = [(cause, levels[i], levels[i + 1], change(part)) for i, (cause, part) in enumerate(parts)]
    bars = []
    for place, (label, start, end, told) in enumerate([ends[0], *causes, ends[1]]):
        kind = "whole" if label in ("before", "after") else "up" if end > start else "down"
        x, top, foot = left + (place + (1 - BAR) / 2) * step, at(max(start, end)), at(min(start, end))
        bars.append(Bar(x, top, BAR * step, max(foot - top, 1.0), x + BAR * step / 2, kind, label, f"{label}: {told}"))
    words = f"{name}: " + ", ".join(bar.words for bar in bars) + "."
    ticks = tuple(Tick(at(tick), told) for tick, told in marks)
    return Waterfall(name, words, width, height, left, tuple(bars), ticks)
