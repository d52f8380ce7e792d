"""Plans side by side, reckoned by hand."""

from typing import Any

import pytest

from fillplan.replay.misses import CLASSES
from fillplan.replay.scorecard import scorecard


def score(day: str, requested: float, offload: float, wape: float | None = 0.5) -> dict[str, Any]:
    """A plan whose offload was expected, realised and so on in steps of 0.1 below `offload`."""
    return {
        "plan_date": day,
        "days": ["x"] * 3,
        "complete": True,
        "requested_bytes": requested,
        "expected_offload": offload,
        "realised_offload": offload - 0.1,
        "foresight_offload": offload - 0.2,
        "realised_value": requested / 2,
        "foresight_value": requested,
        "alternatives": {"popularity": {"offload": offload - 0.3}, "keep_inventory": {"offload": offload - 0.4}},
        "forecast": None if wape is None else {"wape": wape},
        "regret_offload": {"a": offload / 10, "b": 0.0},
        "regret_value": {"a": requested / 10, "b": 1.0},
        "misses": {name: {"bytes": requested * n} for n, name in enumerate(CLASSES)},
    }


def test_plans_count_by_what_was_requested_and_worth_adds_up() -> None:
    card = scorecard([score("2026-03-01", 300.0, 0.9), score("2026-03-08", 100.0, 0.5, None)])
    total = card["total"]
    assert (total["plans"], total["requested_bytes"]) == (2, 400.0)
    told = [total[f"{name}_offload"] for name in ("expected", "realised", "foresight", "popularity", "keep")]
    assert told == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.4])
    assert (total["realised_value"], total["foresight_value"]) == (200.0, 400.0)
    assert total["regret_offload"] == pytest.approx({"a": 0.08, "b": 0.0})
    assert total["regret_value"] == {"a": 40.0, "b": 2.0}
    assert list(total["misses"].values()) == [400.0 * n for n in range(len(CLASSES))]


def test_a_row_has_each_figure_under_its_own_name() -> None:
    (row,) = scorecard([score("2026-03-01", 300.0, 0.9, 0.25)])["rows"]
    assert (row["plan_date"], row["days_scored"], row["complete"], row["wape"]) == ("2026-03-01", 3, True, 0.25)
    told = [row[f"{name}_offload"] for name in ("expected", "realised", "foresight", "popularity", "keep")]
    assert told == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5])
    assert (row["realised_value"], row["foresight_value"]) == (150.0, 300.0)
    assert scorecard([score("x", 1.0, 0.5, None)])["rows"][0]["wape"] is None


def test_where_nothing_was_requested_shares_are_nothing() -> None:
    total = scorecard([score("2026-03-01", 0.0, 0.9)])["total"]
    assert (total["expected_offload"], total["regret_offload"]["a"]) == (0.0, 0.0)
