"""A run computed again comes out the same, byte for byte; what differs is named."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from fillplan.runs import latest_run
from fillplan.stages import Stages
from fillplan.workflow.reproducing import reproduce
from fillplan.workflow.steps import nightly_step, plan_step, rollback_step
from fillplan.workspace import Workspace
from fillplan_data.errors import GateStopped, NotFound, NotReproduced


def test_a_night_with_a_trained_model_is_reproduced(night_workspace: Path) -> None:
    done = reproduce(night_workspace, None, Stages("reproduce"))
    manifests = {f"manifests/{path.name}" for path in (done.run.folder / "manifests").iterdir()}
    assert {"plan.json", "plan.parquet", "demand.parquet", "forecast.parquet", "profile.json"} | manifests <= set(
        done.files
    )
    assert done.versions_differ == ()


def test_two_threads_give_the_same(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text().replace("threads = 1", "threads = 2"))
    assert reproduce(night_copy, latest_run(Workspace(night_copy)).folder.name, Stages("reproduce")).files


def test_given_demand_is_reproduced(night_copy: Path) -> None:
    run = latest_run(Workspace(night_copy))
    given = Path(shutil.copy(run.folder / "demand.parquet", night_copy / "given.parquet"))
    plan_step(night_copy, run.plan_date, given)
    assert "forecast.parquet" not in reproduce(night_copy, None, Stages("reproduce")).files


def test_a_night_that_fell_back_is_reproduced_from_the_run_it_fell_back_to(night_copy: Path) -> None:
    first = latest_run(Workspace(night_copy))
    settings = night_copy / "fillplan.toml"
    own = settings.read_text()
    settings.write_text(own + '[forecast]\nmethod = "ewma"\n[gates]\ndemand_level = 0\nstale_days = 9\n')
    with pytest.raises(GateStopped, match="demand_level"):
        nightly_step(night_copy, first.plan_date + timedelta(days=1))
    settings.write_text(own + '[forecast]\nmethod = "recent_mean"\n')
    plan_step(night_copy, first.plan_date, None)
    done = reproduce(night_copy, None, Stages("reproduce"))
    assert done.run.summary["model"]["plan_of"] == first.plan_date.isoformat(), "whatever was planned for it since"
    shutil.rmtree(first.folder.with_name(f"{first.folder.name}.published-1"))
    with pytest.raises(NotFound, match="fell back to, is gone"):
        reproduce(night_copy, None, Stages("reproduce"))


def test_a_night_fell_back_past_what_had_been_gone_back_from_by_then(night_copy: Path) -> None:
    first = latest_run(Workspace(night_copy))
    settings = night_copy / "fillplan.toml"
    own = settings.read_text()
    settings.write_text(own + '[forecast]\nmethod = "recent_mean"\n')
    nightly_step(night_copy, first.plan_date)
    rollback_step(night_copy)
    settings.write_text(own + '[forecast]\nmethod = "ewma"\n[gates]\ndemand_level = 0\nstale_days = 9\n')
    with pytest.raises(GateStopped, match="demand_level"):
        nightly_step(night_copy, first.plan_date + timedelta(days=1))
    assert reproduce(night_copy, None, Stages("reproduce")).run.summary["status"] == "fallback"
    plan_step(night_copy, first.plan_date + timedelta(days=1), None)
    rollback_step(night_copy)
    fallen = f"{first.plan_date + timedelta(days=1)}.published-4"
    assert reproduce(night_copy, fallen, Stages("reproduce")).files, "whatever was gone back from since"


def test_other_tables_are_named(night_copy: Path) -> None:
    path = night_copy / "input" / "titles.csv"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(NotReproduced, match=r"other tables.*titles"):
        reproduce(night_copy, None, Stages("reproduce"))


def test_what_differs_is_named(night_copy: Path) -> None:
    folder = latest_run(Workspace(night_copy)).folder
    plan = json.loads((folder / "plan.json").read_text())
    plan["value"] += 1
    (folder / "plan.json").write_text(json.dumps(plan))
    rows = pd.read_parquet(folder / "plan.parquet")
    rows[1:].to_parquet(folder / "plan.parquet", index=False)
    (folder / "manifests" / "stranger.jsonl").touch()
    with pytest.raises(NotReproduced, match=r"plan\.parquet, manifests/stranger\.jsonl, plan\.json \(value\)"):
        reproduce(night_copy, None, Stages("reproduce"))


def test_a_model_that_is_gone_is_named(night_copy: Path) -> None:
    shutil.rmtree(night_copy / "models")
    with pytest.raises(NotFound, match="no model with sha256"):
        reproduce(night_copy, None, Stages("reproduce"))


def test_settings_that_came_later_are_no_difference(night_copy: Path) -> None:
    folder = latest_run(Workspace(night_copy)).folder
    plan = json.loads((folder / "plan.json").read_text())
    del plan["settings"]["retention"], plan["settings"]["gates"]["row_spike"]
    (folder / "plan.json").write_text(json.dumps(plan))
    assert reproduce(night_copy, None, Stages("reproduce")).files
    plan["settings"]["plan"]["horizon_days"] = 6
    (folder / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(NotReproduced):
        reproduce(night_copy, None, Stages("reproduce"))
