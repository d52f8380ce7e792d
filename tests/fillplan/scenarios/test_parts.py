"""Numbers that may be swept, within their bounds, and patterns."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fillplan.scenarios.parts import MOST_STEPS, Factor, Selection, Share, Shift, SizeFactor, Sweep

FACTOR, SHARE, SIZE, SHIFT, SELECTION = (TypeAdapter(kind) for kind in (Factor, Share, SizeFactor, Shift, Selection))


def test_a_sweep_is_evenly_spaced_with_both_ends_and_no_crumbs() -> None:
    assert Sweep.model_validate({"from": 0.1, "to": 0.5, "steps": 5}).values == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert Sweep.model_validate({"from": 2, "to": 1, "steps": 2}).values == (2.0, 1.0)


@pytest.mark.parametrize(
    "sweep",
    [
        {"from": 1, "to": 2, "steps": 1},
        {"from": 1, "to": 2, "steps": MOST_STEPS + 1},
        {"from": 1, "to": float("inf"), "steps": 2},
        {"from": 1, "to": 2},
        {"from": 1, "to": 2, "steps": 2, "by": 1},
    ],
)
def test_what_is_no_sweep(sweep: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Sweep.model_validate(sweep)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FACTOR, 0),
        (FACTOR, 1e6),
        (FACTOR, {"from": 0, "to": 1e6, "steps": 2}),
        (SIZE, 1e-3),
        (SHIFT, -3650),
        (SHIFT, {"from": 0, "to": 10, "steps": 3}),
    ],
)
def test_numbers_and_sweeps_within_their_bounds(kind: TypeAdapter[Any], value: Any) -> None:
    found = kind.validate_python(value)
    assert isinstance(found, Sweep) == isinstance(value, dict)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (FACTOR, -0.1, "a number from 0 to 1e"),
        (FACTOR, {"from": 0, "to": 1e6 + 1, "steps": 2}, "a number from 0 to 1e"),
        (FACTOR, {"from": -1, "to": 1, "steps": 2}, "a number from 0 to 1e"),
        (FACTOR, float("nan"), "finite"),
        (FACTOR, True, "valid number"),
        (FACTOR, "1.5", "valid number"),
        (FACTOR, {"from": 1, "to": 2, "steps": True}, "valid integer"),
        (SHARE, {"from": 0.5, "to": 1.5, "steps": 2}, "a number from 0 to 1"),
        (SIZE, 0, "a number from 0.001 to 1000"),
        (SHIFT, 1.5, "whole numbers"),
        (SHIFT, {"from": 0, "to": 3, "steps": 3}, "whole numbers"),
        (SHIFT, 3651, "a number from -3650 to 3650"),
    ],
)
def test_numbers_and_sweeps_beyond_them(kind: TypeAdapter[Any], value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        kind.validate_python(value)


def test_patterns_are_texts_alone_or_in_a_list() -> None:
    asked = {"a": "B*", "b": 5800, "c": [">=5", 0.1], "d": date(2026, 1, 2)}
    assert SELECTION.validate_python(asked) == {"a": ("B*",), "b": ("5800",), "c": (">=5", "0.1"), "d": ("2026-01-02",)}


@pytest.mark.parametrize("value", [True, [], [[3]], {"x": 1}, ["a", False]])
def test_what_is_no_pattern(value: Any) -> None:
    with pytest.raises(ValidationError, match="a pattern"):
        SELECTION.validate_python({"a": value})
