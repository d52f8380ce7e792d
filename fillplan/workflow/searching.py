"""`models search`: better values for a model spec, judged at past plan dates of one or more workspaces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fillplan.runs import write_json
from fillplan.workflow.backtest import Course, origin_days
from fillplan.workflow.inputs import FOR_DEMAND, Inputs, load_inputs
from fillplan.workflow.steps import writing
from fillplan.workflow.training import model_spec
from fillplan.workspace import write_whole
from fillplan_data.errors import ModelError
from fillplan_models.panel import build_panel
from fillplan_models.search import Origin, Tried, is_installed, make_origin, search
from fillplan_models.spec import ModelSpec

SHOWN = 5
"""Best trials that are told."""


@dataclass(frozen=True)
class Budget:
    """How long is searched, and at which past plan dates."""

    trials: int = 20
    origins: int = 2
    every_days: int = 14


def search_spec(root: Path, others: Sequence[Path], plan_date: date | None, budget: Budget) -> dict[str, Any]:
    """Search over the spec that the settings of `root` name; writes `searches/<spec>/`.

    others: further workspaces, only read, whose past plan dates count as well. Trials are kept as they end, under a
    name made of the spec, its search space and the inputs: the same question goes on where it ended, another
    begins anew. Raises ModelError where optuna is missing, the spec has no search space, or no origin fits.
    """
    if not is_installed():
        raise ModelError("expected optuna to search with, found none: pip install fillplan[search]")
    with writing(root, "search") as (workspace, stages):
        inputs = [load_inputs(folder, FOR_DEMAND, plan_date, stages) for folder in (root, *others)]
        spec, run = model_spec(inputs[0]), inputs[0].settings.run
        if not spec.search:
            raise ModelError(f"expected a search space under [search] in the spec {spec.name}, found none")
        folder = workspace.root / "searches" / spec.name
        folder.mkdir(parents=True, exist_ok=True)
        with stages.stage("origins"):
            named = zip(inputs, _labels(inputs), strict=True)
            origins = [origin for given, label in named for origin in _origins(given, label, budget)]
        name = _study_name(spec, inputs, origins)
        with stages.stage("search") as stage:
            study = (folder / "trials.log", name)
            tried = search(spec, origins, study, budget.trials, run.seed, run.threads, stage.note)
        answer = _answer(spec, name, origins, tried)
        _write(folder, spec, tried[0], answer)
    return {"ok": True, **answer, "folder": str(folder), "seconds": stages.seconds}


def _origins(inputs: Inputs, label: str, budget: Budget) -> list[Origin]:
    """Past plan dates of one workspace; the panel is cut there again by every trial."""
    horizon = inputs.settings.plan.horizon_days
    panel = build_panel(inputs.tables, inputs.plan_date, horizon)
    days = origin_days(panel.views_end, horizon, Course(budget.origins, budget.every_days))
    threads = inputs.settings.run.threads
    return [make_origin(f"{label} {panel.first_day + timedelta(days=day)}", panel, day, threads) for day in days]


def _labels(inputs: Sequence[Inputs]) -> list[str]:
    """The names of the workspaces' folders, numbered where several have the same: scores are told by them."""
    names = [given.workspace.root.resolve().name for given in inputs]
    return [f"{name} ({n})" if names.count(name) > 1 else name for n, name in enumerate(names, start=1)]


def _study_name(spec: ModelSpec, inputs: Sequence[Inputs], origins: Sequence[Origin]) -> str:
    run = inputs[0].settings.run
    question = [
        spec.model_dump(mode="json"),
        [dict(given.tables.sha256) for given in inputs],
        [(origin.name, origin.panel.horizon_days) for origin in origins],
        run.seed,
    ]
    digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    return f"{spec.name}-{digest[:12]}"


def _answer(spec: ModelSpec, study: str, origins: Sequence[Origin], tried: Sequence[Tried]) -> dict[str, Any]:
    """What search.json holds."""
    present = next((t for t in tried if t.values == {name: spec.value(name) for name in spec.search}), None)
    return {
        "spec": spec.name,
        "study": study,
        "origins": [origin.name for origin in origins],
        "trials": len(tried),
        "present": None if present is None else asdict(present),
        "best": [asdict(t) for t in tried[:SHOWN]],
    }


def _write(folder: Path, spec: ModelSpec, best: Tried, answer: dict[str, Any]) -> None:
    found = spec.with_values(best.values).model_copy(update={"name": f"{spec.name}-found"})
    text = f"# Found by `fillplan models search`: {answer['study']}\n{found.as_toml()}"
    write_whole(folder / "best.toml", text.encode())
    write_json(folder / "search.json", answer)
