"""The receiving side refuses what is tampered with, expired, older than seen, or foreign."""

import hashlib
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from fillplan.publication import publish, roll_back
from fillplan.receiving import receive
from fillplan.runs import latest_run
from fillplan.sets import read_set_info
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace
from fillplan_data.errors import SetRefused

from .test_signatures import make_keys


def change_plan(workspace: Workspace, turn: int) -> None:
    """Another plan in the run's manifests, so that publishing it makes a new set."""
    victim = sorted((latest_run(workspace).folder / "manifests").iterdir())[turn]
    header = json.loads(victim.read_bytes().partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}
    victim.write_bytes(json.dumps(header).encode() + b"\n")


@pytest.fixture
def today(workspace: Workspace) -> date:
    return latest_run(workspace).plan_date


def test_accepted_sets_are_remembered(workspace: Workspace, today: date, tmp_path: Path) -> None:
    current, seen = workspace.published / "current", tmp_path / "seen.json"
    first = receive(current, today, seen_file=seen)
    assert json.loads(seen.read_text()) == {"network": "fillplan", "version": 1, "sha256": first.sha256}
    assert receive(current, today, seen_file=seen).version == 1, "the same again is fine"
    change_plan(workspace, 0)
    publish(workspace, latest_run(workspace), PublishSettings())
    assert receive(current, today, seen_file=seen).version == 2
    with pytest.raises(SetRefused, match="older than the last one seen: version 1 after 2"):
        receive(workspace.published / "sets" / "000001", today, seen_file=seen)


def test_what_was_seen_stays_where_a_link_leads(workspace: Workspace, today: date, tmp_path: Path) -> None:
    """Such as to a volume that outlives the receiver: the next start would find the link, and forget the set."""
    kept, link = tmp_path / "kept" / "seen.json", tmp_path / "seen.json"
    link.symlink_to(kept)
    for _ in range(2):
        receive(workspace.published / "current", today, seen_file=link)
        assert link.is_symlink()
        assert json.loads(kept.read_text())["version"] == 1


def test_expired_sets_are_refused(workspace: Workspace, today: date) -> None:
    current = workspace.published / "current"
    assert receive(current, today + timedelta(days=6)).version == 1
    with pytest.raises(SetRefused, match="expired"):
        receive(current, today + timedelta(days=7))


def test_tampered_sets_are_refused(workspace: Workspace, today: date) -> None:
    current = workspace.published / "current"
    victim = max(current.glob("*.jsonl"), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes().replace(b'"keep"', b'"evict"', 1))
    with pytest.raises(SetRefused, match="sha256 differs"):
        receive(current, today)


def test_a_way_back_is_for_the_network_as_it_is_called_now(workspace: Workspace, today: date, tmp_path: Path) -> None:
    current, seen, renamed = workspace.published / "current", tmp_path / "seen.json", PublishSettings(network="other")
    change_plan(workspace, 0)
    publish(workspace, latest_run(workspace), renamed)
    receive(current, today, seen_file=seen)
    roll_back(workspace, renamed)
    assert receive(current, today, seen_file=seen).rollback_of == 1


def test_sets_of_other_networks_and_histories_are_refused(workspace: Workspace, today: date, tmp_path: Path) -> None:
    current, seen = workspace.published / "current", tmp_path / "seen.json"
    with pytest.raises(SetRefused, match="foreign: made for network 'fillplan', expected 'other'"):
        receive(current, today, network="other")
    seen.write_text(json.dumps({"network": "fillplan", "version": 1, "sha256": "0" * 64}))
    with pytest.raises(SetRefused, match="foreign: another set than the version 1"):
        receive(current, today, seen_file=seen)
    for turn in range(2):
        change_plan(workspace, turn)
        publish(workspace, latest_run(workspace), PublishSettings())
    with pytest.raises(SetRefused, match="foreign: it follows another version 1"):
        receive(current, today, seen_file=seen)
    first = read_set_info(workspace.published / "sets" / "000001")
    seen.write_text(json.dumps({"network": "fillplan", "version": 1, "sha256": first.sha256}))
    assert receive(current, today, seen_file=seen).version == 3, "the chain leads back over a set that was missed"


@pytest.mark.parametrize(
    "junk",
    [
        "{",
        "[]",
        '{"network": "fillplan", "version": 1e400, "sha256": "0"}',
        '{"network": "fillplan", "version": -5, "sha256": "0"}',
        '{"network": 7, "version": 1, "sha256": "0"}',
    ],
)
def test_what_was_seen_is_never_guessed(workspace: Workspace, today: date, tmp_path: Path, junk: str) -> None:
    (tmp_path / "seen.json").write_text(junk)
    with pytest.raises(SetRefused, match="deleting it first"):
        receive(workspace.published / "current", today, seen_file=tmp_path / "seen.json")


def test_only_sets_signed_by_our_key_pass(workspace: Workspace, today: date, tmp_path: Path) -> None:
    private, public = make_keys(workspace.root, "ours")
    _, other = make_keys(tmp_path, "theirs")
    current = workspace.published / "current"
    with pytest.raises(SetRefused, match="not signed"):
        receive(current, today, key=public)
    change_plan(workspace, 0)
    publish(workspace, latest_run(workspace), PublishSettings(signing_key=private.name))
    assert receive(current, today, key=public).version == 2
    with pytest.raises(SetRefused, match=r"not signed by .*theirs"):
        receive(current, today, key=other)
    info = json.loads((current / "set.json").read_text()) | {"expires": "2199-01-01"}
    (current / "set.json").write_text(json.dumps(info, indent=1, sort_keys=True) + "\n")
    assert receive(current, today).version == 2, "whole, and so accepted by who asks for no signature"
    with pytest.raises(SetRefused, match="not signed"):
        receive(current, today, key=public)


def test_a_new_key_or_network_makes_a_new_set_of_the_same_manifests(workspace: Workspace, today: date) -> None:
    """Receivers that were told to want it would refuse all until the plan changes."""
    run, versions = latest_run(workspace), []
    first, second = (make_keys(workspace.root, name) for name in ("first", "second"))
    for private, public in (first, second, second):
        versions.append(publish(workspace, run, PublishSettings(signing_key=private.name)).version)
        assert receive(workspace.published / "current", today, key=public).version == versions[-1]
    assert versions == [2, 3, 3], "by the same key it is the same set"
    assert publish(workspace, run, PublishSettings(network="other")).version == 4
    assert receive(workspace.published / "current", today, network="other").previous is not None


def test_a_pointer_to_itself_is_no_set_and_the_next_publication_mends_it(workspace: Workspace, today: date) -> None:
    current = workspace.published / "current"
    current.unlink()
    current.symlink_to("current")
    with pytest.raises(SetRefused, match="no such set"):
        receive(current, today)
    assert publish(workspace, latest_run(workspace), PublishSettings()).version == 2
    assert receive(current, today).version == 2


def test_no_set_there(tmp_path: Path, today: date) -> None:
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    with pytest.raises(SetRefused, match="no such set"):
        receive(tmp_path / "none", today)
