"""The parent's serve price: a line search, since one file's worth bends at many of its values.

The priced value is convex and piecewise linear along any line, and the loads give its slope, so that the search
goes from crossing to crossing of the tangents at both ends (Kelley's cutting planes on a line) and stops at the kink.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.core import Core, Levels, copy, restore

_STEPS = 40
_PRECISION = 1e-10


def settle_parent_serve(core: Core, levels: Levels, off: Floats, on: Floats) -> None:
    """Best serve price of the parent, alone and then in step with its edges' serve prices.

    Alone it stalls where an edge's byte is worth just as much more than the parent's as its own price allows;
    there only both together can move.
    """
    for moving in _directions(core, levels):
        _search(core, levels, moving, off, on)


def search_parent_serve(
    core: Core, levels: Levels, off: Floats, on: Floats, short: Bools, room: tuple[Floats, Floats], step: float
) -> None:
    """The same with all byte prices following, each probe a sweep with serve prices standing.

    A high serve price with low byte prices and the reverse can both look settled, each given the other.
    room: the scratch and worth of `kernels.sweep`. step: first step of the search, as a part of the parent's worth.
    """
    for moving in _directions(core, levels):
        begin = levels.serve.copy()
        best, kept = kernels.dual(core, levels, off, on), copy(levels)

        def probe(shift: float) -> float:
            nonlocal best, kept
            levels.serve[:] = np.where(moving, np.clip(begin + shift, 0.0, core.value), begin)  # noqa: B023
            kernels.refresh(core, levels, off, on)
            kernels.sweep(core, levels, off, on, short, *room, -1.0)
            value: float = kernels.dual(core, levels, off, on)
            if value < best:
                best, kept = value, copy(levels)
            return value

        low, high = -float(begin[moving].min()), float((core.value - begin)[moving].min())
        close_in(probe, best, step * float(core.value[0]), low, high)
        restore(levels, kept)
        kernels.refresh(core, levels, off, on)


def close_in(probe: Callable[[float], float], best: float, step: float, low: float, high: float) -> float:
    """Least point of a convex function on low .. high, known to be `best` at 0; see `kernels.search_serve`."""
    at, way = 0.0, 0.0
    for sign in (1.0, -1.0):
        if way == 0.0 and low <= sign * step <= high and (f := probe(sign * step)) < best:
            best, at, way = f, sign * step, sign
    left, right = at - step, at + step
    while way != 0.0:
        step *= kernels.GROWTH
        ahead = min(max(at + way * step, low), high)
        f = probe(ahead)
        left, right = min(left, ahead), max(right, ahead)
        if f >= best or ahead == at:
            break
        left, right = (at, right) if way > 0 else (left, at)
        best, at = f, ahead
    for _ in range(kernels.CLOSING if way != 0.0 else 0):
        x = at - kernels.CUT * (at - left) if at - left > right - at else at + kernels.CUT * (right - at)
        f = probe(x)
        if f < best:
            left, right = (left, at) if x < at else (at, right)
            best, at = f, x
        else:
            left, right = (x, right) if x < at else (left, x)
    return at


def _directions(core: Core, levels: Levels) -> list[Bools]:
    """Nodes whose serve prices move together: the parent, and with it all that have a price."""
    root = np.arange(len(core.value)) == 0
    priced = root | (levels.serve > 0)
    return [root] if np.array_equal(priced, root) else [root, priced]


def _search(core: Core, levels: Levels, moving: Bools, off: Floats, on: Floats) -> None:
    """Move the serve prices of some nodes together, within 0 and each one's worth, to the least priced value."""
    begin, load = levels.serve.copy(), np.empty(len(core.value))

    def probe(shift: float) -> tuple[float, float]:
        levels.serve[:] = np.where(moving, np.clip(begin + shift, 0.0, core.value), begin)
        kernels.refresh(core, levels, off, on)
        kernels.loads(core, levels, off, on, load)
        return kernels.dual(core, levels, off, on), float((core.serve - load)[moving].sum())

    lowest = -float(begin[moving].min())
    highest = float((core.value - begin)[moving].min())
    probe(_least(probe, lowest, highest))


def _least(probe: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Where a convex piecewise linear function, given with its slope, is least between low and high."""
    f_low, g_low = probe(low)
    if g_low >= 0.0:
        return low
    f_high, g_high = probe(high)
    if g_high <= 0.0:
        return high
    best, at = min((f_low, low), (f_high, high))
    for _ in range(_STEPS):
        x = (f_low - f_high + g_high * high - g_low * low) / (g_high - g_low)
        x = min(max(x, low), high)
        f, g = probe(x)
        if f < best:
            best, at = f, x
        if f <= f_low + g_low * (x - low) + _PRECISION * abs(f) or not low < x < high:
            return x
        if g < 0.0:
            low, f_low, g_low = x, f, g
        else:
            high, f_high, g_high = x, f, g
    return at
