"""The page of a what-if answer: scenarios beside the base, curves of sweeps, caches that differ; one HTML file."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from fillplan.report import formats
from fillplan.report.curves import Curve, curve
from fillplan.report.page import filled

CACHES_SHOWN = 60
CURVES = (
    ("value", "Value", formats.short_change),
    ("offload", "Offload", formats.points_change),
    ("origin_bytes", "Origin egress", formats.bytes_change),
    ("fill_bytes", "Fill tonight", formats.bytes_change),
)
"""Figures drawn of a sweep: key, heading, words of a difference."""
OTHER_DEMAND = (
    "Plans of other demand are not set against each other: order and regret are among those of the same demand."
)
"""Told of samples that some plans meet with other demand than the base's."""


def write_page(answer: dict[str, Any], path: Path, label: str | None) -> None:
    """Write the page of an answer of `fillplan whatif`. label: the banner's words, such as 'SYNTHETIC'."""
    path.write_text(
        filled(
            "whatif.html.j2",
            answer=answer,
            label=label,
            plan_date=date.fromisoformat(answer["plan_date"]),
            rows=rows(answer),
            swept_texts=swept_texts(answer),
            curves={s["name"]: scenario_curves(s) for s in answer["scenarios"] if s["swept"]},
            shown=CACHES_SHOWN,
            other_demand=OTHER_DEMAND if several_demands(answer["uncertainty"]) else "",
        ),
        encoding="utf-8",
    )


def several_demands(uncertainty: dict[str, Any] | None) -> bool:
    """Whether some of the plans over samples meet other demand than the rest."""
    return uncertainty is not None and len({plan["demand_of"] for plan in uncertainty["plans"]}) > 1


def swept_texts(answer: dict[str, Any]) -> dict[tuple[str, float | None], str]:
    """What points are called, by the scenario's name and the swept value: no two of a scenario alike."""
    found: dict[tuple[str, float | None], str] = {}
    for scenario in answer["scenarios"]:
        values = [point["swept_value"] for point in scenario["points"] if point["swept_value"] is not None]
        found |= {(scenario["name"], v): formats.number_text(v, formats.digits_apart(values)) for v in values}
    return found


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per scenario and swept value, with a name that tells them apart."""
    texts = swept_texts(answer)
    return [
        {
            **point,
            "swept_text": texts.get((scenario["name"], point["swept_value"]), formats.DASH),
            "id": f"s{number}-{step}",
            "name": scenario["name"],
            "description": scenario["description"],
            "swept": scenario["swept"],
        }
        for number, scenario in enumerate(answer["scenarios"])
        for step, point in enumerate(scenario["points"])
    ]


def scenario_curves(scenario: dict[str, Any]) -> list[Curve]:
    """Differences from the base over the swept number, a curve per figure; values without a plan are left out."""
    planned = [point for point in scenario["points"] if point["difference"] is not None]
    digits = formats.digits_apart([point["swept_value"] for point in planned])
    return [
        curve(
            f"{heading}, difference from the base",
            scenario["swept"],
            [
                (point["swept_value"], {**point["difference"], "value": point["plain_value_difference"]}[key])
                for point in planned
            ],
            partial(formats.number_text, digits=digits),
            words,
        )
        for key, heading, words in (CURVES if planned else ())
    ]


def write_failures_page(answer: dict[str, Any], path: Path, label: str | None) -> None:
    """Write the page of an answer of `fillplan whatif --failures`; parameters as in `write_page`."""
    worst = max((row["lost_value"] for row in answer["failures"]), default=0.0)
    path.write_text(
        filled(
            "failures.html.j2",
            answer=answer,
            label=label,
            plan_date=date.fromisoformat(answer["plan_date"]),
            worst=worst,
            overflowing=sum(bool(row["overflows"]) for row in answer["failures"]),
            kinds={row["kind"]: row["kind"] for row in answer["failures"]},
        ),
        encoding="utf-8",
    )
