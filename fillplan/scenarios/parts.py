"""What overrides are made of: numbers that may be swept, selections by pattern, dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag

MOST_STEPS = 200


class Part(BaseModel):
    """Frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Sweep(Part):
    """A number that runs over evenly spaced values, so that the results make a curve."""

    first: float = Field(alias="from", strict=True, allow_inf_nan=False, description="first value")
    last: float = Field(alias="to", strict=True, allow_inf_nan=False, description="last value")
    steps: int = Field(strict=True, ge=2, le=MOST_STEPS, description="how many values, both ends included")

    @property
    def values(self) -> tuple[float, ...]:
        """The values, first to last, without the crumbs of binary fractions (0.3, not 0.30000000000000004)."""
        return tuple(float(f"{value:.12g}") for value in np.linspace(self.first, self.last, self.steps))


def _is_sweep(value: Any) -> str:
    return "sweep" if isinstance(value, (dict, Sweep)) else "number"


Number = Annotated[
    Annotated[float, Field(allow_inf_nan=False, strict=True), Tag("number")] | Annotated[Sweep, Tag("sweep")],
    Discriminator(_is_sweep),
]
"""A number, or `{from = 0.5, to = 2.0, steps = 10}`."""


def _between(low: float, high: float, whole: bool = False) -> Callable[[float | Sweep], float | Sweep]:
    def check(number: float | Sweep) -> float | Sweep:
        ends = (number.first, number.last) if isinstance(number, Sweep) else (number,)
        if any(not low <= end <= high for end in ends):
            raise ValueError(f"a number from {low:g} to {high:g}")
        if whole and any(end != int(end) for end in (number.values if isinstance(number, Sweep) else ends)):
            raise ValueError("whole numbers")
        return number

    return check


Factor = Annotated[Number, AfterValidator(_between(0.0, 1e6))]
"""What something is multiplied by."""
Share = Annotated[Number, AfterValidator(_between(0.0, 1.0))]
"""A part of a whole."""
SizeFactor = Annotated[Number, AfterValidator(_between(1e-3, 1e3))]
"""What a file's size is multiplied by; a file of no bytes is none."""
Amount = Annotated[Number, AfterValidator(_between(0.0, 1e18))]
"""An absolute value; the column's own bounds are checked on the table that results."""
Shift = Annotated[Number, AfterValidator(_between(-3650, 3650, whole=True))]
"""Days, whole, later or (negative) earlier."""
Strength = Annotated[Number, AfterValidator(_between(0.0, 1e6))]
"""Of a promotion, in the planner's own scale."""


def _patterns(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, (list, tuple)) else [value]
    if not items or any(isinstance(item, bool) or not isinstance(item, (str, int, float, date)) for item in items):
        raise ValueError("a pattern (text, number, comparison such as `>=5000`) or a list of them")
    return tuple(f"{item:.15g}" if isinstance(item, (int, float)) else str(item) for item in items)


Selection = dict[str, Annotated[Any, PlainValidator(_patterns)]]
"""Column -> patterns, any of which may match: glob (`BR`, `*drama*`) or comparison (`>=5000`, `<2026-01-01`)."""
