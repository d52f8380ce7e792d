"""Which nights tonight is compared with."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from fillplan.runs import Run, latest_run
from fillplan.sets import read_set_info
from fillplan.workflow.gating import DRIFT_DAYS, good_before, last_good
from fillplan.workspace import Workspace


def _earlier(last: Run, days: int, allowed: bool = False) -> None:
    """A published run some days before, the same but for its dates and what was allowed."""
    day = (last.plan_date - timedelta(days=days)).isoformat()
    folder = Path(shutil.copytree(last.folder, last.folder.with_name(day)))
    plan = {**last.summary, "plan_date": day, "gates": {"verdicts": [{"gate": "files_gone", "allowed": allowed}]}}
    (folder / "plan.json").write_text(json.dumps(plan))
    profile = json.loads((folder / "profile.json").read_text()) | {"plan_date": day}
    (folder / "profile.json").write_text(json.dumps(profile, separators=(",", ":"), sort_keys=True) + "\n")


def _found(workspace: Workspace, last: Run) -> int | None:
    profile = good_before(workspace, last)
    return None if profile is None else (last.plan_date - date.fromisoformat(profile.plan_date)).days


def test_the_oldest_good_night_of_a_week_shows_drift(workspace: Workspace) -> None:
    last = latest_run(workspace)
    assert _found(workspace, last) is None
    for days in (1, 3, DRIFT_DAYS, DRIFT_DAYS + 1):
        _earlier(last, days)
    assert _found(workspace, last) == DRIFT_DAYS


def test_an_allowed_change_counts_from_its_night_on(workspace: Workspace) -> None:
    last = latest_run(workspace)
    _earlier(last, 1)
    _earlier(last, 3, allowed=True)
    _earlier(last, 4)
    assert _found(workspace, last) == 3


def test_a_night_that_was_gone_back_from_or_overtaken_is_no_measure(workspace: Workspace) -> None:
    last = latest_run(workspace)
    _earlier(last, 1)
    _earlier(last, 3)
    for days, version in ((1, 5), (3, 3)):
        folder = workspace.run(last.plan_date - timedelta(days=days))
        mark = json.loads((folder / "published.json").read_text()) | {"version": version}
        (folder / "published.json").write_text(json.dumps(mark))
    assert _found(workspace, last) == 3
    in_force = read_set_info(workspace.published / "current")
    back = workspace.published / "sets" / "000004"
    back.mkdir()
    (back / "set.json").write_bytes(replace(in_force, version=4, rollback_of=2).content())
    assert _found(workspace, last) == 1, "set 4 went back from 3"
    (back / "set.json").write_bytes(b"{}")
    assert _found(workspace, last) == 3, "nobody can tell any more"
    (workspace.published / "overtaken.json").write_text("[[3, 4]]")
    assert _found(workspace, last) == 1, "only the first groups ever followed set 3"


def test_a_good_night_is_never_too_old_to_be_compared_with(workspace: Workspace) -> None:
    last = latest_run(workspace)
    found = last_good(workspace, last.plan_date + timedelta(days=200))
    assert found is not None
    assert found[0].plan_date == last.plan_date
    assert last_good(workspace, last.plan_date) is None
