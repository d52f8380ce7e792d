"""Old runs and a large log go; what is in force never does."""

import json
from pathlib import Path

from fillplan.runs import prune_runs
from fillplan.workflow.steps import nightly_step
from fillplan.workspace import Workspace


def test_old_runs_go_but_not_what_is_in_force(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for day, version in ((1, 4), (2, 3), (3, None), (4, None), (5, 5)):
        folder = workspace.runs / f"2026-01-0{day}"
        folder.mkdir(parents=True)
        if version:
            (folder / "published.json").write_text(json.dumps({"version": version}))
    prune_runs(workspace, keep=2, in_force=4)
    assert sorted(f.name for f in workspace.runs.iterdir()) == ["2026-01-01", "2026-01-04", "2026-01-05"]


def test_a_large_log_becomes_the_one_before(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + "[retention]\nlog_bytes = 10000\n")
    log = Workspace(night_copy).log
    log.write_text("x" * 20_000)
    nightly_step(night_copy, None)
    assert log.with_name("fillplan.jsonl.1").read_text() == "x" * 20_000
    assert log.read_text().startswith("{")
