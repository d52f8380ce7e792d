"""Figures side by side."""

from pathlib import Path

from fillplan.comparison.figures import cache_rows, difference
from fillplan.runs import Run


def test_what_only_rounding_makes_is_no_difference() -> None:
    assert difference(1e15 - 1.0, 1e15) == 0.0
    assert difference(1e9 - 1.0, 1e9) == -1.0
    assert difference(0.0, 0.0) == 0.0
    assert difference(-0.3, 0.0) == -0.3


def _run(served_bytes: dict[str, float]) -> Run:
    keys = dict.fromkeys(("expected_offload", "used_bytes", "storage_bytes", "fill_bytes"), 0.0)
    caches = [{"cache_id": name, "expected_bytes": served, **keys} for name, served in served_bytes.items()]
    return Run(Path(), {"caches": caches})


def test_caches_side_by_side_with_those_of_one_side_only() -> None:
    rows = cache_rows(_run({"a": 5.0, "b": 1e15}), _run({"b": 1e15 - 1.0, "c": 7.0}))
    assert [(row["cache_id"], row["difference"]) for row in rows] == [("c", 7.0), ("a", -5.0), ("b", 0.0)]
    assert (rows[0]["a"], rows[1]["b"]) == (None, None)
