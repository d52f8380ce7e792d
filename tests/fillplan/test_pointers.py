"""Pointers of groups: which there are, what they point to, and which move when."""

import threading
from pathlib import Path

import pytest

from fillplan.pointers import newest_set, pointed_to, pointers, waiting
from fillplan.publication import publish, roll_back
from fillplan.rollout import finish
from fillplan.sets import set_faults
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace, sweep_workspace
from tests.fillplan.rollouts import GROUPS, STAGED, TODAY, made, versions


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Nothing is published yet."""
    (tmp_path / "input").mkdir()
    return Workspace(tmp_path)


def test_before_anything_is_published_nothing_is_pointed_to(workspace: Workspace) -> None:
    assert list(pointers(workspace)) == ["current"]
    assert list(pointers(workspace, ("b", "a"))) == ["a", "b", "current"], "what is in force everywhere is the last"
    assert (pointed_to(workspace), newest_set(workspace), waiting(workspace)) == ({}, None, ())


def test_a_pointer_to_what_cannot_be_read_waits_and_hides_no_other(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    (workspace.published / "sets" / "000001" / "set.json").write_text("{")
    found = pointed_to(workspace)
    assert {name: info and info.version for name, info in found.items()} == {
        "canary": 2,
        "north": None,
        "south": None,
        "current": None,
    }
    newest = newest_set(workspace)
    assert newest is not None and newest.version == 2
    assert waiting(workspace) == ("north", "south", "current")


def test_the_first_set_goes_to_all_and_the_next_to_the_first_groups(workspace: Workspace) -> None:
    assert publish(workspace, made(workspace, 8), STAGED).waiting == ()
    assert versions(workspace) == {"canary": 1, "north": 1, "south": 1, "current": 1}
    published = publish(workspace, made(workspace, 9), STAGED)
    assert (published.version, published.waiting) == (2, ("north", "south", "current"))
    assert versions(workspace) == {"canary": 2, "north": 1, "south": 1, "current": 1}
    assert all(set_faults(link.resolve()) == [] for link in pointers(workspace).values())


def test_without_first_groups_every_pointer_moves(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), PublishSettings(groups=GROUPS))
    assert set(versions(workspace).values()) == {2}


def test_a_damaged_set_in_force_is_replaced_everywhere_at_once(workspace: Workspace) -> None:
    publish(workspace, made(workspace, 8), STAGED)
    (workspace.published / "current" / "a.jsonl").unlink()
    assert publish(workspace, made(workspace, 9), STAGED).waiting == ()
    assert set(versions(workspace).values()) == {2}


def test_groups_come_and_go(workspace: Workspace) -> None:
    publish(workspace, made(workspace, 8), STAGED)
    other = PublishSettings(groups=("canary", "west"), first_groups=("canary",))
    publish(workspace, made(workspace, 9), other)
    assert versions(workspace) == {"canary": 2, "north": 1, "south": 1, "west": 1, "current": 1}
    finish(workspace, other, TODAY)
    assert versions(workspace) == dict.fromkeys(["canary", "north", "south", "west", "current"], 2)


def test_a_reader_of_any_pointer_never_sees_a_mixture(workspace: Workspace) -> None:
    """Readers loop while pointers move; each resolves its pointer once per copy, as receivers do."""
    publish(workspace, made(workspace, 8), STAGED)
    done, faults = threading.Event(), []

    def read(link: Path) -> None:
        while not done.is_set():
            faults.extend(set_faults(link.resolve()))

    readers = [threading.Thread(target=read, args=(link,)) for link in pointers(workspace).values()]
    for reader in readers:
        reader.start()
    for day in range(9, 20):
        publish(workspace, made(workspace, day), STAGED)
        finish(workspace, STAGED, TODAY)
    roll_back(workspace, STAGED)
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []


def test_half_made_pointers_are_swept(workspace: Workspace) -> None:
    publish(workspace, made(workspace, 8), STAGED)
    (workspace.groups / ".north.next").symlink_to("nowhere")
    assert waiting(workspace) == ()
    sweep_workspace(workspace)
    assert sorted(path.name for path in workspace.groups.iterdir()) == sorted(GROUPS)
