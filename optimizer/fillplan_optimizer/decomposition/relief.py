"""The parent's serve price: a line search, since one file's worth bends at many of its values.

The priced value is convex and piecewise linear along any line, and the loads give its slope, so that the search
goes from crossing to crossing of the tangents at both ends (Kelley's cutting planes on a line) and stops at the kink.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.core import Core, Levels
from fillplan_optimizer.problem import Bools, Floats

_STEPS = 40
_PRECISION = 1e-10


def settle_parent_serve(core: Core, levels: Levels, off: Floats, on: Floats) -> None:
    """Best serve price of the parent, alone and then in step with its edges' serve prices.

    Alone it stalls where an edge's byte is worth just as much more than the parent's as its own price allows;
    there only both together can move.
    """
    root = np.zeros(len(core.value), dtype=np.bool_)
    root[0] = True
    for moving in (root, root | (levels.serve > 0)):
        _search(core, levels, moving, off, on)
        if moving.sum() == 1 and not (levels.serve[1:] > 0).any():
            break


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
