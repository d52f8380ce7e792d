"""Bad nights in `make test`; `python -m tests.faults` runs as many as are asked for."""

from pathlib import Path

import pytest

from tests.faults.laboratory import bad_nights, kinds

NIGHTS_EACH = 150
"""Twice that number in all: two seeds, so that two processes share the work."""


@pytest.mark.parametrize("seed", [11, 12])
def test_every_promise_holds_in_bad_nights(tmp_path: Path, seed: int) -> None:
    nights = list(bad_nights(NIGHTS_EACH, seed, tmp_path))
    assert [(night.kind, night.seed, night.broken) for night in nights if night.broken] == []
    assert {night.kind for night in nights} == set(kinds())
