"""Train, and let the new model meet the champion and the best simple method before anything is forecast by it."""

from __future__ import annotations

from pathlib import Path

from fillplan.model_store import champion_folder, complete_promotion, last_attempt, store_model, usable_model
from fillplan.settings import FILE_NAME
from fillplan.stages import Stages
from fillplan.workflow.demand import panel_of
from fillplan.workflow.inputs import Inputs
from fillplan_data.errors import ModelError, NotFound
from fillplan_models.model import TrainedModel
from fillplan_models.scoring import Correction
from fillplan_models.spec import ModelSpec, load_spec
from fillplan_models.training import train
from fillplan_models.trial import Trial, hold_trial


def train_model(inputs: Inputs, stages: Stages) -> tuple[TrainedModel, Path, Trial]:
    """Fit the demand model on all history before the plan date; it becomes champion only if it wins its trial.

    Raises ModelError where the history is too short for a model, SettingsError or NotFound for a bad spec.
    """
    with stages.stage("train") as stage:
        run, panel = inputs.settings.run, panel_of(inputs)
        model = train(panel, model_spec(inputs), run.seed, run.threads, progress=stage.note)
        stage.note("meeting its rivals")
        champion = _usable_champion(inputs, stages)
        assert model.holdout is not None
        trial = hold_trial(panel, model.holdout, _twin(champion), run.threads)
        folder = store_model(inputs.workspace, model, trial)
        stages.tell("trial", promoted=trial.promoted, reason=trial.reason, model=folder.name)
        outcome = "champion" if trial.promoted else "not promoted"
        stage.note(f"{model.name}, {model.info.rows:,} rows, {outcome}", model=model.name, rows=model.info.rows)
    return model, folder, trial


def train_if_due(inputs: Inputs, stages: Stages) -> None:
    """Train where the last attempt is older than `train.every_days`, or the champion cannot be read.

    A history that no model can be fitted to is no reason to have no plan: the simple methods serve then, and
    the plan names the method it was made with.
    """
    if inputs.settings.forecast.method not in ("auto", "model"):
        return
    complete_promotion(inputs.workspace)
    last = last_attempt(inputs.workspace, inputs.plan_date)
    there = champion_folder(inputs.workspace) is None or _usable_champion(inputs, stages) is not None
    if there and last is not None and (inputs.plan_date - last).days < inputs.settings.train.every_days:
        return
    try:
        train_model(inputs, stages)
    except ModelError as error:
        stages.tell("training_refused", message=str(error))


def _usable_champion(inputs: Inputs, stages: Stages) -> TrainedModel | None:
    try:
        return usable_model(inputs.workspace, inputs.plan_date)
    except ModelError as error:
        stages.tell("champion_unreadable", message=str(error))
        return None


def _twin(champion: TrainedModel | None) -> tuple[Correction, str] | None:
    """What stands for the champion in a trial; a model without a twin, of an earlier version, defends nothing."""
    rival = None if champion is None else champion.rival
    if champion is None or rival is None:
        return None
    return rival, champion.info.judged_from


def model_spec(inputs: Inputs) -> ModelSpec:
    """The spec that the settings name: a shipped one, or a file of the workspace."""
    name = inputs.settings.train.spec
    try:
        return load_spec(inputs.workspace.root / name if name.endswith(".toml") else name)
    except NotFound as error:
        raise NotFound(f"{inputs.workspace.root / FILE_NAME}: train.spec: {error}") from error
