"""Values of TOML files as settings and specs take them."""

from __future__ import annotations


def as_toml_says(value: object) -> object:
    """The value for a strict field, which takes no truth value or text for a number: 7.0 is whole, a list a tuple."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return tuple(value) if isinstance(value, list) else value
