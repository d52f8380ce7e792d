"""Bad nights in `make test`; `python -m tests.faults` runs as many as are asked for."""

from pathlib import Path

import pytest

from tests.faults.laboratory import bad_nights, kinds

NIGHTS = 36


@pytest.mark.parametrize("seed", [11])
def test_every_promise_holds_in_bad_nights(tmp_path: Path, seed: int) -> None:
    nights = list(bad_nights(NIGHTS, seed, tmp_path))
    assert [(night.kind, night.seed, night.broken) for night in nights if night.broken] == []
    assert {night.kind for night in nights} == set(kinds())
