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


def judge(measured: Iterable[Measured], settings: GateSettings, allow: frozenset[str]) -> tuple[Verdict, ...]:
    """Compare each figure with its limit: above it stops, above `warn_at` of it warns."""
    return tuple(_judge(figure, settings, allow) for figure in measured)


def _judge(figure: Measured, settings: GateSettings, allow: frozenset[str]) -> Verdict:
    limit = float(getattr(settings, figure.gate))
    outcome: Outcome = "pass"
    if figure.value > limit:
        outcome = "stop"
    elif figure.value > limit * settings.warn_at:
        outcome = "warn"
    value = round(min(figure.value, 1e12), 6)
    return Verdict(figure.gate, outcome, value, limit, figure.found, outcome == "stop" and figure.gate in allow)
