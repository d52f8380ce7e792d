"""What follows from a figure: pass, warn or stop."""

import pytest

from fillplan.gates.verdict import Measured, judge
from fillplan.settings import GateSettings

LIMITS = GateSettings(rows_lost=0.4, warn_at=0.5)


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.0, "pass"), (0.2, "pass"), (0.21, "warn"), (0.4, "warn"), (0.41, "stop"), (1e15, "stop")]
)
def test_a_gate_warns_above_a_part_of_its_limit_and_stops_above_it(value: float, verdict: str) -> None:
    assert judge([Measured("rows_lost", value, "")], LIMITS, frozenset())[0].verdict == verdict


def test_only_a_first_night_is_spared() -> None:
    figure = Measured("rows_lost", 0.9, "", spares_first=True)
    first, later = (judge([figure], LIMITS, frozenset(), is_first)[0] for is_first in (True, False))
    assert (first.verdict, later.verdict, later.stops) == ("warn", "stop", True)
    assert judge([Measured("rows_lost", 0.9, "")], LIMITS, frozenset(), is_first=True)[0].stops


def test_what_is_allowed_by_name_is_recorded_as_a_stop_that_does_not_stop() -> None:
    allowed, other = (
        judge([Measured("rows_lost", 0.9, "")], LIMITS, frozenset({name}))[0] for name in ("rows_lost", "x")
    )
    assert (allowed.verdict, allowed.allowed, allowed.stops) == ("stop", True, False)
    assert other.stops
    assert not judge([Measured("rows_lost", 0.1, "")], LIMITS, frozenset({"rows_lost"}))[0].allowed
