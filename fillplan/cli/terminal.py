"""What may go to a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """Nothing that came from outside may steer the terminal."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else repr(sign)[1:-1] for sign in text)
