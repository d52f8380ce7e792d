"""`fillplan backtest` end to end on a small synthetic workspace."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from fillplan.report.backtest_page import write_backtest_page
from fillplan.report.formats import NARROW, percent_change
from fillplan.workflow.backtest import Course, backtest, origin_days
from fillplan.workflow.regret import FORESIGHT
from fillplan_data.errors import ModelError

SPEC = 'name = "quick"\n[sampling]\ncutoffs = 7\nrows = 4000\n[booster]\nrounds = 15\nnum_leaves = 7\n'


@pytest.fixture(scope="module")
def workspace(night_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's workspace with a quick spec and the greedy solver."""
    folder = tmp_path_factory.mktemp("backtest") / "workspace"
    shutil.copytree(night_workspace, folder, ignore=shutil.ignore_patterns("runs", "models", "published"))
    (folder / "quick.toml").write_text(SPEC)
    (folder / "fillplan.toml").write_text('[train]\nspec = "quick.toml"\n[plan]\nsolver = "greedy"\n')
    return folder


@pytest.fixture(scope="module")
def answer(workspace: Path) -> dict:
    return backtest(workspace, None, Course(origins=2))


def test_every_method_is_judged_at_every_origin(answer: dict) -> None:
    methods = {row["method"] for row in answer["accuracy"]}
    assert {"model", "seasonal_naive", "recent_mean", "ewma", "damped_trend"} <= methods
    assert len(answer["by_origin"]) == len(methods) * 2
    overall = {row["method"]: row for row in answer["accuracy"] if row["by"] == "all"}
    assert overall["seasonal_naive"]["of_naive"] == 1.0
    assert all(0 < row["wape_day"] < 2 and row["wape_horizon"] <= row["wape_day"] for row in overall.values())
    assert {row["group"] for row in answer["accuracy"] if row["by"] == "day ahead"} == set("1234567")


def test_a_single_origin_shares_days_with_no_other(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closer"
    shutil.copytree(workspace, folder, ignore=shutil.ignore_patterns("backtests"))
    course = Course(origins=2, every_days=3, with_offload=False)
    assert any("share days" in note for note in backtest(folder, None, course)["notes"])
    alone = backtest(folder, None, replace(course, origins=1))
    assert len(alone["origins"]) == 1 and not any("share days" in note for note in alone["notes"])


def test_two_origins_are_too_few_to_claim_anything(answer: dict) -> None:
    assert all(row["p_value"] is None and row["ratio"] > 0 for row in answer["comparisons"])


def test_no_plan_is_worth_more_than_foresight_by_more_than_the_solvers_gap(answer: dict) -> None:
    paid = {row["method"]: row for row in answer["offload"]}
    assert paid[FORESIGHT]["lost_value_share"] == 0.0
    assert all(row["lost_value_share"] > -0.01 for row in paid.values())
    assert paid["model"]["offload"] > 0


def test_the_folder_holds_the_answer_its_sums_and_a_page(answer: dict) -> None:
    folder = Path(answer["folder"])
    written = json.loads((folder / "backtest.json").read_text())
    assert written["accuracy"] == answer["accuracy"]
    sums = pd.read_parquet(folder / "backtest.parquet")
    model = sums[(sums["method"] == "model") & (sums["by"] == "all")]
    assert model["error_day"].sum() / model["hours"].sum() == pytest.approx(
        next(r["wape_day"] for r in answer["accuracy"] if r["by"] == "all" and r["method"] == "model")
    )
    page = (folder / "backtest.html").read_text()
    assert not re.search(r"(?:src|href)=[\"']https?:", page) and page.count("<svg") == 3
    assert "SYNTHETIC" in page


def test_the_page_says_what_is_summed_and_in_which_unit(answer: dict, tmp_path: Path) -> None:
    write_backtest_page(answer, tmp_path / "two.html", None)
    page = (tmp_path / "two.html").read_text().replace(NARROW, " ")
    pays = page[page.index('id="pays"') :]
    assert "<small>over 2 plan dates</small>" in pays
    assert all("points" in row for row in re.findall(r'<tr><th scope="row">.*', pays))
    model = next(row for row in answer["accuracy"] if row["by"] == "all" and row["method"] == "model")
    assert f'<dd class="figure">{percent_change(model["bias"])}</dd>'.replace(NARROW, " ") in page
    write_backtest_page({**answer, "origins": answer["origins"][:1]}, tmp_path / "one.html", None)
    lead = f"1 past plan date, {answer['origins'][0]}, 7 days ahead"
    assert lead in (tmp_path / "one.html").read_text()


def test_later_rows_change_nothing_about_an_origin(workspace: Path, answer: dict, tmp_path: Path) -> None:
    """The figures of a date are the same whatever the tables hold after its horizon."""
    folder = tmp_path / "longer"
    shutil.copytree(workspace, folder, ignore=shutil.ignore_patterns("backtests"))
    first = date.fromisoformat(answer["origins"][0])
    again = backtest(folder, first + timedelta(days=7), Course(origins=1, with_offload=False))
    assert again["origins"] == answer["origins"][:1]
    of_date = [row for row in answer["by_origin"] if row["origin"] == answer["origins"][0]]
    assert again["by_origin"] == of_date


def test_origins_end_with_the_views_and_need_history_behind_them() -> None:
    assert origin_days(100, 7, Course(origins=3, every_days=5)) == [83, 88, 93]
    assert origin_days(40, 7, Course(origins=9)) == [33]
    with pytest.raises(ModelError, match="at least 35 days of views"):
        origin_days(34, 7, Course())
