"""`compare`: two runs or scenarios side by side, and what their difference is due to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fillplan.comparison.attribution import METRICS, attribute
from fillplan.comparison.figures import cache_rows, difference, figures_of, region_rows, title_rows
from fillplan.comparison.sides import Side
from fillplan.comparison.tolerances import Tolerance, exceeded
from fillplan.report.formats import day_text
from fillplan.stages import Stages
from fillplan.summary import solver_words
from fillplan.workflow.sides import side_of
from fillplan.workspace import Workspace, synthetic_label
from fillplan_data.errors import Infeasible

FEW_SHARED = 0.5
"""Part of all caches under which two sides hardly share any."""


def compare_step(first: Path, second: Path, tolerances: Sequence[Tolerance]) -> dict[str, Any]:
    """Compare two sides; each a run folder, a workspace for its latest run, or a scenario of an answer of `whatif`.
    Reads only.

    Raises NotFound for anything else, VerificationFailed where a run is damaged or an answer out of date.
    """
    with Stages("compare") as stages:
        a = side_of(first, stages)
        b = side_of(second, stages, a)
        before, after = asdict(figures_of(a.run)), asdict(figures_of(b.run))
        notes = [*_notes(a, b), *_few_shared(a, b)]
        attribution = None
        if a.tables is not None and b.tables is not None:
            with stages.stage("causes") as stage:
                stored = {metric: difference(after[metric], before[metric]) for metric in METRICS}
                try:
                    attribution = attribute(a, b, stored, stage.note)
                except Infeasible as refusal:
                    notes.append(f"Causes are not told apart: a mixture of both has pins that cannot be met. {refusal}")
        by, titles = title_rows(a, b)
        return {
            "ok": True,
            "a": _side(a, before, _label(a, b)),
            "b": _side(b, after, _label(b, a)),
            "difference": {name: difference(after[name], before[name]) for name in before},
            "attribution": attribution,
            "exceeded": exceeded(tolerances, before, after),
            "caches": cache_rows(a.run, b.run),
            "regions": region_rows(a, b),
            "by": by,
            "titles": titles,
            "notes": notes,
            "seconds": stages.seconds,
        }


def _label(side: Side, other: Side) -> str:
    """How a person calls a side: its scenario, or its plan date; with the folder where both would be called alike."""
    named, others = (_called(s) for s in (side, other))
    return f"{named}, {side.name}" if named == others and side.name != other.name else named


def _called(side: Side) -> str:
    return side.scenario or f"plan for {day_text(side.run.plan_date)}"


def _side(side: Side, figures: dict[str, float], label: str) -> dict[str, Any]:
    summary = side.run.summary
    return {
        "name": side.name,
        "label": label,
        "run": str(side.run.folder),
        "scenario": side.scenario,
        "plan_date": summary["plan_date"],
        "horizon_days": summary["horizon_days"],
        "model": summary["model"].get("name"),
        "solver": solver_words(summary),
        "synthetic": synthetic_label(Workspace(side.root)),
        "figures": figures,
    }


def _few_shared(a: Side, b: Side) -> list[str]:
    """Runs of different networks have figures side by side, but nothing that moved from one to the other."""
    mine, others = ({cache["cache_id"] for cache in side.run.summary["caches"]} for side in (a, b))
    shared, in_all = len(mine & others), len(mine | others)
    if shared >= FEW_SHARED * in_all:
        return []
    return [f"Only {shared} of {in_all} caches are in both: these look like different networks."]


def _notes(a: Side, b: Side) -> list[str]:
    notes = []
    for which, side in (("first", a), ("second", b)):
        if side.tables is None:
            notes.append(
                f"The tables of the {which} run are gone or no longer readable: its figures are those of its folder, "
                "regions' own caches and titles are not told, and the causes cannot be told apart."
            )
        elif side.changed:
            notes.append(
                f"Tables have changed since the {which} run ({', '.join(side.changed)}): what that did counts as other."
            )
    days = {side.run.summary["horizon_days"] for side in (a, b)}
    if len(days) > 1:
        notes.append("The horizons differ in length: bytes and value are sums over different numbers of days.")
    return notes
