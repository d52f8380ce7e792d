"""Scenarios as sides of a comparison: the figures of their answer, causes that are known by construction."""

import json
import shutil
from pathlib import Path

import pytest

from fillplan.comparison.attribution import CAUSES, OTHER
from fillplan.workflow.comparing import compare_step
from fillplan.workflow.whatif import Answer, whatif
from fillplan_data.errors import Infeasible, NotFound, VerificationFailed

ASKED = """
[[scenario]]
name = "bigger"
[[scenario.override]]
kind = "capacity"
where = { cache_id = "edge-br-*" }
column = "storage_bytes"
scale = { from = 1.5, to = 2, steps = 2 }

[[scenario]]
name = "out"
[[scenario.override]]
kind = "offline"
where = { cache_id = "edge-br-1" }

[[scenario]]
name = "asked for more"
[[scenario.override]]
kind = "demand"
scale = 1.25

[[scenario]]
name = "codec"
[[scenario.override]]
kind = "codec"
scale = 0.7
refill = true

[[scenario]]
name = "rule"
[[scenario.override]]
kind = "settings"
plan = { policy = { reserve = { storage_share = 0.2 } } }

[[scenario]]
name = "rung"
[[scenario.override]]
kind = "drop_rung"
bitrate_kbps = 1000

[[scenario]]
name = "cannot be"
[[scenario.override]]
kind = "capacity"
where = { cache_id = "edge-br-1" }
column = "fill_hours"
set = 0
"""


@pytest.fixture(scope="module")
def answer(shared_copy: Path) -> Answer:
    path = shared_copy.with_name("asked.toml")
    path.write_text(ASKED)
    return whatif(shared_copy, path, None)


def side(answer: Answer, name: str) -> Path:
    return Path(f"{answer.folder}#{name}")


def parts_add_up(made: dict) -> None:
    for metric, parts in made["attribution"].items():
        assert sum(parts[cause] for cause in (*CAUSES, OTHER)) == pytest.approx(parts["total"], abs=1e-6)
        assert parts["total"] == pytest.approx(made["difference"][metric], abs=0.5), "bytes are whole"


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("bigger@2", "capacity"),
        ("out", "capacity"),
        ("asked for more", "demand"),
        ("rule", "policy"),
    ],
)
def test_a_scenario_is_told_as_it_was_answered_and_due_to_what_it_changed(
    answer: Answer, name: str, cause: str
) -> None:
    made = compare_step(answer.run.folder, side(answer, name), [])
    scenario = next(s for s in answer.content["scenarios"] if s["name"] == name.split("@")[0])
    assert made["b"]["figures"] == pytest.approx(scenario["points"][-1]["figures"], rel=1e-12)
    assert made["b"]["scenario"] == name
    parts_add_up(made)
    for parts in made["attribution"].values():
        assert parts[cause] == pytest.approx(parts["total"], abs=1e-6)
    assert made["attribution"]["value"]["total"] != 0


def test_smaller_files_are_content_and_fetching_them_anew_is_capacity(answer: Answer) -> None:
    made = compare_step(answer.run.folder, side(answer, "codec"), [])
    parts_add_up(made)
    for metric in ("requested_bytes", "value"):
        assert made["attribution"][metric]["content"] < 0
        assert made["attribution"][metric]["demand"] == made["attribution"][metric]["policy"] == 0
    requested = made["attribution"]["requested_bytes"]
    assert requested["content"] == requested["total"], "what caches held asks for nothing"


def test_a_dropped_rung_is_content_and_the_demand_that_moves_to_others(answer: Answer) -> None:
    made = compare_step(answer.run.folder, side(answer, "rung"), [])
    parts_add_up(made)
    for parts in made["attribution"].values():
        assert parts["capacity"] == parts["policy"] == 0


def test_two_scenarios_side_by_side(answer: Answer) -> None:
    made = compare_step(side(answer, "bigger@1.5"), side(answer, "asked for more"), [])
    parts_add_up(made)
    assert made["attribution"]["value"]["demand"] != 0
    assert made["attribution"]["value"]["capacity"] != 0
    assert made["attribution"]["value"]["content"] == 0
    same = compare_step(side(answer, "out"), side(answer, "out"), [])
    assert set(same["difference"].values()) == {0.0}


def test_the_other_way_round_every_part_is_the_opposite(answer: Answer) -> None:
    sides = side(answer, "bigger@1.5"), side(answer, "asked for more")
    there, back = (compare_step(*pair, [])["attribution"] for pair in (sides, sides[::-1]))
    for metric, parts in there.items():
        rounding = 1.0 if metric.endswith("_bytes") else 1e-9
        assert parts == pytest.approx({cause: -part for cause, part in back[metric].items()}, rel=0, abs=rounding)


@pytest.mark.parametrize(
    ("name", "hint"), [("asked for mor", "did you mean #asked for more"), ("", "there are: #bigger@1.5")]
)
def test_unknown_scenarios_are_told_what_there_is(answer: Answer, name: str, hint: str) -> None:
    with pytest.raises(NotFound, match=hint):
        compare_step(answer.run.folder, side(answer, name), [])


def test_folders_may_have_the_mark_in_their_names(answer: Answer, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(answer.folder.parent.parent, tmp_path / "a#b", symlinks=True))
    made = compare_step(workspace, Path(f"{workspace}/whatif/asked#out"), [])
    assert made["b"]["scenario"] == "out"


def test_a_scenario_without_a_plan_says_so(answer: Answer) -> None:
    with pytest.raises(Infeasible, match="pinned"):
        compare_step(answer.run.folder, side(answer, "cannot be"), [])


@pytest.mark.parametrize("spoil", ["tables", "plans", "answer"])
def test_an_answer_that_no_longer_holds_is_refused(answer: Answer, tmp_path: Path, spoil: str) -> None:
    workspace = Path(shutil.copytree(answer.folder.parent.parent, tmp_path / "copy", symlinks=True))
    folder = workspace / "whatif" / "asked"
    if spoil == "tables":
        with (workspace / "input" / "caches.csv").open("a") as file:
            file.write("\n")
    elif spoil == "plans":
        (folder / "plans.parquet").write_bytes(b"PAR1")
    else:
        (folder / "result.json").write_text(json.dumps({"kind": "whatif"})[:-1])
    with pytest.raises(VerificationFailed, match=r"[Aa]sk again"):
        compare_step(answer.run.folder, Path(f"{folder}#out"), [])
