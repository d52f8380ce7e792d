"""What a planner is told of the data and the plan."""

from __future__ import annotations

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.faults import Fault
from fillplan_data.tables import Tables


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
