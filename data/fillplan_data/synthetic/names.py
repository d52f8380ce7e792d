"""Made-up names for made-up titles."""

from __future__ import annotations

import numpy as np

_ADJECTIVES = """
Amber Borrowed Broken Burning Copper Crimson Distant Drowned Electric Empty Fallen Frozen Gilded Hidden Hollow
Iron Last Lost Midnight Northern Paper Pale Quiet Restless Salt Scarlet Second Silent Silver Sleeping Slow
Southern Stolen Thirteenth Thousand Velvet Wandering White Wild Winter
"""
_NOUNS = """
Archive Bakery Bridge Carnival Choir Circus Coast Corridor Crossing Dynasty Echo Embassy Family Ferry Garden
Harbour Hotel Inheritance Island Kingdom Lantern Library Lighthouse Mountain Neighbour Observatory Orchard
Orchestra Passenger Pilot Promise Republic River Satellite Season Shore Station Summer Tailor Theatre Tide
Valley Village Voyage Witness
"""


def title_names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` names, all different: every pair of words once, then with a number."""
    pairs = [f"The {a} {n}" for a in _ADJECTIVES.split() for n in _NOUNS.split()]
    order = rng.permutation(len(pairs))
    return [pairs[order[k % len(pairs)]] + _number(k // len(pairs)) for k in range(count)]


def _number(round_: int) -> str:
    return "" if round_ == 0 else f" {round_ + 1}"
