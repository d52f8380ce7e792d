"""What a gate found, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fillplan.settings import GateSettings

Outcome = Literal["pass", "warn", "stop"]


@dataclass(frozen=True)
class Measured:
    """A figure that a gate judges: 0 is nothing unusual, and the larger, the stranger."""

    gate: str
    """Name of its limit in the settings under `[gates]`."""
    value: float
    found: str
    """In words, with the numbers that a person needs at night."""
    spares_first: bool = False
    """Whether it only warns where no set is in force yet: no plan at all would be worse than what this may do."""


@dataclass(frozen=True)
class Verdict:
    """One gate's judgement."""

    gate: str
    verdict: Outcome
    value: float
    limit: float
    found: str
    allowed: bool = False
    """A stop that the operator let pass by name for this night."""

    @property
    def stops(self) -> bool:
        """Whether the night must not go on."""
        return self.verdict == "stop" and not self.allowed

    def as_data(self) -> dict[str, Any]:
        """For plan.json and the log."""
        return asdict(self)


def judge(
    measured: Iterable[Measured], settings: GateSettings, allow: frozenset[str], is_first: bool = False
) -> tuple[Verdict, ...]:
    """Compare each figure with its limit: above it stops, above `warn_at` of it warns.

    is_first: no set is in force yet; figures that spare a first night then only warn.
    """
    return tuple(_judge(figure, settings, allow, is_first) for figure in measured)


def _judge(figure: Measured, settings: GateSettings, allow: frozenset[str], is_first: bool) -> Verdict:
    limit = float(getattr(settings, figure.gate))
    outcome: Outcome = "pass"
    if figure.value > limit:
        outcome = "warn" if is_first and figure.spares_first else "stop"
    elif figure.value > limit * settings.warn_at:
        outcome = "warn"
    value = round(min(figure.value, 1e12), 6)
    return Verdict(figure.gate, outcome, value, limit, figure.found, outcome == "stop" and figure.gate in allow)
