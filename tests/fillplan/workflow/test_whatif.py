"""`whatif` end to end on the shipped sample: differences, sweeps, what is stored and when it is used again."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from fillplan.report.formats import bytes_change
from fillplan.scenarios.file import read_scenarios
from fillplan.scenarios.uncertain import Samples
from fillplan.stages import Stages
from fillplan.workflow.sides import side_of
from fillplan.workflow.whatif import Answer, needs_history, whatif
from fillplan_data.errors import ModelError, NotFound, ScenarioError, VerificationFailed

ASKED = """
[[scenario]]
name = "as it is"

[[scenario]]
name = "storage"
[[scenario.override]]
kind = "capacity"
where = { cache_id = "edge-br-1" }
column = "storage_bytes"
scale = { from = 0.25, to = 2, steps = 8 }

[[scenario]]
name = "short window"
[[scenario.override]]
kind = "capacity"
where = { cache_id = "edge-br-1" }
column = "fill_hours"
scale = 0.1

[[scenario]]
name = "no window"
[[scenario.override]]
kind = "capacity"
where = { cache_id = "edge-br-1" }
column = "fill_hours"
set = 0

[[scenario]]
name = "out"
[[scenario.override]]
kind = "offline"
where = { cache_id = "edge-br-1" }

[[scenario]]
name = "most offload"
[[scenario.override]]
kind = "settings"
plan = { policy = "offload" }

[[scenario]]
name = "twice"
[[scenario.override]]
kind = "demand"
scale = 2

[[scenario]]
name = "late"
[[scenario.override]]
kind = "move_launch"
days = 0
"""


@pytest.fixture(scope="module")
def asked(shared_copy: Path) -> tuple[Path, Path]:
    path = shared_copy.with_name("asked.toml")
    path.write_text(ASKED)
    return shared_copy, path


@pytest.fixture(scope="module")
def answer(asked: tuple[Path, Path]) -> Answer:
    return whatif(*asked, None)


def points(answer: Answer, name: str) -> list[dict]:
    return next(s["points"] for s in answer.content["scenarios"] if s["name"] == name)


def only(answer: Answer, name: str) -> dict:
    (point,) = points(answer, name)
    return point


@pytest.mark.parametrize("name", ["as it is", "late"])
def test_a_scenario_that_changes_nothing_differs_by_exactly_nothing(answer: Answer, name: str) -> None:
    point = only(answer, name)
    assert set(point["difference"].values()) == {0.0}
    assert (point["caches"], point["moved_bytes"], point["groups_solved"]) == ([], 0.0, 0)


def test_more_storage_never_shows_a_lower_optimum_beyond_the_two_gaps(answer: Answer) -> None:
    curve = points(answer, "storage")
    assert [point["swept_value"] for point in curve] == [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
    for less, more in pairwise(curve):
        assert more["figures"]["bound"] >= less["figures"]["value"]
        slack = sum(p["figures"]["bound"] - p["figures"]["value"] for p in (less, more))
        assert more["figures"]["value"] >= less["figures"]["value"] - slack
    assert set(curve[3]["difference"].values()) == {0.0}, "1.0 times the storage is the base"
    assert curve[0]["difference"]["value"] < 0


def test_a_tenth_of_the_window_fills_no_more_than_a_tenth(answer: Answer) -> None:
    row = next(k for k in only(answer, "short window")["caches"] if k["cache_id"] == "edge-br-1")
    budgets = {cache["cache_id"]: cache["fill_budget_bytes"] for cache in answer.run.summary["caches"]}
    assert 0 < row["scenario"]["fill_bytes"] <= budgets["edge-br-1"] / 10 < row["base"]["fill_bytes"]


def test_where_no_plan_can_be_the_others_are_answered_all_the_same(answer: Answer) -> None:
    point = only(answer, "no window")
    assert "pinned" in point["infeasible"]
    assert point["figures"] is None
    assert only(answer, "out")["infeasible"] is None


def test_a_cache_out_of_service_serves_and_holds_nothing(answer: Answer) -> None:
    point = only(answer, "out")
    row = next(k for k in point["caches"] if k["cache_id"] == "edge-br-1")
    assert {row["scenario"][key] for key in ("served_bytes", "used_bytes", "fill_bytes", "storage_bytes")} == {0.0}
    assert row["served_bytes_difference"] == -row["base"]["served_bytes"]
    assert point["difference"]["value"] < 0
    changes = sum(k["served_bytes_difference"] for k in point["caches"])
    assert changes == pytest.approx(point["difference"]["served_bytes"])


def test_another_policy_is_compared_at_the_caches_own_worth(answer: Answer) -> None:
    base, point = answer.content["base"], only(answer, "most offload")
    slack = base["bound"] - base["value"]
    assert point["plain_value"] <= base["value"] + slack, "tonight's plan is the best by that measure"
    assert point["figures"]["offload"] >= base["offload"] - 1e-3
    assert point["figures"]["value"] != point["plain_value"]
    assert base["value"] == base["plain_value"]


def test_differences_are_scenario_less_base(answer: Answer) -> None:
    base, twice = answer.content["base"], only(answer, "twice")
    assert twice["figures"]["requested_bytes"] == pytest.approx(2 * base["requested_bytes"], rel=1e-12)
    for key, change in twice["difference"].items():
        assert change == twice["figures"][key] - base[key]
    assert twice["figures"]["origin_bytes"] == pytest.approx(
        twice["figures"]["requested_bytes"] - twice["figures"]["served_bytes"]
    )


def test_an_answer_stands_until_something_that_decides_it_changes(asked: tuple[Path, Path], answer: Answer) -> None:
    workspace, path = asked
    assert not answer.cached
    again = whatif(workspace, path, None)
    assert again.cached
    assert again.content == answer.content
    assert json.loads((answer.folder / "result.json").read_text()) == answer.content
    path.write_text(ASKED.split('[[scenario]]\nname = "storage"')[0])
    assert not whatif(workspace, path, None).cached
    with (workspace / "fillplan.toml").open("a") as file:
        file.write("# a word\n")
    assert not whatif(workspace, path, None).cached


def test_an_answer_by_a_policy_file_stands_until_that_changes(night_copy: Path, tmp_path: Path) -> None:
    asked, policy = tmp_path / "q.toml", night_copy / "own.toml"
    asked.write_text(
        '[[scenario]]\nname = "own"\n[[scenario.override]]\nkind = "settings"\nplan = { policy = "own.toml" }\n'
    )
    policy.write_text("[reserve]\nstorage_share = 0.0\n")
    first = whatif(night_copy, asked, None)
    assert set(only(first, "own")["difference"].values()) == {0.0}
    assert whatif(night_copy, asked, None).cached
    policy.write_text("[reserve]\nstorage_share = 0.5\n")
    with pytest.raises(VerificationFailed, match="have changed since"):
        side_of(first.folder, Stages("test"))
    assert only(whatif(night_copy, asked, None), "own")["difference"]["value"] < 0


def test_the_page_is_whole(asked: tuple[Path, Path], answer: Answer) -> None:
    page = whatif(*asked, None).folder / "report.html"
    text = page.read_text()
    assert "SYNTHETIC" in text
    assert "://" not in text and "src=" not in text


def test_tables_that_changed_since_the_run_are_planned_anew(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text('[[scenario]]\nname = "as it is"\n')
    inventory = night_copy / "input" / "inventory.csv"
    inventory.write_text("".join(inventory.read_text().splitlines(keepends=True)[:400]))
    told = whatif(night_copy, tmp_path / "q.toml", None).content
    assert told["notes"] == ["The base was planned anew (changed since the run: inventory)."]
    assert set(told["scenarios"][0]["points"][0]["difference"].values()) == {0.0}


def test_what_changed_tables_do_to_demand_made_anew_is_told_apart(
    night_copy: Path, tmp_path: Path, rewrite: Callable[[Path, str, Callable[[pd.DataFrame], pd.DataFrame]], None]
) -> None:
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "late"\n[[scenario.override]]\nkind = "move_launch"\ndays = 0\n'
        '[[scenario]]\nname = "twice"\n[[scenario.override]]\nkind = "demand"\nscale = 2\n'
    )
    rewrite(night_copy, "views", lambda frame: frame)
    with (night_copy / "input" / "views.csv").open("a") as file:
        file.write("\n")
    answer = whatif(night_copy, tmp_path / "q.toml", None)
    assert not answer.content["notes"], "other bytes of the same rows"
    assert set(only(answer, "late")["difference"].values()) == {0.0}
    rewrite(night_copy, "views", lambda frame: frame.assign(view_hours=frame["view_hours"].astype(float) * 2))
    answer = whatif(night_copy, tmp_path / "q.toml", None)
    (note,) = answer.content["notes"]
    moved = only(answer, "late")["difference"]["requested_bytes"]
    assert moved > 0
    assert note.startswith("late: ") and "(views)" in note and bytes_change(moved) in note
    assert "before any override" in (answer.folder / "report.md").read_text()


def test_plans_over_samples(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "as it is"\n[[scenario]]\nname = "half"\n'
        '[[scenario.override]]\nkind = "capacity"\ncolumn = "storage_bytes"\nscale = 0.5\n'
    )
    told = whatif(night_copy, tmp_path / "q.toml", None, Samples(10, 3)).content["uncertainty"]
    rows = {row.pop("name"): row for row in told["plans"]}
    figures = [{key: value for key, value in rows[n].items() if "rank" not in key} for n in ("base", "as it is")]
    assert figures[0] == figures[1], "the same plan meets the same samples"
    assert rows["half"]["expected_value"] < rows["base"]["expected_value"]
    assert rows["base"]["mean_regret"] < rows["half"]["mean_regret"]
    assert {row["demand_of"] for row in rows.values()} == {"base"}
    assert rows["half"]["worst_decile_value"] <= rows["half"]["low_value"] <= rows["half"]["high_value"]
    assert whatif(night_copy, tmp_path / "q.toml", None, Samples(10, 3)).cached
    assert not whatif(night_copy, tmp_path / "q.toml", None, Samples(10, 4)).cached


def test_a_plan_for_outages_is_asked_for_as_a_policy(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "resilient"\n[[scenario.override]]\nkind = "settings"\nplan = { policy = "resilient" }\n'
        '[[scenario]]\nname = "as it is"\n'
    )
    resilient, same = whatif(night_copy, tmp_path / "q.toml", None).content["scenarios"]
    point = resilient["points"][0]
    assert point["groups_solved"] > 0, "the same problems, but another way to plan them"
    assert point["difference"]["value"] < 0
    assert point["difference"]["bound"] == pytest.approx(0.0, abs=1e-3 * point["figures"]["bound"])
    assert set(same["points"][0]["difference"].values()) == {0.0}, "and its plans are not taken for the base's"


def test_an_answer_does_not_depend_on_what_was_asked_before(night_copy: Path, tmp_path: Path) -> None:
    question = '[[scenario]]\nname = "{}"\n[[scenario.override]]\nkind = "capacity"\ncolumn = "{}"\nscale = {}\n'
    asked = question.format("more", "storage_bytes", 1.1)
    others = question.format("less", "storage_bytes", 0.5) + question.format("slow", "fill_rate_bps", 0.3)
    alone, after = tmp_path / "alone.toml", tmp_path / "after.toml"
    alone.write_text(asked)
    after.write_text(others + asked)
    first, last = (whatif(night_copy, path, None).content["scenarios"][-1]["points"][0] for path in (alone, after))
    assert first == last
    assert first["difference"]["value"] >= 0, "the plan that was may stay"


def test_without_a_run_there_is_nothing_to_compare_with(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text('[[scenario]]\nname = "as it is"\n')
    shutil.rmtree(night_copy / "runs")
    with pytest.raises(NotFound):
        whatif(night_copy, tmp_path / "q.toml", None)


def test_a_model_trained_since_the_run_forecasts_no_launch(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text('[[scenario]]\nname = "x"\n[[scenario.override]]\nkind = "cancel_launch"\n')
    model = next(night_copy.glob("models/????-??-??/model.json"))
    model.write_text(model.read_text() + " ")
    with pytest.raises(ModelError, match="expected the model"):
        whatif(night_copy, tmp_path / "q.toml", None)


FAULTY = """[[scenario]]
name = "form"
[[scenario.override]]
kind = "capacity"
column = "storage_bytes"
scal = 2

[[scenario]]
name = "fit"
[[scenario.override]]
kind = "offline"
where = { cache_id = "edge-xx-*" }
[[scenario.override]]
kind = "drop_rung"
bitrate_kbps = 1001
"""


def test_faults_of_form_and_of_fit_are_listed_together(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(FAULTY)
    with pytest.raises(ScenarioError) as caught:
        whatif(night_copy, tmp_path / "q.toml", None)
    assert [fault.row for fault in caught.value.faults] == [6, 12, 15]
    assert all(fault.expected and fault.found and fault.remedy for fault in caught.value.faults)
    assert not (night_copy / "whatif").exists()
    shutil.rmtree(night_copy / "runs")
    with pytest.raises(ScenarioError, match="`scal`") as caught:
        whatif(night_copy, tmp_path / "q.toml", None)
    assert [fault.row for fault in caught.value.faults] == [6], "without a run the form alone can be judged"


def test_plans_of_a_rush_are_not_set_against_the_base(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "rush"\n[[scenario.override]]\nkind = "demand"\nscale = 2\n'
        '[[scenario]]\nname = "late"\n[[scenario.override]]\nkind = "move_launch"\ndays = 0\n'
    )
    answer = whatif(night_copy, tmp_path / "q.toml", None, Samples(5, 3))
    rows = answer.content["uncertainty"]["plans"]
    assert [(row["name"], row["demand_of"]) for row in rows] == [("base", "base"), ("late", "base"), ("rush", "rush")]
    assert [row["worst_regret"] for row in rows] == [0.0, 0.0, None]
    for told in ("report.html", "report.md"):
        assert "order and regret are among those of the same demand" in (answer.folder / told).read_text()


def test_another_horizon_is_told_beside_its_sums(night_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "one day"\n[[scenario.override]]\nkind = "settings"\nplan = { horizon_days = 1 }\n'
        '[[scenario]]\nname = "as it is"\n'
    )
    answer = whatif(night_copy, tmp_path / "q.toml", None)
    (note,) = answer.content["notes"]
    assert note.startswith("one day: plans for 1 day, the base for 7.")
    for told in ("report.html", "report.md"):
        assert note in (answer.folder / told).read_text()


@pytest.mark.parametrize(
    ("keys", "needed"),
    [
        ('plan = { policy = "premiere", solver = "greedy" }', False),
        ("plan = { horizon_days = 3 }", True),
        ('forecast = { method = "ewma" }', True),
    ],
)
def test_views_are_asked_for_only_by_settings_that_forecast_anew(tmp_path: Path, keys: str, needed: bool) -> None:
    path = tmp_path / "q.toml"
    path.write_text(f'[[scenario]]\nname = "a"\n[[scenario.override]]\nkind = "settings"\n{keys}\n')
    assert needs_history(read_scenarios(path)) == needed
