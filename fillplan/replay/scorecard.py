"""A scorecard: the scores of many plans side by side, and what they come to together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fillplan.replay.misses import CLASSES

COLUMNS = (
    *("plan_date", "days_scored", "complete", "requested_bytes", "expected_offload", "realised_offload"),
    *("foresight_offload", "realised_value", "foresight_value", "popularity_offload", "keep_offload", "wape"),
)


def scorecard(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows per plan date, and totals in which every plan counts by its requested bytes."""
    rows = [_row(score) for score in scores]
    weights = [row["requested_bytes"] for row in rows]
    total = sum(weights)

    def mean(values: Sequence[float]) -> float:
        return sum(w * v for w, v in zip(weights, values, strict=True)) / total if total else 0.0

    offloads = ("expected_offload", "realised_offload", "foresight_offload", "popularity_offload", "keep_offload")
    return {
        "rows": rows,
        "total": {
            "plans": len(rows),
            "requested_bytes": total,
            **{name: mean([row[name] for row in rows]) for name in offloads},
            "realised_value": sum(row["realised_value"] for row in rows),
            "foresight_value": sum(row["foresight_value"] for row in rows),
            "regret_offload": {
                part: mean([score["regret_offload"][part] for score in scores]) for part in scores[0]["regret_offload"]
            },
            "regret_value": {
                part: sum(score["regret_value"][part] for score in scores) for part in scores[0]["regret_value"]
            },
            "misses": {name: sum(score["misses"][name]["bytes"] for score in scores) for name in CLASSES},
        },
    }


def _row(score: Mapping[str, Any]) -> dict[str, Any]:
    alternatives, forecast = score["alternatives"], score["forecast"]
    return dict(
        zip(
            COLUMNS,
            (
                *(score["plan_date"], len(score["days"]), score["complete"], score["requested_bytes"]),
                *(score["expected_offload"], score["realised_offload"], score["foresight_offload"]),
                *(score["realised_value"], score["foresight_value"]),
                *(alternatives["popularity"]["offload"], alternatives["keep_inventory"]["offload"]),
                None if forecast is None else forecast["wape"],
            ),
            strict=True,
        )
    )
