"""Who is champion, who was, and going back."""

import json
import shutil
from datetime import date
from pathlib import Path

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


@pytest.fixture
def workspace(night_copy: Path) -> Workspace:
    """With one stored model, by whatever outcome of its trial."""
    return Workspace(night_copy)


@pytest.fixture
def name(workspace: Workspace) -> str:
    (model,) = list_models(workspace)
    promote(workspace, model.name)
    return model.name


def test_a_challenger_that_lost_leaves_the_champion(workspace: Workspace, name: str) -> None:
    model = load(workspace.models / name)
    before = (workspace.models / name / "model.json").read_bytes()
    folder = store_model(workspace, model, LOST)
    assert folder.name == f"{name}.challenger"
    assert (workspace.models / name / "model.json").read_bytes() == before
    champion = champion_folder(workspace)
    assert champion is not None and champion.name == name
    assert json.loads((folder / "trial.json").read_text())["promoted"] is False


def test_promotion_and_rollback(workspace: Workspace, name: str) -> None:
    shutil.copytree(workspace.models / name, workspace.models / "2199-01-01")
    promote(workspace, "2199-01-01")
    assert [(m.name, m.is_champion) for m in list_models(workspace)] == [("2199-01-01", True), (name, False)]
    assert roll_back(workspace).name == name
    promote(workspace, "2199-01-01")
    shutil.rmtree(workspace.models / name)
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)


def test_each_way_back_goes_one_further(workspace: Workspace, name: str) -> None:
    for later in ("2198-01-01", "2199-01-01"):
        shutil.copytree(workspace.models / name, workspace.models / later)
        promote(workspace, later)
    assert [roll_back(workspace).name for _ in range(2)] == ["2198-01-01", name]
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)
    promote(workspace, "2199-01-01")
    assert roll_back(workspace).name == name, "the one in between was rolled back and stays passed over"


def test_what_cannot_be_read_is_not_promoted(workspace: Workspace, name: str) -> None:
    shutil.copytree(workspace.models / name, workspace.models / "2199-01-01")
    (workspace.models / "2199-01-01" / "booster.txt").write_text("junk")
    with pytest.raises(ModelError):
        promote(workspace, "2199-01-01")
    with pytest.raises(NotFound, match=name):
        promote(workspace, "1999-01-01")
    champion = champion_folder(workspace)
    assert champion is not None and champion.name == name


def test_a_champion_that_leads_round_in_a_circle_is_unreadable(workspace: Workspace, name: str) -> None:
    (workspace.models / "champion").unlink()
    (workspace.models / "champion").symlink_to("champion")
    with pytest.raises(ModelError):
        usable_model(workspace, date.fromisoformat(name))
    promote(workspace, name)
    assert champion_folder(workspace) == workspace.models / name


def test_attempts_count_up_to_the_plan_date(workspace: Workspace, name: str) -> None:
    day = date.fromisoformat(name)
    assert last_attempt(workspace, day) == day
    assert last_attempt(workspace, date(1999, 1, 1)) is None


def test_the_champion_is_never_pruned(workspace: Workspace, name: str) -> None:
    for year in (2197, 2198, 2199):
        shutil.copytree(workspace.models / name, workspace.models / f"{year}-01-01")
    prune_models(workspace, 2)
    assert [m.name for m in list_models(workspace)] == ["2199-01-01", "2198-01-01", name]


def test_a_champion_that_held_out_for_long_can_be_gone_back_to(workspace: Workspace, name: str) -> None:
    for year in (2196, 2197, 2198, 2199):
        shutil.copytree(workspace.models / name, workspace.models / f"{year}-01-01")
    promote(workspace, "2199-01-01")
    prune_models(workspace, 2)
    assert [m.name for m in list_models(workspace)] == ["2199-01-01", "2198-01-01", name]
    assert roll_back(workspace).name == name


def test_a_junk_line_does_not_take_the_rest_of_the_history_along(workspace: Workspace, name: str) -> None:
    shutil.copytree(workspace.models / name, workspace.models / "2199-01-01")
    promote(workspace, "2199-01-01")
    with (workspace.models / "champions.jsonl").open("ab") as history:
        history.write(b"\xff{[\n[]\n")
    assert roll_back(workspace).name == name


def test_a_junk_history_is_no_history(workspace: Workspace, name: str) -> None:
    (workspace.models / "champions.jsonl").write_bytes(b"\xff{[")
    with pytest.raises(NotFound, match="no earlier champion"):
        roll_back(workspace)
    promote(workspace, name)
