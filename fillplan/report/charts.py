"""Geometry of the charts: from days to SVG paths, ticks and tooltips; the page's template draws them.

Inline SVG instead of plotly: the whole report is a tenth of plotly.js alone, follows light and dark and the
printer by style sheet, needs no script, and every mark can carry its words for a screen reader.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import ClassVar

from fillplan.report.formats import DASH, short_text, tick_text, weekday_text
from fillplan.report.rows import Day, Series

MONDAY = 0
HEADROOM = 2.0
"""The widest band is cut off where it would push the lines below this part of the chart's height."""
LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 12.0, 26.0


class Plot:
    """Where the plot of a chart ends, in SVG user units; charts say how much room the labels `below` it take."""

    width: float
    height: float
    below: ClassVar[float]

    @property
    def right(self) -> float:
        """Right end of the plot."""
        return self.width - RIGHT

    @property
    def bottom(self) -> float:
        """Lower end of the plot."""
        return self.height - self.below


@dataclass(frozen=True)
class Tick:
    """A position on an axis and its words."""

    at: float
    words: str


@dataclass(frozen=True)
class Hit:
    """The strip of one day, with what a pointer or a screen reader is told there."""

    x: float
    width: float
    words: str
    date: date


@dataclass(frozen=True)
class DayChart:
    """Everything that the template needs to draw hours per day; lengths in SVG user units."""

    name: str
    words: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    watched: str
    expected: str
    band: str
    inner_band: str
    foretold: str
    """What earlier runs expected of the days before the plan date."""
    foretold_band: str
    plan_x: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    hits: tuple[Hit, ...]
    is_cut: bool
    """Whether the widest band goes on above the chart."""


def day_chart(series: Series, plan_date: date, width: float, height: float, y_steps: int = 4) -> DayChart:
    """Hours watched, then expected with their bands, over a common axis from zero."""
    days = series.days
    top = nice_ceiling(_highest(days), y_steps)
    step = (width - LEFT - RIGHT) / max(len(days), 1)
    x = [LEFT + (i + 0.5) * step for i in range(len(days))]

    def y(hours: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * min(hours / top, 1.0)

    behind = [(at, d) for at, d in zip(x, days, strict=True) if d.date < plan_date]
    ahead = [(at, d) for at, d in zip(x, days, strict=True) if d.date >= plan_date]
    return DayChart(
        name=series.name,
        words=chart_words(series, plan_date),
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        top=TOP,
        bottom=height - BOTTOM,
        watched=line([(at, None if d.hours is None else y(d.hours)) for at, d in behind]),
        expected=line([(at, y(d.hours or 0.0)) for at, d in ahead]),
        band=area([(at, y(d.low or 0.0), y(d.high or 0.0)) for at, d in ahead]),
        inner_band=area([(at, y(d.inner_low or 0.0), y(d.inner_high or 0.0)) for at, d in ahead]),
        foretold=line([(at, None if d.foretold is None else y(d.foretold)) for at, d in behind]),
        foretold_band="".join(area(run) for run in _unbroken(behind, y)),
        plan_x=ahead[0][0] - step / 2 if ahead else width - RIGHT,
        x_ticks=tuple(
            Tick(at, f"{d.date.day} {d.date:%b}") for at, d in zip(x, days, strict=True) if d.date.weekday() == MONDAY
        ),
        y_ticks=tuple(Tick(y(top * k / y_steps), tick_text(short_text(top * k / y_steps))) for k in range(y_steps + 1)),
        hits=tuple(Hit(at - step / 2, step, day_words(d), d.date) for at, d in zip(x, days, strict=True)),
        is_cut=any(day.high is not None and day.high > top for day in days),
    )


def _unbroken(
    behind: Sequence[tuple[float, Day]], y: Callable[[float], float]
) -> Iterator[list[tuple[float, float, float]]]:
    """Runs of days that were foretold, as points of a band."""
    for known, group in groupby(behind, key=lambda pair: pair[1].foretold is not None):
        if known:
            yield [(at, y(d.inner_low or 0.0), y(d.inner_high or 0.0)) for at, d in group]


def _highest(days: Sequence[Day]) -> float:
    lines = max((h for day in days for h in (day.hours, day.inner_high) if h is not None), default=0.0)
    return min(max((day.high for day in days if day.high is not None), default=0.0) or lines, HEADROOM * lines)


def day_words(day: Day) -> str:
    """'Mon 12 Sep: 1.2 M hours watched; 1.1 M expected (0.9 M to 1.6 M)'."""
    name, between = weekday_text(day.date), f"{short_text(day.inner_low)} to {short_text(day.inner_high)}"
    if day.low is not None:
        return f"{name}: {short_text(day.hours, 'hours')} expected ({between})"
    watched = "no data" if day.hours is None else f"{short_text(day.hours, 'hours')} watched"
    expected = "" if day.foretold is None else f"; {short_text(day.foretold)} expected ({between})"
    return f"{name}: {watched}{expected}"


def chart_words(series: Series, plan_date: date) -> str:
    """What the chart shows, for those who cannot see it."""
    past = [d.hours for d in series.days if d.date < plan_date and d.hours is not None]
    ahead = [d.hours for d in series.days if d.date >= plan_date and d.hours is not None]
    mean_past = short_text(sum(past) / len(past), "hours") if past else DASH
    mean_ahead = short_text(sum(ahead) / len(ahead), "hours") if ahead else DASH
    return (
        f"{series.name}: on average {mean_past} a day watched in the last {len(past)} days, "
        f"{mean_ahead} a day expected in the next {len(ahead)}."
    )


def line(points: Iterable[tuple[float, float | None]]) -> str:
    """SVG path through the points, broken where a value is missing; a lone point becomes a dot of no length."""
    parts, pen_down = [], False
    for x, y in points:
        if y is None:
            pen_down = False
            continue
        # zero-length segment: drawn as a dot by round line caps
        parts.append(f"L{x:.1f} {y:.1f}" if pen_down else f"M{x:.1f} {y:.1f}h0")
        pen_down = True
    return "".join(parts)


def area(points: Sequence[tuple[float, float, float]]) -> str:
    """Closed SVG path between two heights: x, low, high."""
    if not points:
        return ""
    there = "L".join(f"{x:.1f} {high:.1f}" for x, _, high in points)
    back = "L".join(f"{x:.1f} {low:.1f}" for x, low, _ in reversed(points))
    return f"M{there}L{back}Z"


def nice_ceiling(number: float, steps: int) -> float:
    """The smallest top of an axis that gives round ticks: steps of a round number times a power of ten."""
    if number <= 0:
        return float(steps)
    power = 10.0 ** math.floor(math.log10(number / steps))
    return next(
        steps * power * m for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if steps * power * m >= number * (1 - 1e-9)
    )
