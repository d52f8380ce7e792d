"""When a model is trained, what serves where none can be, and which spec it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fillplan.runs import latest_run
from fillplan.settings import Settings
from fillplan.stages import Stages
from fillplan.workflow import training
from fillplan.workflow.base import Base
from fillplan.workflow.inputs import Inputs
from fillplan.workflow.steps import nightly_step
from fillplan.workspace import Workspace
from fillplan_data.errors import ModelError, NotFound


class Trainings:
    """Counts them in place of `train_model`."""

    def __init__(self, error: ModelError | None = None) -> None:
        self.count, self.error = 0, error

    def __call__(self, inputs: Inputs, stages: Stages) -> None:
        self.count += 1
        if self.error:
            raise self.error


def trainings(
    workspace: Workspace, base: Base, model_name: str, monkeypatch: pytest.MonkeyPatch, days: int, **forecast: Any
) -> int:
    """How often a night trains so many days after the last attempt, where 7 are allowed."""
    counted = Trainings()
    monkeypatch.setattr(training, "train_model", counted)
    settings = Settings.model_validate({"train": {"every_days": 7}, "forecast": forecast})
    plan_date = date.fromisoformat(model_name[:10]) + timedelta(days=days)
    inputs = replace(base.inputs, workspace=workspace, settings=settings, plan_date=plan_date)
    training.train_if_due(inputs, Stages("test"))
    return counted.count


@pytest.mark.parametrize(("days", "count"), [(0, 0), (6, 0), (7, 1)])
def test_a_model_is_trained_once_the_last_attempt_is_old(
    workspace: Workspace, base: Base, model_name: str, monkeypatch: pytest.MonkeyPatch, days: int, count: int
) -> None:
    assert trainings(workspace, base, model_name, monkeypatch, days) == count


def test_who_forecasts_without_a_model_trains_none(
    workspace: Workspace, base: Base, model_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trainings(workspace, base, model_name, monkeypatch, 70, method="recent_mean") == 0
    assert trainings(workspace, base, model_name, monkeypatch, 70, method="model") == 1


def test_a_champion_that_cannot_be_read_is_replaced_at_once(
    workspace: Workspace, base: Base, model_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.models / model_name / "model.json").write_text("{")
    assert trainings(workspace, base, model_name, monkeypatch, 1) == 1


def test_a_history_that_no_model_fits_stops_no_night(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = Trainings(ModelError("too short"))
    monkeypatch.setattr(training, "train_model", refusing)
    monkeypatch.setattr(training, "last_attempt", lambda *_: None)
    monkeypatch.setattr(training, "complete_promotion", lambda *_: None)
    training.train_if_due(base.inputs, Stages("test"))
    assert refusing.count == 1


def test_a_spec_is_a_file_of_the_workspace_or_a_shipped_one(base: Base) -> None:
    def spec(name: str) -> str:
        settings = Settings.model_validate({"train": {"spec": name}})
        return training.model_spec(replace(base.inputs, settings=settings)).name

    assert spec("quick.toml") == "quick"
    assert spec("default") == "default"
    with pytest.raises(NotFound, match=r"fillplan.toml: train.spec: .*none.toml"):
        spec("none.toml")


def test_a_damaged_champion_does_not_stop_a_night_that_cannot_train(workspace: Workspace, model_name: str) -> None:
    """The views are too few to train on: the simple method serves, and plan.json names it."""
    (workspace.models / model_name / "model.json").write_text("{")
    views = workspace.input / "views.csv"
    header, *rows = views.read_text().splitlines()
    last = sorted({row[:10] for row in rows})[-15:]
    views.write_text("\n".join([header, *(row for row in rows if row[:10] in last)]) + "\n")
    nightly_step(workspace.root, None, ["rows_lost"])
    assert not latest_run(workspace).summary["model"]["name"].startswith("boosted")
    assert "champion_unreadable" in workspace.log.read_text()
