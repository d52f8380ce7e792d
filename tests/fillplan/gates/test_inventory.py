"""What caches were to keep and hold no more, by hand."""

import pandas as pd
import pytest

from fillplan.gates import inventory
from fillplan.gates.inventory import inventory_lost

PLAN = pd.DataFrame(
    {
        "cache_id": ["a", "a", "b", "b", "b"],
        "asset_id": ["f1", "f2", "f1", "f3", "f4"],
        "action": ["keep", "keep", "keep", "add", "evict"],
        "size_bytes": pd.array([10, 30, 60, 500, 500], dtype="Int64"),
    }
).astype({"cache_id": "category", "asset_id": "category"})


def _held(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["cache_id", "asset_id"]).astype("category")


def test_only_what_was_kept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "SMALL_ROWS", 1)
    assert inventory_lost(_held(("a", "f1"), ("a", "f2"), ("b", "f1")), PLAN).value == 0, "adds may fail"
    assert inventory_lost(_held(("a", "f1"), ("a", "f2"), ("b", "f9"), ("c", "f1")), PLAN).value == 0.6
    assert inventory_lost(_held(("b", "f2"), ("a", "f3")), PLAN).value == 1.0, "those of other caches"
    assert inventory_lost(_held(), PLAN).value == 1.0


def test_small_inventories_are_not_judged() -> None:
    assert inventory_lost(_held(), PLAN).value == 0.0
