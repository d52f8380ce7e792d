"""Answers kept under `whatif/<name>/` in the workspace, and found again while nothing that decides them changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fillplan import __version__
from fillplan.runs import Run, sha256_of, write_json
from fillplan.summary import versions
from fillplan.workspace import Workspace, folder_in_one_piece, locked, set_aside
from fillplan_optimizer.policy import policies_folder

FOLDER = "whatif"
RESULT, PAGE, TEXT = "result.json", "report.html", "report.md"
_OF_RUN = ("plan.json", "plan.parquet", "demand.parquet", "forecast.parquet")
_PACKAGES = ("fillplan", "fillplan_models", "fillplan_optimizer", "fillplan_data")


def answer_folder(workspace: Workspace, name: str) -> Path:
    """Where the answer to the questions of that name stands."""
    return workspace.root / FOLDER / name


def content_key(workspace: Workspace, run: Run, question: Mapping[str, Any]) -> str:
    """A digest of everything that decides an answer: tables, settings, the run, its model, the code, the libraries, the
    question.
    """
    # tables are files or folders of parts; `**` would not go into a folder that is a link
    files = sorted(path for depth in ("*", "*/*") for path in workspace.input.glob(depth) if path.is_file())
    content = {
        "inputs": {path.relative_to(workspace.input).as_posix(): sha256_of(path) for path in files},
        "settings": digest_of(workspace.root / "fillplan.toml"),
        "run": {name: digest_of(run.folder / name) for name in _OF_RUN},
        "model": {p.parent.name: sha256_of(p) for p in sorted(workspace.models.glob("champion/model.json"))},
        "code": code_digest(),
        "versions": versions(),
        "question": question,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def digest_of(path: Path) -> str | None:
    """Of a file; None where there is none."""
    return sha256_of(path) if path.is_file() else None


@cache
def code_digest() -> str:
    """Of the version and of every file of the program, so that a mended method, page or policy is never answered with
    what it said before.
    """
    found = hashlib.sha256(__version__.encode())
    specs = [find_spec(package) for package in _PACKAGES]
    for folder in (*(Path(spec.origin).parent for spec in specs if spec and spec.origin), policies_folder()):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"):
            found.update(path.read_bytes())
    return found.hexdigest()


def stored_answer(folder: Path, key: str) -> dict[str, Any] | None:
    """The answer that stands there, None if there is none or it was for something else."""
    try:
        content = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(content, dict) and content.get("key") == key and (folder / PAGE).exists()
    return content if whole else None


def store_answer(folder: Path, answer: Mapping[str, Any], others: Callable[[Path], None]) -> None:
    """Write an answer and what stands beside it (its page) in one piece, in the place of the one before.

    others: writes them into the given folder. Raises WorkspaceBusy while another question is being written; the night
    is not held up.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        locked(Workspace(folder.parent)),
        folder_in_one_piece(folder, make_room=set_aside) as made,
    ):
        write_json(made / RESULT, answer)
        others(made)
