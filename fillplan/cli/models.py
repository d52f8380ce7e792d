"""`fillplan models`: which models there are, which is the champion and why, and another champion by hand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fillplan.cli.options import HERE, AsJson, Folder
from fillplan.cli.search import search

models = typer.Typer(
    no_args_is_help=True,
    help="The trained models of a workspace: list, show, promote, roll back; search for a better spec.\n\n"
    "Example: fillplan models list demo",
)

Name = Annotated[str, typer.Argument(help="the model's name, as `models list` shows it")]


@models.command("list")
def list_(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """List the trained models, the newest first, with the champion and the outcome of each trial.

    Example: fillplan models list demo
    """
    _show(_step(folder, "list", None), as_json, cards=False)


@models.command()
def show(name: Name, folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Show a model's trial and card.

    Example: fillplan models show 2026-04-29 demo
    """
    _show(_step(folder, "show", name), as_json, cards=True)


@models.command()
def promote(name: Name, folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Make a model the champion, whatever its trial said.

    Example: fillplan models promote 2026-04-29 demo
    """
    _show(_step(folder, "promote", name), as_json, cards=False)


@models.command()
def rollback(folder: Folder = HERE, as_json: AsJson = False) -> None:
    """Make the champion before the present one the champion again.

    Example: fillplan models rollback demo
    """
    _show(_step(folder, "rollback", None), as_json, cards=False)


models.command()(search)


def _step(folder: Any, action: str, name: str | None) -> Any:
    from fillplan.workflow.steps import models_step

    return models_step(folder, action, name)


def _show(found: Any, as_json: bool, cards: bool) -> None:
    from fillplan.cli.render_models import models_shown

    models_shown(found, as_json, cards)
