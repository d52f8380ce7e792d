"""A terminal of 80 columns."""

import pytest


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def whole(text: str, *words: str) -> bool:
    """Nothing is cut, and these words stand unbroken."""
    return "…" not in text and all(word in text for word in words)
