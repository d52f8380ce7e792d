"""The plan before: found beside the run, its offload told apart from tonight's changes, its forecast judged."""

import html
from datetime import date

import pytest

from fillplan.comparison.attribution import CAUSES
from fillplan.report.earlier import STEPS_WORDS, earlier
from fillplan.report.facts import gather_facts
from fillplan.report.gather import gather_content
from fillplan.report.markdown import render_markdown
from fillplan.report.page import render
from fillplan.report.past import runs_before
from tests.fillplan.report.conftest import GB, PLAN, write_run_folder

BEFORE = [row for row in PLAN if row[2] == "keep" or (row[1] == "a4" and row[0] == "e1")]
BEFORE = [(*row[:2], "keep", *row[3:]) for row in BEFORE]


@pytest.fixture
def before(run):
    """A run of two days earlier, which held less and hoped for more."""
    folder = run.folder.parent / "2026-06-29"
    return write_run_folder(folder, plan=BEFORE, plan_date="2026-06-29", expected_offload=0.5, value=60.0)


def test_there_is_none_before_the_first(run, tables):
    assert earlier(gather_facts(run, tables), runs_before(run)) is None


def test_the_move_of_the_offload_splits_in_steps(run, tables, before):
    found = earlier(gather_facts(run, tables), runs_before(run))
    assert found.plan_date == date(2026, 6, 29)
    # e1 held a1, of which DE's half asks 50 GB, and mid the audio: 2.5 of DE's half; FR's a1 goes to nobody
    assert found.kept_offload == pytest.approx((50 + 2.5) / 169)
    # the earlier demand is today's in this example, its total as plan.json tells it
    assert found.rebuilt_offload == pytest.approx((50 + 2.5) * GB / before.summary["requested_bytes"])
    moved = {move.title_id: (move.before_bytes, move.now_bytes) for move in found.moves}
    assert moved["t2"] == (0.0, pytest.approx(20e9))
    for move in found.moves:
        assert move.by_demand_bytes + move.by_holding_bytes == pytest.approx(move.now_bytes - move.before_bytes)
    assert next(move.reason for move in found.moves if move.title_id == "t2") == "more of it held"


@pytest.mark.parametrize("name", ["plan.json", "plan.parquet", "forecast.parquet"])
def test_a_damaged_run_does_not_stop_the_report(run, tables, before, name):
    (before.folder / name).write_text("{")
    found = earlier(gather_facts(run, tables), runs_before(run))
    assert found is None or name == "forecast.parquet"
    assert "Headline" in render(gather_content(run, tables))


def test_steps_have_names_that_no_cause_of_compare_has(run, tables, before):
    content = gather_content(run, tables)
    steps = content.earlier.steps(content.headline.expected_offload)
    moved = content.headline.expected_offload - content.earlier.expected_offload
    assert sum(after - then for _, then, after in steps) == pytest.approx(moved)
    assert not {words for words, *_ in steps} & set(CAUSES)
    for text in (html.unescape(render(content)), render_markdown(content)):
        assert STEPS_WORDS in text
        assert all(words in text for words, *_ in steps)


def test_the_page_shows_both_figures(run, tables, before):
    text = render(gather_content(run, tables))
    assert "since the plan for 29 Jun 2026" in text
    assert 'id="move-table"' in text
    assert gather_content(run, tables).as_json()["earlier"]["plan_date"] == "2026-06-29"
