"""Staged roll-out: the first groups ahead, the rest after a check, every pointer always at a whole set."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from fillplan.metrics import NightFacts, metrics_text
from fillplan.pointers import newest_set, overtaken, pointers
from fillplan.publication import current_set, prune_sets, publish, roll_back, set_folders
from fillplan.receiving import receive
from fillplan.rollout import finish, rollout_of
from fillplan.sets import digest_of, read_set_info
from fillplan.settings import PublishSettings, read_settings
from fillplan.workspace import Workspace
from fillplan_data.errors import NotFound, RolloutHeld, SettingsError
from tests.faults.machine import Killed, struck
from tests.fillplan.rollouts import GROUPS, STAGED, TODAY, made, versions


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Nothing is published yet."""
    (tmp_path / "input").mkdir()
    return Workspace(tmp_path)


def test_publishing_again_moves_nothing_and_makes_no_set(workspace: Workspace) -> None:
    runs = [made(workspace, day) for day in (8, 9)]
    for run in runs:
        publish(workspace, run, STAGED)
    again = publish(workspace, runs[1], STAGED)
    assert (again.version, len(set_folders(workspace))) == (2, 2)
    assert versions(workspace)["current"] == 1


def test_the_rest_follows_when_the_roll_out_is_finished(workspace: Workspace) -> None:
    for day in (8, 9, 10):
        publish(workspace, made(workspace, day), STAGED)
    assert versions(workspace) == {"canary": 3, "north": 1, "south": 1, "current": 1}
    assert finish(workspace, STAGED, TODAY).waiting == ()
    assert set(versions(workspace).values()) == {3}
    info = current_set(workspace)
    assert info is not None and info.previous is not None and info.previous["version"] == 2, "the chain has no gap"
    assert finish(workspace, STAGED, TODAY).newest.version == 3


def test_a_set_that_cannot_be_read_is_not_told_as_none(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no set is in force yet; publish one"):
        rollout_of(workspace)
    publish(workspace, made(workspace, 8), STAGED)
    (workspace.published / "current" / "set.json").write_text("{")
    with pytest.raises(NotFound, match=r"the set in force is damaged: set\.json is damaged.*; publish one"):
        rollout_of(workspace)


def test_the_check_holds_what_is_damaged_expired_too_young_or_not_accepted(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    slow = STAGED.model_copy(update={"soak_minutes": 30})
    seen = workspace.root / "seen.json"
    with pytest.raises(RolloutHeld, match="for 0 minutes, not yet 30"):
        finish(workspace, slow, TODAY)
    with pytest.raises(RolloutHeld, match="no such file"):
        finish(workspace, STAGED, TODAY, [seen])
    receive(workspace.published / "current", TODAY, seen_file=seen)
    with pytest.raises(RolloutHeld, match="accepted version 1"):
        finish(workspace, STAGED, TODAY, [seen])
    with pytest.raises(RolloutHeld, match="expired on 2026-03-16"):
        finish(workspace, STAGED, date(2026, 3, 16))
    manifest = workspace.groups / "canary" / "a.jsonl"
    content = manifest.read_bytes()
    manifest.write_bytes(content.replace(b"keep", b"evict"))
    with pytest.raises(RolloutHeld, match=r"a\.jsonl"):
        finish(workspace, STAGED, TODAY)
    assert versions(workspace) == {"canary": 2, "north": 1, "south": 1, "current": 1}
    manifest.write_bytes(content)
    receive(workspace.groups / "canary", TODAY, seen_file=seen)
    long_ago = time.time() - 31 * 60
    os.utime(workspace.groups / "canary", (long_ago, long_ago), follow_symlinks=False)
    assert finish(workspace, slow, TODAY, [seen]).waiting == ()


def test_a_clock_that_was_set_back_counts_as_too_early(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    ahead = time.time() + 86_400
    os.utime(workspace.groups / "canary", (ahead, ahead), follow_symlinks=False)
    with pytest.raises(RolloutHeld, match="not yet 30"):
        finish(workspace, STAGED.model_copy(update={"soak_minutes": 30}), TODAY)


def test_the_way_back_from_a_roll_out_is_what_the_rest_follows(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
        finish(workspace, STAGED, TODAY)
    publish(workspace, made(workspace, 10), STAGED)
    back = roll_back(workspace, STAGED)
    assert (back.version, set(versions(workspace).values())) == (4, {4})
    assert digest_of(back.folder)[0] == digest_of(workspace.published / "sets" / "000002")[0]
    info = current_set(workspace)
    assert info is not None and info.newest_night == 2
    for name, seen_version in (("canary", 3), ("north", 2)):
        seen = workspace.root / f"{name}.json"
        receive(workspace.published / "sets" / f"{seen_version:06d}", TODAY, seen_file=seen)
        assert receive(workspace.groups / name, TODAY, seen_file=seen).version == 4


@pytest.mark.parametrize("overtaken_twice", [False, True])
def test_the_way_back_passes_over_what_only_the_first_groups_followed(
    workspace: Workspace, overtaken_twice: bool
) -> None:
    for day in (8, 9, 10)[: 2 + overtaken_twice]:
        publish(workspace, made(workspace, day), STAGED)
    publish(workspace, made(workspace, 11), STAGED)
    finish(workspace, STAGED, TODAY)
    last = versions(workspace)["current"]
    assert (current_set(workspace), overtaken(workspace)) == (newest_set(workspace), [range(2, last)])
    assert read_set_info(roll_back(workspace, STAGED).folder).rollback_of == 1
    publish(workspace, made(workspace, 12), PublishSettings(groups=GROUPS))
    back = roll_back(workspace, STAGED)
    assert read_set_info(back.folder).rollback_of == 1, "and later, too"


def test_the_way_back_passes_over_a_set_whose_process_died_before_any_pointer_moved(workspace: Workspace) -> None:
    unstaged = PublishSettings()
    publish(workspace, made(workspace, 8), unstaged)
    run = made(workspace, 9)
    with struck(workspace.published, 1, Killed, only=("os.symlink",)), pytest.raises(Killed):
        publish(workspace, run, unstaged)
    assert (workspace.published / "sets" / "000002").is_dir()
    publish(workspace, made(workspace, 10), unstaged)
    roll_back(workspace, unstaged)
    info = current_set(workspace)
    assert info is not None and (info.version, info.rollback_of) == (4, 1)


@pytest.mark.parametrize("content", [None, b"", b"[", b"[[1]]", b"{}", b"[1]", b'[["1", "3"]]', b"[" * 100_000])
def test_ways_back_are_found_where_nothing_is_known_of_what_was_overtaken(
    workspace: Workspace, content: bytes | None
) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), PublishSettings())
    if content is not None:
        (workspace.published / "overtaken.json").write_bytes(content)
    assert overtaken(workspace) == []
    assert roll_back(workspace, PublishSettings()).version == 3


@pytest.mark.parametrize("reached", [1, 2, 3])
def test_a_way_back_that_died_half_way_is_completed(workspace: Workspace, reached: int) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
        finish(workspace, STAGED, TODAY)
    roll_back(workspace, STAGED)
    for link in list(pointers(workspace).values())[reached:]:
        link.unlink()
        link.symlink_to(os.path.relpath(workspace.published / "sets" / "000002", link.parent))
    assert roll_back(workspace, STAGED).version == 3
    assert set(versions(workspace).values()) == {3}


def test_no_set_goes_that_a_pointer_points_to(workspace: Workspace) -> None:
    for day in range(8, 13):
        publish(workspace, made(workspace, day), STAGED)
    prune_sets(workspace, keep=2)
    assert [folder.name for folder in set_folders(workspace)] == ["000001", "000004", "000005"]


def test_metrics_say_what_each_group_follows(workspace: Workspace) -> None:
    for day in (8, 9):
        publish(workspace, made(workspace, day), STAGED)
    text = metrics_text(workspace, NightFacts(0.0, 0, None, ()), None)
    assert 'fillplan_group_version{group="canary"} 2' in text
    assert 'fillplan_group_version{group="north"} 1' in text
    assert "fillplan_rollout_waiting 3" in text


@pytest.mark.parametrize(
    "content",
    [
        'first_groups = ["x"]',
        *('groups = [".."]', 'groups = ["a/b"]', 'groups = [""]', 'groups = [".hidden"]', 'groups = ["current"]'),
    ],
)
def test_groups_that_cannot_be_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "fillplan.toml").write_text(f"[publish]\n{content}\n")
    with pytest.raises(SettingsError, match="groups"):
        read_settings(tmp_path)
