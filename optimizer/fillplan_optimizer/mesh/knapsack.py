"""One cache at given worths: the best fractional choice, with prices for the companion rule.

Storage and fill are nested limits, so that files taken by falling density, as far as both let them in, are the best
fractional choice. A video may pay for its main audio (a price per cache and video): with q the rent of a file's room
and fill, r = worth - q and the audio short by g, each of its videos with r > 0 pays r min(1, g / sum of r). That is the
best payment at these rents; any payment keeps a bound valid.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.network import ALLOWED, FORCED, FRESH, Flags, Index


@kernel
def pay_companions(
    worth: Floats, size: Ints, flag: Flags, mate: Index, storage_price: float, fill_price: float
) -> None:
    """Shift worth from videos to the main audio that they bring along; `mate` is -1 where nothing must come along."""
    rent = np.empty(len(worth))
    surplus = np.zeros(len(worth))
    for k in range(len(worth)):
        rent[k] = size[k] * (storage_price + (fill_price if flag[k] & FRESH else 0.0))
    for k in range(len(worth)):
        if mate[k] >= 0 and flag[k] & FORCED == 0 and worth[k] > rent[k]:
            surplus[mate[k]] += worth[k] - rent[k]
    shift = np.zeros(len(worth))
    for k in range(len(worth)):
        audio = mate[k]
        if audio < 0 or flag[k] & FORCED or worth[k] <= rent[k] or flag[audio] & FORCED:
            continue
        short = rent[audio] - worth[audio]
        if short > 0.0:
            paid = (worth[k] - rent[k]) * min(1.0, short / surplus[audio])
            shift[k] -= paid
            shift[audio] += paid
    for k in range(len(worth)):
        worth[k] += shift[k]


@kernel
def best_parts(
    worth: Floats,
    part: Floats,
    size: Ints,
    flag: Flags,
    limits: tuple[float, float],
    guess: tuple[float, float],
) -> tuple[float, float, float]:
    """The best fractional choice: forced files first, then by falling density.

    worth: [K], fill costs taken off. part: [K] written, 0 to 1. limits: units of room and of fill. guess: prices of
    room and of fill below the true ones, which only save time. Returns the worth of the choice and the prices of one
    more unit of room and of fill.
    """
    density = np.zeros(len(size))
    for file in range(len(size)):
        if flag[file] & ALLOWED and flag[file] & FORCED == 0 and worth[file] > 0.0:
            density[file] = worth[file] / size[file]
    left = np.empty(4)
    total = _from_nothing(worth, part, size, flag, limits, left)
    total += _take(density, size, flag, worth, part, left, guess, np.inf)
    if left[1] > 0.0 and guess[1] > 0.0:  # fill was worth less than the guess: new files wait among those left out
        guess = (guess[0], 0.0)
        total = _from_nothing(worth, part, size, flag, limits, left)
        total += _take(density, size, flag, worth, part, left, guess, np.inf)
    if left[0] > 0.0:
        rest = (0.0, np.inf if left[1] <= 0.0 else 0.0)
        total += _take(density, size, flag, worth, part, left, rest, guess[0])
    return total, left[2], max(0.0, left[3] - left[2])


@kernel
def _from_nothing(
    worth: Floats, part: Floats, size: Ints, flag: Flags, limits: tuple[float, float], left: Floats
) -> float:
    """Only what is forced; `left` as in `_take`."""
    total = 0.0
    left[0], left[1], left[2], left[3] = limits[0], limits[1], 0.0, 0.0
    for file in range(len(size)):
        part[file] = 0.0
        if flag[file] & FORCED:
            part[file] = 1.0
            total += worth[file]
            left[0] -= size[file]
            left[1] -= size[file] if flag[file] & FRESH else 0
    return total


@kernel
def _take(
    density: Floats,
    size: Ints,
    flag: Flags,
    worth: Floats,
    part: Floats,
    left: Floats,
    least: tuple[float, float],
    most: float,
) -> float:
    """Take files by falling density while there is room: over least[0], new ones over both, none over `most`.

    `left`: room, fill, density of the first file that met no room, and of the first that met no fill.
    """
    total = 0.0
    fresh_least = least[0] + least[1]
    over = np.where(flag & FRESH != 0, fresh_least, least[0])
    dense = np.flatnonzero((density > over) & (density <= most))
    for file in dense[np.argsort(-density[dense], kind="mergesort")]:
        fresh = flag[file] & FRESH != 0
        taken = max(0.0, min(float(size[file]), left[0], left[1] if fresh else left[0]))
        part[file] = taken / size[file]
        total += part[file] * worth[file]
        left[0] -= taken
        left[1] -= taken if fresh else 0.0
        if taken < size[file]:
            if fresh and left[1] <= 0.0:
                left[3] = max(left[3], density[file])
            if left[0] <= 0.0:
                left[2] = density[file]
                break
    return total
