"""One random generator per part of the world, so that parts do not shift each other."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Part(IntEnum):
    """Parts of the world; the number is the part's spawn key and must never change."""

    REGIONS = 1
    CATALOGUE = 2
    NAMES = 3
    TASTE = 4
    WINDOWS = 5
    PROMOTIONS = 6
    HITS = 7
    DRIFT = 8
    REGION_DRIFT = 9
    VIEWS = 10
    VARIANTS = 12
    FUTURE_VARIANTS = 13
    FILES = 14
    CACHES = 15
    INVENTORY = 16
    PINS = 17
    GAPS = 18
    QUIRKS = 19


def generator(seed: int, part: Part, index: int = 0) -> np.random.Generator:
    """The generator of one part (and of one region or cache of it): a spawned child of the seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(part), index)))
