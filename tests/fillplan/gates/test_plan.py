"""Plan gates: figures by hand, and the fallback end to end."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fillplan.gates.plan import (
    caches_emptied,
    demand_level,
    emptied,
    evicted,
    launches_uncovered,
    manifest_bytes,
    offload_drop,
)
from fillplan.manifests import Manifest
from fillplan.publication import in_force
from fillplan.runs import latest_run
from fillplan.workflow.steps import nightly_step, publish_step
from fillplan.workspace import Workspace
from fillplan_data.errors import GateStopped, SolverFailure
from fillplan_data.tables import Tables

from ..conftest import PLAN_DATE, quick

BEFORE = {
    "requested_bytes": 100.0,
    "expected_offload": 0.8,
    "caches": [{"cache_id": c, "used_bytes": 10} for c in "abcde"],
}


def test_figures_by_hand() -> None:
    now = {
        "requested_bytes": 25.0,
        "expected_offload": 0.7,
        "caches": [{"cache_id": c, "used_bytes": 4 if c == "a" else 5} for c in "abcde"],
    }
    assert demand_level(now, BEFORE).value == 3.0
    assert demand_level(BEFORE, now).value == 3.0
    assert demand_level({"requested_bytes": 0.0}, BEFORE).value > 1e6
    assert offload_drop(now, BEFORE).value == pytest.approx(0.1)
    assert offload_drop(BEFORE, now).value == 0.0
    assert caches_emptied(now, BEFORE).value == pytest.approx(0.2)
    rows = pd.DataFrame(
        {"action": ["keep", "evict", "add"] * 10, "size_bytes": pd.array([3, 1, 9] * 10, dtype="Int64")}
    )
    assert evicted(rows).value == 0.25
    assert evicted(rows[:9]).value == 0.0, "too few to judge"
    assert evicted(rows[:1]).value == 0.0


def test_a_first_night_may_fill_anew_but_not_empty() -> None:
    leaves = pd.DataFrame({"action": "evict", "size_bytes": pd.array([10] * 30, dtype="Int64")})
    new = leaves.assign(action="add")
    assert emptied(leaves).value == 1.0
    assert emptied(pd.concat([leaves, new])).value == 0.0
    assert emptied(pd.concat([leaves, new[:12]])).value == pytest.approx(0.6)
    assert emptied(new).value == 0.0
    manifests = [Manifest({"cache_id": "a"}, b""), Manifest({"cache_id": "b"}, b"x" * 100)]
    assert manifest_bytes(manifests).value == len(manifests[1].content())


def _next_night(folder: Path) -> Path:
    """Settings under which any demand is too far from yesterday's: the plan gate must stop."""
    path = folder / "fillplan.toml"
    path.write_text(path.read_text() + "[gates]\ndemand_level = 0\n")
    return folder


@pytest.fixture
def two_nights(small_workspace: Path) -> Path:
    """The small workspace after a good night, with the day after in its views."""
    quick(small_workspace)
    path = small_workspace / "fillplan.toml"
    path.write_text(path.read_text() + '[forecast]\nmethod = "ewma"\n')
    nightly_step(small_workspace, PLAN_DATE)
    views = small_workspace / "input" / "views.csv"
    views.write_text(views.read_text() + "2026-03-08,FR,m1,12\n2026-03-08,DE,m2,6\n")
    return small_workspace


def test_a_plan_gate_falls_back_to_the_last_plan_repaired(two_nights: Path) -> None:
    workspace = Workspace(_next_night(two_nights))
    with pytest.raises(
        GateStopped, match=r"000002 is in force: the plan of 2026-03-08, repaired(.*\n)+.*--allow demand_level"
    ) as stopped:
        nightly_step(two_nights, None)
    command = f"fillplan nightly {workspace.root} --date 2026-03-09 --allow demand_level"
    assert str(stopped.value).endswith(f"let it pass tonight: {command}"), "as it can be typed"
    told = (workspace.metrics / "fillplan.prom").read_text()
    assert "\nfillplan_fallback 1\n" in told, "the alert of docs/operations.md"
    assert "\nfillplan_night_exit_code 15\n" in told
    assert 'fillplan_gate_verdict{gate="demand_level"} 2' in told
    run = latest_run(workspace)
    assert (run.plan_date.isoformat(), run.summary["status"]) == ("2026-03-09", "fallback")
    assert run.summary["value"] <= run.summary["bound"]
    assert run.summary["model"] == {"name": "fallback", "plan_of": "2026-03-08"}
    stopped = [v["gate"] for v in run.summary["gates"]["verdicts"] if v["verdict"] == "stop"]
    assert stopped == ["demand_level"]
    assert "set 000002 of 2026-03-09" in in_force(workspace)
    assert publish_step(two_nights, None).published is not None, "and the verifier accepts it again"


def test_the_command_of_a_plan_gate_keeps_what_data_gates_were_let_pass(two_nights: Path) -> None:
    path = _next_night(two_nights) / "fillplan.toml"
    path.write_text(path.read_text() + "titles_changed = 0\n")
    titles = two_nights / "input" / "titles.csv"
    pd.read_csv(titles).assign(runtime_minutes=77).to_csv(titles, index=False)
    with pytest.raises(GateStopped, match=r"--allow titles_changed$"):
        nightly_step(two_nights, None)
    with pytest.raises(GateStopped, match=r"--allow titles_changed --allow demand_level$"):
        nightly_step(two_nights, None, ["titles_changed"])


def test_the_fallback_obeys_rights_that_ended_and_files_that_left(two_nights: Path) -> None:
    held_before = latest_run(Workspace(two_nights)).plan().rows
    assert "m1v" in set(held_before.loc[held_before["action"] != "evict", "asset_id"])
    (two_nights / "input" / "availability.csv").write_text(
        "title_id,region,start_date,end_date\nm1,,2026-01-01,2026-03-08\nm2,DE,2026-01-01,\nm3,,2026-01-01,2026-03-01\n"
    )
    with pytest.raises(GateStopped):
        nightly_step(_next_night(two_nights), None)
    rows = latest_run(Workspace(two_nights)).plan().rows
    held = set(rows.loc[rows["action"] != "evict", "asset_id"])
    assert not held & {"m1v", "m1fr", "m1en"}
    assert held <= set(held_before.loc[held_before["action"] != "evict", "asset_id"])


def test_a_repaired_plan_goes_to_the_first_groups_first_and_says_so(two_nights: Path) -> None:
    path = _next_night(two_nights) / "fillplan.toml"
    path.write_text(path.read_text() + '[publish]\ngroups = ["canary", "rest"]\nfirst_groups = ["canary"]\n')
    with pytest.raises(GateStopped, match="set 000002 is in force for the first groups: the plan of 2026-03-08"):
        nightly_step(two_nights, None)
    assert "set 000001" in in_force(Workspace(two_nights))


def test_a_repair_that_does_harm_is_not_published(two_nights: Path) -> None:
    """Rights that end for all would take everything from the caches; what is in force may stay instead."""
    held = "".join(f"{cache},m{i}v\n" for cache in ("mid", "fr1", "de1") for i in (1, 2))
    (two_nights / "input" / "inventory.csv").write_text(f"cache_id,asset_id\n{held}")
    (two_nights / "input" / "availability.csv").write_text(
        "title_id,region,start_date,end_date\n" + "".join(f"m{i},,2026-01-01,2026-03-08\n" for i in (1, 2, 3))
    )
    (two_nights / "input" / "pins.csv").write_text("cache_id,asset_id,title_id,rule\nfr1,,m1,block\n")
    allowed = ["blocks_lost", "rights_changed"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fillplan.gates.plan.LEAST_HELD", 1)
        with pytest.raises(GateStopped, match="set 000001 of 2026-03-08 stays in force") as stop:
            nightly_step(_next_night(two_nights), None, allowed)
        assert "demand_level" in str(stop.value)
        assert "fallback_refused" in Workspace(two_nights).log.read_text()
        patch.undo()
    with pytest.raises(GateStopped, match="set 000002 is in force"):
        nightly_step(two_nights, None, allowed)


def test_a_solver_that_fails_falls_back_and_says_so(two_nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def place(self, problem: object) -> object:
            raise SolverFailure("no solution tonight")

    monkeypatch.setattr("fillplan.workflow.placing.placer", lambda *_, **__: Broken())
    with pytest.raises(SolverFailure, match=r"no solution tonight\nset 000002 is in force"):
        nightly_step(two_nights, None)
    assert latest_run(Workspace(two_nights)).summary["status"] == "fallback"
    assert "set 000002" in in_force(Workspace(two_nights))


def test_without_a_last_plan_nothing_is_published(two_nights: Path) -> None:
    workspace = Workspace(_next_night(two_nights))
    text = (two_nights / "fillplan.toml").read_text().replace("demand_level = 0", "manifest_bytes = 10")
    (two_nights / "fillplan.toml").write_text(text)
    shutil.rmtree(workspace.runs)
    with pytest.raises(GateStopped, match="manifest_bytes"):
        nightly_step(two_nights, None)
    assert "set 000001 of 2026-03-08 stays in force" in in_force(workspace)
    assert not workspace.runs.exists()


def test_a_gate_that_is_allowed_is_recorded(two_nights: Path) -> None:
    nightly_step(_next_night(two_nights), None, ["demand_level"])
    plan = json.loads((latest_run(Workspace(two_nights)).folder / "plan.json").read_text())
    verdict = next(v for v in plan["gates"]["verdicts"] if v["gate"] == "demand_level")
    assert (verdict["verdict"], verdict["allowed"], plan["gates"]["compared_with"]) == ("stop", True, "2026-03-08")
    assert plan["status"] != "fallback"


def test_launches_that_nobody_is_expected_to_watch(small_tables: Tables) -> None:
    """Four launches in the horizon, one of them watched; a fifth after it."""
    coming = [f"n{i}" for i in range(5)]
    windows = pd.DataFrame(
        {
            "title_id": coming,
            "region": "",
            "start_date": pd.to_datetime(["2026-03-09"] * 4 + ["2026-03-30"]),
            "end_date": pd.NaT,
        }
    )
    files = pd.DataFrame({"title_id": coming, "asset_id": coming})
    tables = replace(small_tables, availability=windows, assets=files)
    hours = np.zeros((4, 7))
    hours[2, 3] = 1.0
    forecast = SimpleNamespace(titles=tuple(coming), title=np.arange(4), view_hours=hours)
    assert launches_uncovered(tables, forecast, PLAN_DATE, 7).value == 0.75
    hours[1] = 1.0
    assert launches_uncovered(tables, forecast, PLAN_DATE, 7).value == 0.0, "two are too few to stop anything"


def test_launches_are_those_of_the_report(small_tables: Tables) -> None:
    """A start on the plan date and a return after a pause are launches, a window that continues another is none."""
    rows = [
        ("n0", "2026-03-08", None),
        ("n1", "2026-01-01", "2026-02-01"),
        ("n1", "2026-03-10", None),
        ("n2", "2026-01-01", "2026-03-09"),
        ("n2", "2026-03-10", None),
        ("n3", "2026-03-14", None),
        ("n4", "2026-03-07", None),
    ]
    windows = pd.DataFrame(rows, columns=["title_id", "start_date", "end_date"]).assign(region="elsewhere")
    windows[["start_date", "end_date"]] = windows[["start_date", "end_date"]].apply(pd.to_datetime)
    files = pd.DataFrame({"title_id": [f"n{i}" for i in range(5)], "asset_id": list("abcde")})
    tables = replace(small_tables, availability=windows, assets=files)
    forecast = SimpleNamespace(titles=("n0",), title=np.arange(1), view_hours=np.zeros((1, 7)))
    assert launches_uncovered(tables, forecast, date(2026, 3, 8), 7).found == (
        "nobody is expected to watch 3 of 3 launches with files: n0, n1, n3"
    )


def test_gates_that_find_nothing_name_nothing(small_tables: Tables) -> None:
    tables = replace(small_tables, availability=small_tables.availability.iloc[:0])
    forecast = SimpleNamespace(titles=(), title=np.arange(0), view_hours=np.zeros((0, 7)))
    assert launches_uncovered(tables, forecast, PLAN_DATE, 7).found.endswith("0 of 0 launches with files: none")
    assert caches_emptied(BEFORE, BEFORE).found.endswith("of the last plan: none")
