"""A short run of the fuzzer; `python -m tests.faults --fuzz SECONDS` runs as long as is asked for."""

from pathlib import Path

from tests.faults.fuzz import fuzz


def test_readers_read_or_refuse_by_name(tmp_path: Path) -> None:
    outcomes = list(fuzz(4, 7, tmp_path))
    assert len(outcomes) > 20
    assert [found for found in outcomes if found[1].startswith("CRASH")] == []
