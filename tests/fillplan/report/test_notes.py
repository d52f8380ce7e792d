"""What a planner is told of the data and the plan."""

from __future__ import annotations

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.faults import Fault
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import MakeRun


def test_notes(content: Content) -> None:
    texts = " ".join(note.text for note in content.notes)
    assert "1 copy that is evicted as not in the catalogue" in texts
    assert "1 copy that is evicted as out of rights" in texts
    assert "1 region-day is missing" in texts
    # t2 and t5 are 32 of 65 expected hours; t5 with 2 hours has no files
    assert "49.2\u202f% of the expected hours are of titles without history" in texts
    assert "1 title has no files in the assets table; 3.1\u202f%" in texts
    assert "72.5\u202fGB (42.9\u202f% of all requested bytes) come from regions or shares without a cache" in texts


def test_warnings_come_first_and_are_capped(run: Run, tables: Tables) -> None:
    fault = Fault("warning", "views", "input/views.csv", 7, "date", "a day", "none", "look at it")
    content = gather_content(run, tables, warnings=[fault] * 45)
    assert [note.text for note in content.notes[:2]] == [str(fault)] * 2
    assert content.notes[40].text.startswith("5 more warnings")


def test_a_plan_that_stands_in_for_a_refused_one_is_told_as_such(make_run: MakeRun, tables: Tables) -> None:
    stands_in = {"status": "fallback", "model": {"name": "fallback", "plan_of": "2026-06-30"}}
    notes = gather_content(make_run(with_forecast=False, **stands_in), tables).notes
    told = [(note.level, note.text) for note in notes if "30 Jun 2026" in note.text]
    assert told == [
        (
            "warning",
            "Tonight's own plan was refused, by a gate or because the solver failed: this is that for 30 Jun 2026, "
            "repaired for tonight's tables.",
        ),
        ("note", "Demand is that of the plan for 30 Jun 2026: there is no forecast to show."),
    ]
    assert not any("--demand" in note.text for note in notes)


def test_demand_that_was_given_is_told_as_such(make_run: MakeRun, tables: Tables) -> None:
    notes = gather_content(make_run(with_forecast=False), tables).notes
    assert "Demand was given with --demand: there is no forecast to show." in [note.text for note in notes]
