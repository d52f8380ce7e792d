"""Weighted quantiles: the price at which a limit is just used up."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_optimizer.decomposition.jit import kernel


@kernel
def select(value: Floats, weight: Floats, count: int, room: float, above: float) -> float:
    """The value at which the weight from the largest value down first exceeds `room`; reorders its input."""
    low, high = 0, count
    while high - low > 1:
        pivot = value[(low + high) // 2]
        greater, scan, end = low, low, high
        weight_greater, weight_equal = 0.0, 0.0
        while scan < end:
            current = value[scan]
            if current > pivot:
                weight_greater += weight[scan]
                value[scan], value[greater] = value[greater], current
                weight[scan], weight[greater] = weight[greater], weight[scan]
                greater += 1
                scan += 1
            elif current < pivot:
                end -= 1
                value[scan], value[end] = value[end], current
                weight[scan], weight[end] = weight[end], weight[scan]
            else:
                weight_equal += weight[scan]
                scan += 1
        if above + weight_greater > room:
            high = greater
        elif above + weight_greater + weight_equal > room:
            return pivot
        else:
            above += weight_greater + weight_equal
            low = end
    return value[low]


@kernel
def quantile(
    value: Floats, weight: Floats, first: int, last: int, room: float, guess: float, v: Floats, w: Floats
) -> float:
    """Least price >= 0 above which entries first .. last - 1 weigh at most `room`; v, w are scratch.

    Only values near `guess` are looked at closely; a wrong guess costs a second pass, never the result.
    """
    low, high = 0.9 * guess, 1.1 * guess
    for _ in range(3):
        above, inside, count = 0.0, 0.0, 0
        for i in range(first, last):
            if value[i] > high:
                above += weight[i]
            elif value[i] > low:
                v[count] = value[i]
                w[count] = weight[i]
                inside += weight[i]
                count += 1
        if above > room:
            low, high = high, np.inf
        elif above + inside > room:
            return select(v, w, count, room, above)
        elif low <= 0.0:
            return 0.0
        else:
            low, high = 0.0, low
    return 0.0
