"""Trained models of a workspace: immutable folders, and a pointer to the champion."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fillplan.workspace import Workspace, delete_folder, folder_in_one_piece, set_aside, switch_link

if TYPE_CHECKING:
    from fillplan_models.model import TrainedModel

CHAMPION = "champion"


def champion_folder(workspace: Workspace) -> Path | None:
    """Folder of the model in use, None before the first training; it may be gone if somebody deleted it."""
    link = workspace.models / CHAMPION
    return link.resolve() if link.is_symlink() or link.exists() else None


def usable_model(workspace: Workspace, plan_date: date) -> TrainedModel | None:
    """The champion, unless it was trained for a later plan date and so knows what `plan_date` must not.

    Raises ModelError if its files are damaged.
    """
    from fillplan_models.model import load

    folder = champion_folder(workspace)
    if folder is None:
        return None
    model = load(folder)
    return model if trained_for(model) <= plan_date else None


def trained_for(model: TrainedModel) -> date:
    """The first day that a model has not seen."""
    return date.fromisoformat(model.info.plan_date)


def store_champion(workspace: Workspace, model: TrainedModel) -> Path:
    """Save a model as `models/<plan date>/` and make it the champion in one atomic switch."""
    target = workspace.models / model.info.plan_date
    with folder_in_one_piece(target, make_room=set_aside) as folder:
        model.save(folder)
    switch_link(workspace.models / CHAMPION, target)
    return target


def prune_models(workspace: Workspace, keep: int) -> None:
    """Delete the oldest models but `keep`, never the champion."""
    for folder in sorted(workspace.models.glob("????-??-??"))[:-keep]:
        if folder.resolve() != champion_folder(workspace):
            delete_folder(folder)
