"""The failure exercise end to end on the shipped sample."""

import json
from pathlib import Path

import pytest

from fillplan.cli.render_whatif import _robust_words
from fillplan.report.formats import short_change
from fillplan.workflow.failures import Exercise, fail_in_turn
from fillplan.workflow.steps import plan_step
from fillplan.workflow.whatif import Answer, whatif
from tests.fillplan.cli.test_app import fillplan


@pytest.fixture(scope="module")
def answer(shared_copy: Path) -> Answer:
    return fail_in_turn(shared_copy, Exercise("all", replan=True, robust=0.02), None)


def test_a_ranking_by_what_is_lost(answer: Answer) -> None:
    rows = answer.content["failures"]
    assert [row["lost_value"] for row in rows] == sorted((row["lost_value"] for row in rows), reverse=True)
    caches = answer.run.summary["caches"]
    assert {row["name"] for row in rows if row["kind"] != "region"} == {cache["cache_id"] for cache in caches}
    served = {cache["cache_id"]: cache["expected_bytes"] for cache in caches}
    for row in rows:
        if row["kind"] == "cache":
            assert row["served_bytes"] == pytest.approx(served[row["name"]])
        assert row["taken_over_bytes"] == pytest.approx(row["served_bytes"] - row["lost_bytes"])
        assert sum(taker["more_bytes"] for taker in row["takers"]) >= row["taken_over_bytes"] * (1 - 1e-9) - 1.0


def test_planning_anew_never_loses_and_agrees_with_the_scenario(
    answer: Answer, shared_copy: Path, tmp_path: Path
) -> None:
    rows = {row["name"]: row for row in answer.content["failures"]}
    assert all(row["regained_value"] >= -1e-6 for row in rows.values())
    (tmp_path / "q.toml").write_text(
        '[[scenario]]\nname = "out"\n[[scenario.override]]\nkind = "offline"\nwhere = { cache_id = "edge-br-1" }\n'
    )
    planned = whatif(shared_copy, tmp_path / "q.toml", None).content["scenarios"][0]["points"][0]
    row = rows["edge-br-1"]
    fill_cost = next(c["fill_bytes"] for c in answer.run.summary["caches"] if c["cache_id"] == "edge-br-1")
    # what is lost, less the fill that is not paid, plus what planning anew regains
    least = -row["lost_value"] + row["regained_value"]
    assert least <= planned["difference"]["value"] <= least + fill_cost * 1e-6


def test_under_a_policy_for_outages_nothing_is_guarded_twice(night_copy: Path) -> None:
    with (night_copy / "fillplan.toml").open("a") as file:
        file.write('policy = "resilient"\n')
    plan_step(night_copy, None, None)
    told = fail_in_turn(night_copy, Exercise("caches", replan=True, robust=0.05), None).content
    assert all(row["regained_value"] >= -1e-6 for row in told["failures"])
    assert told["robust"]["gain"] >= -1e-6, "the plan is made for that very probability"


def test_the_robust_plan_costs_something_and_is_worth_more_over_outages(answer: Answer) -> None:
    robust, base = answer.content["robust"], answer.content["base"]
    assert robust["cost"] >= base["value"] - base["bound"], "no plan beats tonight's by more than its gap"
    assert robust["gain"] >= -1e-6
    assert robust["robust"]["mean_loss"] <= robust["tonight"]["mean_loss"]


def test_the_worst_outage_of_one_cache_is_called_that_and_differences_stand_beside(answer: Answer) -> None:
    robust = answer.content["robust"]
    assert answer.content["failures"][0]["lost_value"] > robust["tonight"]["worst_loss"], "a region is worse"
    assert "in the worst outage of one cache" in _robust_words(robust)
    difference = short_change(robust["robust"]["worst_loss"] - robust["tonight"]["worst_loss"])
    for name in ("report.html", "report.md"):
        told = (answer.folder / name).read_text(encoding="utf-8")
        assert "oss in the worst outage of one cache" in told
        assert difference in told.split("robust less tonight")[1].splitlines()[0]


def test_the_same_question_again_costs_nothing(answer: Answer, shared_copy: Path) -> None:
    again = fail_in_turn(shared_copy, Exercise("all", replan=True, robust=0.02), None)
    assert again.cached
    assert again.content == answer.content


def test_the_command(answer: Answer, shared_copy: Path) -> None:
    shown = fillplan("whatif", shared_copy, "--failures", "parents")
    assert shown.returncode == 0, shown.stderr
    assert "mid-latin-america-1" in shown.stdout.replace("\n", "")
    told = json.loads(fillplan("whatif", shared_copy, "--failures", "regions", "--json").stdout)
    assert {row["kind"] for row in told["failures"]} == {"region"}
    assert fillplan("whatif", shared_copy, "--failures", "everything").returncode == 2
    assert fillplan("whatif", shared_copy, "x.toml", "--failures", "all").returncode == 2
