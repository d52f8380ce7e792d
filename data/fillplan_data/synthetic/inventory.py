"""What the caches hold: an imperfect popularity fill, a few days old, with leftovers."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.synthetic.files import VIDEO, Files
from fillplan_data.synthetic.parts import Part, generator

STALE_DAYS = (-10, -4)
"""The fill goes by what was watched on these days, counted from the plan date."""
_MISJUDGED = 0.5
"""Spread of the error of the popularities that the fill went by."""
_FULL = (0.9, 0.97)
_LEFTOVER_PART = 0.015
_PASSES = 8


def fill_cache(files: Files, requested: Floats, expired: Bools, storage_bytes: int, seed: int, c: int) -> Ints:
    """Files that cache number `c` holds, sorted.

    `requested` [files]: bytes requested of it lately; `expired` [titles]: rights that ended lately in all
    its regions, a few files of which are still there. A held video has its main audio beside it.
    """
    rng = generator(seed, Part.INVENTORY, c)
    density = requested / files.size_bytes * rng.lognormal(0, _MISJUDGED, len(files))
    density[expired[files.title]] = 0
    density = _raise_main_audio(files, density)
    order = np.argsort(-density, kind="stable")[: int((density > 0).sum())]
    held = _take(files.size_bytes, order, storage_bytes * rng.uniform(*_FULL))
    left = rng.permutation(np.flatnonzero(expired[files.title]))
    held = np.concatenate([held, _take(files.size_bytes, left, storage_bytes * _LEFTOVER_PART, passes=1)])
    return _with_main_audio(files, np.sort(held))


def _raise_main_audio(files: Files, density: Floats) -> Floats:
    """Put each title's main audio just before its first video, since it is useless without."""
    first_video = np.zeros(len(files.main_audio))
    video = files.kind == VIDEO
    np.maximum.at(first_video, files.title[video], density[video])
    main = files.main_audio >= 0
    density[files.main_audio[main]] = np.maximum(density[files.main_audio[main]], first_video[main] * (1 + 1e-9))
    return density


def _take(size_bytes: Ints, order: Ints, room_bytes: float, passes: int = _PASSES) -> Ints:
    """Files in order while they fit; one that does not is passed over, up to `passes` times."""
    taken = []
    for _ in range(passes):
        filled = np.cumsum(size_bytes[order])
        fits = int(np.searchsorted(filled, room_bytes, side="right"))
        taken.append(order[:fits])
        room_bytes -= filled[fits - 1] if fits else 0
        order = order[fits + 1 :]
    return np.concatenate(taken)


def _with_main_audio(files: Files, held: Ints) -> Ints:
    has = np.zeros(len(files) + 1, dtype=bool)
    has[held] = True
    alone = (files.kind[held] == VIDEO) & ~has[files.main_audio[files.title[held]]]
    kept: Ints = held[~alone]
    return kept
