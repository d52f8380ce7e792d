"""The variables of the program."""

from __future__ import annotations

from dataclasses import dataclass, field

from fillplan_optimizer.exact.pulp_highs import Variable


@dataclass(frozen=True, eq=False)
class Variables:
    """Keys are indices into the problem's arrays."""

    hold: dict[tuple[int, int], Variable] = field(default_factory=dict)
    """(cache, file): 1 if held after the fill."""
    serve: dict[tuple[int, int, int], Variable] = field(default_factory=dict)
    """(point, position in its order, file): part of the point's demand served there."""
    direct: dict[tuple[int, int], int] = field(default_factory=dict)
    """(point, file): position of the nearest cache, where it has no serve limit; holding alone serves."""
    full: dict[int, Variable] = field(default_factory=dict)
    """cache: 1 if it serves up to its limit; only where a later cache in some order is worth more."""
