"""What the parts of a report share: names, and the run as codes."""

from __future__ import annotations

from fillplan.report.gather import gather_content
from fillplan.runs import Run
from tests.fillplan.report.conftest import MakeTables


def test_episodes_say_which_they_are_once(make_tables: MakeTables, run: Run) -> None:
    titles = "title_id,name,kind,season,episode,runtime_minutes\n" + "".join(
        f"t{n},{name},episode,2,7,60\n"
        for n, name in enumerate(("The Trip", "Show S2 E7", "", "Area 57", "x"), start=1)
    )
    content = gather_content(run, make_tables(titles=titles))
    names = {change.name for change in (*content.files_in, *content.files_out)}
    assert names == {"The Trip · S2 E7", "Show S2 E7", "t3 · S2 E7", "Area 57 · S2 E7", ""}
