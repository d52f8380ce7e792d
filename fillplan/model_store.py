"""Trained models of a workspace: immutable folders, a pointer to the champion, and who was champion when.

`models/<plan date>/` holds a model, its card and `trial.json`: whether it became champion, and why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fillplan.workspace import Workspace, delete_folder, folder_in_one_piece, real, set_aside, switch_link, write_whole
from fillplan_data.errors import NotFound

if TYPE_CHECKING:
    from fillplan_models.model import TrainedModel
    from fillplan_models.trial import Trial

CHAMPION = "champion"
HISTORY = "champions.jsonl"
TRIAL_FILE = "trial.json"
ROLLBACK = "rollback"
CHALLENGER = ".challenger"
"""End of the name of a challenger of the champion's own plan date."""


@dataclass(frozen=True)
class StoredModel:
    """A model's folder, as it is listed."""

    name: str
    is_champion: bool
    trial: dict[str, Any]
    """trial.json; empty where there is none."""
    card: dict[str, Any]
    """card.json; empty where it cannot be read."""


def champion_folder(workspace: Workspace) -> Path | None:
    """Folder of the model in use, None before the first training; it may be gone if somebody deleted it."""
    link = workspace.models / CHAMPION
    return real(link) if link.is_symlink() or link.exists() else None


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


def last_attempt(workspace: Workspace, plan_date: date) -> date | None:
    """Plan date of the newest model trained for this date or before, champion or not."""
    dates = [day for folder in model_folders(workspace) if (day := _date_of(folder)) <= plan_date]
    return max(dates, default=None)


def store_model(workspace: Workspace, model: TrainedModel, trial: Trial) -> Path:
    """Save a model as `models/<plan date>/` and, if it won its trial, make it the champion in one atomic switch.

    A challenger that lost to a champion of the same plan date stands beside it, as `<plan date>.challenger`.
    """
    target = workspace.models / model.info.plan_date
    if not trial.promoted and champion_folder(workspace) == real(target):
        target = target.with_name(target.name + CHALLENGER)
    with folder_in_one_piece(target, make_room=set_aside) as folder:
        model.save(folder)
        (folder / TRIAL_FILE).write_text(json.dumps(trial.as_data(), indent=1) + "\n", encoding="utf-8")
    if trial.promoted:
        _crown(workspace, target, "trial")
    return target


def complete_promotion(workspace: Workspace) -> None:
    """Make the newest model the champion if it won its trial and its process died before it was crowned."""
    folders = model_folders(workspace)
    crowned = {entry.get("model") for entry in _history(workspace)}
    if folders and folders[-1].name not in crowned and _read(folders[-1] / TRIAL_FILE).get("promoted") is True:
        _crown(workspace, folders[-1], "trial")


def promote(workspace: Workspace, name: str, how: str = "promote") -> Path:
    """Make a stored model the champion, whatever its trial said. Raises NotFound, and ModelError if it is damaged."""
    from fillplan_models.model import load

    folder = next((f for f in model_folders(workspace) if f.name == name), None)
    if folder is None:
        known = ", ".join(f.name for f in model_folders(workspace)) or "none"
        raise NotFound(f"{workspace.models}: no model {name!r}; there are: {known}")
    load(folder)
    _crown(workspace, folder, how)
    return folder


def roll_back(workspace: Workspace) -> Path:
    """Make the champion before the present one the champion again. Raises NotFound where there is none left."""
    before = _champion_before(workspace)
    if before is None:
        raise NotFound(
            f"{workspace.models}: no earlier champion is left to go back to; choose one with: "
            "fillplan models promote NAME"
        )
    return promote(workspace, before.name, ROLLBACK)


def _champion_before(workspace: Workspace) -> Path | None:
    """Folder of the champion that a way back goes to, None where there is none left."""
    current, there = champion_folder(workspace), {folder.name: folder for folder in model_folders(workspace)}
    names = (n for n in reversed(_succession(workspace)) if n in there and (current is None or n != current.name))
    return next((there[name] for name in names), None)


def list_models(workspace: Workspace) -> list[StoredModel]:
    """All stored models, the newest first."""
    champion = champion_folder(workspace)
    return [
        StoredModel(f.name, champion == real(f), _read(f / TRIAL_FILE), _read(f / "card.json"))
        for f in reversed(model_folders(workspace))
    ]


def model_folders(workspace: Workspace) -> list[Path]:
    """Folders of stored models, the oldest first."""
    return sorted(f for f in workspace.models.glob("????-??-??*") if f.is_dir() and _date_of(f) != date.max)


def prune_models(workspace: Workspace, keep: int) -> None:
    """Delete the oldest models but `keep`, never the champion nor the one before it: a champion that held out for
    long is older than all that lost to it, and is gone back to on the very night that it was beaten.
    """
    kept = (champion_folder(workspace), _champion_before(workspace))
    for folder in model_folders(workspace)[:-keep]:
        if folder not in kept and real(folder) not in kept:
            delete_folder(folder)


def _crown(workspace: Workspace, folder: Path, how: str) -> None:
    lines = [*_history(workspace), {"model": folder.name, "by": how}]
    switch_link(workspace.models / CHAMPION, folder)
    write_whole(workspace.models / HISTORY, "".join(json.dumps(line) + "\n" for line in lines[-100:]).encode())


def _succession(workspace: Workspace) -> list[str]:
    """Champions one after the other, less those that were rolled back: a second way back does not return to them."""
    line: list[str] = []
    for entry in _history(workspace):
        name = str(entry.get("model"))
        if entry.get("by") == ROLLBACK and name in line:
            del line[len(line) - line[::-1].index(name) :]
        else:
            line.append(name)
    return line


def _history(workspace: Workspace) -> list[dict[str, Any]]:
    """Who was made champion, the latest last; lines that cannot be read are left out."""
    path = workspace.models / HISTORY
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return [entry for line in lines if (entry := _object(line))]


def _object(text: str) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _date_of(folder: Path) -> date:
    try:
        return date.fromisoformat(folder.name[:10])
    except ValueError:
        return date.max


def _read(path: Path) -> dict[str, Any]:
    try:
        return _object(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
