"""Tolerances that turn a comparison into a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches

from fillplan.comparison.figures import difference
from fillplan.scenarios.figures import Figures

SHARES = ("offload", "gap", "churn")
"""Figures that are shares: a percentage of theirs is in points."""
NAMES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True)
class Tolerance:
    """How far a figure may move, in either direction."""

    name: str
    amount: float
    is_relative: bool
    """Whether the amount is a part of the first side's figure."""

    def limit(self, first: float) -> float:
        """The largest difference that is let pass."""
        return self.amount * abs(first) if self.is_relative else self.amount


def parse_tolerance(text: str) -> Tolerance:
    """`offload=0.5%`, `fill_bytes=1e12`, `value=1%`. Raises ValueError that says what was expected."""
    name, separator, amount = text.partition("=")
    if name not in NAMES:
        near = get_close_matches(name, NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"expected one of {', '.join(NAMES)} before '=', found {name!r}{hint}")
    try:
        number = float(amount.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not separator or not 0 <= number < float("inf"):
        raise ValueError(f"expected {name}=NUMBER or {name}=PERCENT%, at least 0; found {text!r}")
    if name in SHARES and number > (100 if amount.endswith("%") else 1):
        raise ValueError(
            f"expected points of a share, as {name}=0.5%, or a share up to 1, as {name}=0.005; found {text!r}"
        )
    if not amount.endswith("%"):
        return Tolerance(name, number, is_relative=False)
    return Tolerance(name, number / 100, is_relative=name not in SHARES)


def exceeded(
    tolerances: Sequence[Tolerance], first: Mapping[str, float], second: Mapping[str, float]
) -> list[dict[str, float | str]]:
    """The tolerances that the difference of two sides' figures exceeds."""
    moved = {t.name: difference(second[t.name], first[t.name]) for t in tolerances}
    return [
        {"name": t.name, "difference": moved[t.name], "tolerance": t.limit(first[t.name])}
        for t in tolerances
        if abs(moved[t.name]) > t.limit(first[t.name])
    ]
