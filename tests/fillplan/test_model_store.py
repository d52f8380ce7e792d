"""Who is champion, who was, and going back."""

import json
import shutil
from datetime import date

import pytest

from fillplan.model_store import (
    champion_folder,
    last_attempt,
    list_models,
    promote,
    prune_models,
    roll_back,
    store_model,
    usable_model,
)
from fillplan.workspace import Workspace
from fillplan_data.errors import ModelError, NotFound
from fillplan_models.model import load
from fillplan_models.trial import Trial

LOST = Trial(False, "does not beat ewma by more than chance")


def test_a_challenger_that_lost_leaves_the_champion(workspace: Workspace, model_name: str) -> None:
    model = load(workspace.models / model_name)
    before = (workspace.models / model_name / "model.json").read_bytes()
    folder = store_model(workspace, model, LOST)
    assert folder.name == f"{model_name}.challenger"
    assert (workspace.models / model_name / "model.json").read_bytes() == before
    champion = champion_folder(workspace)
    assert champion is not None and champion.name == model_name
    assert json.loads((folder / "trial.json").read_text())["promoted"] is False


def test_promotion_and_rollback(workspace: Workspace, model_name: str) -> None:
    shutil.copytree(workspace.models / model_name, workspace.models / "2199-01-01")
    promote(workspace, "2199-01-01")
    assert [(m.name, m.is_champion) for m in list_models(workspace)] == [("2199-01-01", True), (model_name, False)]
    assert roll_back(workspace).name == model_name
    promote(workspace, "2199-01-01")
    shutil.rmtree(workspace.models / model_name)
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)


def test_each_way_back_goes_one_further(workspace: Workspace, model_name: str) -> None:
    for later in ("2198-01-01", "2199-01-01"):
        shutil.copytree(workspace.models / model_name, workspace.models / later)
        promote(workspace, later)
    assert [roll_back(workspace).name for _ in range(2)] == ["2198-01-01", model_name]
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)
    promote(workspace, "2199-01-01")
    assert roll_back(workspace).name == model_name, "the one in between was rolled back and stays passed over"


def test_what_cannot_be_read_is_not_promoted(workspace: Workspace, model_name: str) -> None:
    shutil.copytree(workspace.models / model_name, workspace.models / "2199-01-01")
    (workspace.models / "2199-01-01" / "booster.txt").write_text("junk")
    with pytest.raises(ModelError):
        promote(workspace, "2199-01-01")
    with pytest.raises(NotFound, match=model_name):
        promote(workspace, "1999-01-01")
    champion = champion_folder(workspace)
    assert champion is not None and champion.name == model_name


def test_a_champion_that_leads_round_in_a_circle_is_unreadable(workspace: Workspace, model_name: str) -> None:
    (workspace.models / "champion").unlink()
    (workspace.models / "champion").symlink_to("champion")
    with pytest.raises(ModelError):
        usable_model(workspace, date.fromisoformat(model_name))
    promote(workspace, model_name)
    assert champion_folder(workspace) == workspace.models / model_name


def test_attempts_count_up_to_the_plan_date(workspace: Workspace, model_name: str) -> None:
    day = date.fromisoformat(model_name)
    assert last_attempt(workspace, day) == day
    assert last_attempt(workspace, date(1999, 1, 1)) is None


def test_the_champion_is_never_pruned(workspace: Workspace, model_name: str) -> None:
    for year in (2197, 2198, 2199):
        shutil.copytree(workspace.models / model_name, workspace.models / f"{year}-01-01")
    prune_models(workspace, 2)
    assert [m.name for m in list_models(workspace)] == ["2199-01-01", "2198-01-01", model_name]


def test_a_champion_that_held_out_for_long_can_be_gone_back_to(workspace: Workspace, model_name: str) -> None:
    for year in (2196, 2197, 2198, 2199):
        shutil.copytree(workspace.models / model_name, workspace.models / f"{year}-01-01")
    promote(workspace, "2199-01-01")
    prune_models(workspace, 2)
    assert [m.name for m in list_models(workspace)] == ["2199-01-01", "2198-01-01", model_name]
    assert roll_back(workspace).name == model_name


def test_a_junk_line_does_not_take_the_rest_of_the_history_along(workspace: Workspace, model_name: str) -> None:
    shutil.copytree(workspace.models / model_name, workspace.models / "2199-01-01")
    promote(workspace, "2199-01-01")
    with (workspace.models / "champions.jsonl").open("ab") as history:
        history.write(b"\xff{[\n[]\n")
    assert roll_back(workspace).name == model_name


def test_a_junk_history_is_no_history(workspace: Workspace, model_name: str) -> None:
    (workspace.models / "champions.jsonl").write_bytes(b"\xff{[")
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)
    promote(workspace, model_name)
