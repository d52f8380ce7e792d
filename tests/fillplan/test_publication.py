"""Publication: only verified runs, one switch, immutable sets."""

import hashlib
import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from fillplan.publication import current_set, left_behind, prune_sets, publish, roll_back, set_folders
from fillplan.runs import latest_run
from fillplan.sets import read_set_info, set_faults
from fillplan.settings import PublishSettings
from fillplan.workflow.steps import nightly_step, plan_step, publish_step
from fillplan.workspace import Workspace, switch_link
from fillplan_data.errors import NotFound, StorageFailure, VerificationFailed


def digests(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.resolve().iterdir())}


def test_the_set_in_force_is_the_runs(night_workspace: Path) -> None:
    workspace = Workspace(night_workspace)
    run = latest_run(workspace)
    published = digests(workspace.published / "current")
    content = json.loads(published.pop("set.json"))
    assert published == digests(run.folder / "manifests")
    assert (content["version"], content["plan_date"]) == (1, run.plan_date.isoformat())
    assert (workspace.published / "current").readlink() == Path("sets/000001")


def test_publishing_again_changes_nothing(night_copy: Path) -> None:
    workspace = Workspace(night_copy)
    before = digests(workspace.published / "current")
    outcome = publish_step(night_copy, None)
    assert outcome.published is not None
    assert outcome.published.version == 1
    assert digests(workspace.published / "current") == before


def test_a_night_run_twice_gives_the_same_bytes(night_copy: Path, night_workspace: Path) -> None:
    nightly_step(night_copy, None)
    first, second = (latest_run(Workspace(w)).folder for w in (night_workspace, night_copy))
    assert digests(first / "manifests") == digests(second / "manifests")
    assert (first / "plan.parquet").read_bytes() == (second / "plan.parquet").read_bytes()
    summaries = [json.loads((folder / "plan.json").read_text()) for folder in (first, second)]
    assert [s.pop("seconds") is not None for s in summaries] == [True, True]
    assert summaries[0] == summaries[1]


def test_a_published_run_is_never_changed(night_copy: Path) -> None:
    workspace = Workspace(night_copy)
    published = latest_run(workspace).folder
    before = digests(published / "manifests"), (published / "plan.json").read_bytes()
    plan_step(night_copy, None, None)
    aside = published.with_name(f"{published.name}.published-1")
    assert (digests(aside / "manifests"), (aside / "plan.json").read_bytes()) == before
    assert current_set(workspace) is not None, "and it stays in force"
    assert latest_run(workspace).folder == published


@pytest.mark.parametrize("kind", ["manifest", "row", "value", "inventory"])
def test_a_broken_run_is_refused_and_the_last_good_set_stays(night_copy: Path, kind: str) -> None:
    workspace = Workspace(night_copy)
    in_force = digests(workspace.published / "current")
    plan_step(night_copy, None, None)
    folder = latest_run(workspace).folder
    _break(night_copy, folder, kind)
    with pytest.raises(VerificationFailed):
        publish_step(night_copy, None)
    assert digests(workspace.published / "current") == in_force


def _break(root: Path, folder: Path, kind: str) -> None:
    if kind == "manifest":
        victim = max((folder / "manifests").iterdir(), key=lambda path: path.stat().st_size)
        victim.write_bytes(victim.read_bytes().replace(b'"keep"', b'"evict"', 1))
    elif kind == "row":
        rows = pd.read_parquet(folder / "plan.parquet")
        adds = rows.index[rows["action"] == "add"]
        rows.drop(adds[0]).to_parquet(folder / "plan.parquet", index=False)
    elif kind == "value":
        summary = json.loads((folder / "plan.json").read_text())
        summary["value"] *= 1.01
        (folder / "plan.json").write_text(json.dumps(summary))
    else:
        path = root / "input" / "inventory.csv"
        path.write_text("\n".join(path.read_text().splitlines()[:-3]) + "\n")


def test_a_cache_with_nothing_to_do_is_verified_too(night_copy: Path) -> None:
    """The first cache has no inventory and, without room, no adds: no row of the plan names it."""
    inputs = night_copy / "input"
    header, first, *others = (inputs / "caches.csv").read_text().splitlines()
    names, cells = header.split(","), first.split(",")
    cells[names.index("storage_bytes")] = "0"
    (inputs / "caches.csv").write_text("\n".join([header, ",".join(cells), *others]) + "\n")
    inventory = (inputs / "inventory.csv").read_text().splitlines()
    kept = [line for line in inventory if not line.startswith(f"{cells[0]},")]
    (inputs / "inventory.csv").write_text("\n".join(kept) + "\n")
    (inputs / "pins.csv").unlink()
    outcome = plan_step(night_copy, None, None)
    assert cells[0] not in set(outcome.run.plan().rows["cache_id"])
    assert publish_step(night_copy, None).published is not None


def test_old_sets_go_but_never_the_one_in_force(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for version in range(1, 6):
        (workspace.published / "sets" / f"{version:06d}").mkdir(parents=True)
    switch_link(workspace.published / "current", workspace.published / "sets" / "000001")
    prune_sets(workspace, keep=2)
    assert sorted(p.name for p in (workspace.published / "sets").iterdir()) == ["000001", "000004", "000005"]


def test_nothing_to_publish(night_copy: Path) -> None:
    shutil.rmtree(night_copy / "runs")
    with pytest.raises(NotFound, match="no run yet"):
        publish_step(night_copy, None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.json", b"{}"),
        ("plan.json", b"[]"),
        ("plan.json", {"plan_date": "20260429"}),
        ("plan.json", {"caches": [None]}),
        ("plan.json", {"caches": [{"cache_id": "a", "used_bytes": "many"}]}),
        ("plan.json", {"requested_bytes": None}),
        ("plan.json", {"gap": None}),
        ("plan.json", b"{"),
        ("plan.parquet", b"PAR1 cut off"),
        ("demand.parquet", b""),
    ],
)
def test_a_damaged_run_is_refused(night_copy: Path, name: str, content: bytes | dict[str, object]) -> None:
    path = latest_run(Workspace(night_copy)).folder / name
    if isinstance(content, dict):
        content = json.dumps(json.loads(path.read_text()) | content).encode()
    path.write_bytes(content)
    with pytest.raises(VerificationFailed, match="Plan that date again"):
        publish_step(night_copy, None)


@pytest.mark.parametrize("victim", ["set.json", "manifest"])
def test_a_damaged_published_set_is_replaced(night_copy: Path, victim: str) -> None:
    current = Workspace(night_copy).published / "current"
    path = current / "set.json" if victim == "set.json" else min(current.glob("*.jsonl"))
    path.write_bytes(b"junk")
    published = publish_step(night_copy, None).published
    assert published is not None
    assert published.version == 2
    run = latest_run(Workspace(night_copy)).folder
    assert digests(run / "manifests").items() <= digests(current).items()


def test_versions_never_repeat(night_copy: Path) -> None:
    shutil.rmtree(night_copy / "published")
    published = publish_step(night_copy, None).published
    assert published is not None
    assert published.version == 2


def test_a_broken_mark_does_not_stop_the_next_night(night_copy: Path) -> None:
    run = latest_run(Workspace(night_copy)).folder
    (run / "published.json").write_text("")
    plan_step(night_copy, None, None)
    assert (run / "plan.json").exists()
    assert (run.parent / f"{run.name}.published-0" / "plan.json").exists()


def test_the_pointer_as_a_real_folder_is_a_clear_error(night_copy: Path) -> None:
    current = night_copy / "published" / "current"
    target = current.resolve()
    current.unlink()
    shutil.copytree(target, current)
    (current / "set.json").unlink()
    with pytest.raises(StorageFailure, match="current"):
        publish_step(night_copy, None)


def test_sets_form_a_chain_and_a_rollback_goes_forward(night_copy: Path) -> None:
    workspace, settings = Workspace(night_copy), PublishSettings()
    run = latest_run(workspace)
    first = read_set_info(workspace.published / "current")
    assert (first.previous, first.expires) == (None, (run.plan_date + timedelta(days=7)).isoformat())
    victim = min((run.folder / "manifests").iterdir())
    header = json.loads(victim.read_bytes().partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}
    victim.write_bytes(json.dumps(header).encode() + b"\n")
    second = publish(workspace, run, settings)
    chained = read_set_info(second.folder)
    assert chained.previous == {"version": 1, "sha256": hashlib.sha256(digests_of_first(workspace)).hexdigest()}
    back = roll_back(workspace, settings)
    info = read_set_info(workspace.published / "current")
    assert (back.version, info.rollback_of, info.digest) == (3, 1, first.digest)
    assert set_faults(back.folder) == []
    with pytest.raises(NotFound, match="no earlier whole set"):
        roll_back(workspace, settings)


def digests_of_first(workspace: Workspace) -> bytes:
    return (workspace.published / "sets" / "000001" / "set.json").read_bytes()


def test_a_rollback_passes_over_damaged_sets(night_copy: Path) -> None:
    workspace, settings = Workspace(night_copy), PublishSettings()
    run = latest_run(workspace)
    for turn in range(2):
        victim = sorted((run.folder / "manifests").iterdir())[turn]
        header = json.loads(victim.read_bytes().partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}
        victim.write_bytes(json.dumps(header).encode() + b"\n")
        publish(workspace, run, settings)
    min((workspace.published / "sets" / "000002").glob("*.jsonl")).write_bytes(b"{}\n")
    assert roll_back(workspace, settings).version == 4
    assert read_set_info(workspace.published / "current").rollback_of == 1


def test_a_second_way_back_does_not_return_to_what_the_first_one_left(night_copy: Path) -> None:
    workspace, settings = Workspace(night_copy), PublishSettings()
    run = latest_run(workspace)
    for turn in range(2):  # sets 2 and 4 are found bad, each after its night
        victim = sorted((run.folder / "manifests").iterdir())[turn]
        header = json.loads(victim.read_bytes().partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}
        victim.write_bytes(json.dumps(header).encode() + b"\n")
        publish(workspace, run, settings)
        roll_back(workspace, settings)
        assert read_set_info(workspace.published / "current").rollback_of == 1
    assert set().union(*left_behind(workspace)) == {2, 3, 4}


def test_a_way_back_leads_to_an_earlier_one_where_the_set_behind_it_is_gone(night_copy: Path) -> None:
    workspace, settings = Workspace(night_copy), PublishSettings()
    run = latest_run(workspace)
    first = read_set_info(workspace.published / "current")
    for turn in range(2):
        victim = sorted((run.folder / "manifests").iterdir())[turn]
        header = json.loads(victim.read_bytes().partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}
        victim.write_bytes(json.dumps(header).encode() + b"\n")
        publish(workspace, run, settings)
        if turn == 0:
            roll_back(workspace, settings)
    prune_sets(workspace, keep=2)
    assert [folder.name for folder in set_folders(workspace)] == ["000003", "000004"], "3 is what set 1 was"
    roll_back(workspace, settings)
    back = read_set_info(workspace.published / "current")
    assert (back.version, back.rollback_of, back.digest) == (5, 1, first.digest)


def test_a_copy_that_went_wrong_is_never_switched_to(night_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(night_copy)
    in_force = digests(workspace.published / "current")
    min((workspace.published / "current").glob("*.jsonl")).write_bytes(b"junk")  # so that it is published anew
    good = Path.write_bytes
    monkeypatch.setattr(
        Path, "write_bytes", lambda path, data: good(path, data[:-2] if path.suffix == ".jsonl" else data)
    )
    with pytest.raises(VerificationFailed, match="not what was verified"):
        publish(workspace, latest_run(workspace), PublishSettings())
    assert digests(workspace.published / "current").keys() == in_force.keys()
    assert current_set(workspace) is not None
    assert [p.name for p in (workspace.published / "sets").iterdir()] == ["000001"]


def test_readers_never_see_a_mixture_while_sets_are_switched(night_copy: Path) -> None:
    """A reader resolves the pointer, then reads the whole set; what it read must fit one set.json each time."""
    workspace, settings = Workspace(night_copy), PublishSettings()
    run = latest_run(workspace)
    victim = min((run.folder / "manifests").iterdir())
    whole, stop, faults, reads = victim.read_bytes(), threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            folder = (workspace.published / "current").resolve(strict=True)
            faults.extend(set_faults(folder))
            reads.append(folder.name)

    reader = threading.Thread(target=read)
    reader.start()
    other = json.dumps(json.loads(whole.partition(b"\n")[0]) | {"sha256": hashlib.sha256(b"").hexdigest()}).encode()
    for turn in range(12):
        victim.write_bytes(whole if turn % 2 else other + b"\n")
        publish(workspace, run, settings)
    stop.set()
    reader.join()
    assert faults == []
    assert len(set(reads)) > 1
