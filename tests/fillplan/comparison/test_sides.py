"""What opens as a side of a comparison, whose tables it has, and which of them have changed."""

import shutil
from pathlib import Path

import pytest

from fillplan.comparison.sides import open_side
from fillplan_data.errors import NotFound

RUN = "runs/2026-03-08"


def test_a_workspace_stands_for_its_latest_run(planned: Path) -> None:
    whole, run = open_side(planned), open_side(planned / RUN)
    assert whole.run.folder.resolve() == run.run.folder.resolve() == (planned / RUN).resolve()
    assert whole.root == run.root == planned.resolve()
    assert whole.tables is not None and run.tables is not None
    assert (whole.name, run.name) == (str(planned), str(planned / RUN))
    assert (whole.changed, whole.outages, whole.scenario) == ((), (), None)


def test_what_only_a_forecast_needs_is_not_read_and_never_has_changed(planned: Path) -> None:
    for table in ("views", "inventory"):
        (planned / "input" / f"{table}.csv").write_text("what is this\n")
    side = open_side(planned)
    assert side.tables is not None and side.tables.views.empty
    assert side.changed == ()


def test_changed_added_and_removed_tables_are_named(planned: Path) -> None:
    titles, routes = planned / "input" / "titles.csv", planned / "input" / "routes.csv"
    titles.write_text(titles.read_text().replace("One", "Won"))
    (planned / "input" / "pins.csv").unlink()
    routes.write_text("region,cache_id,value_per_gb\nFR,fr1,1.5\n")
    assert open_side(planned).changed == ("pins", "routes", "titles")


def test_tables_with_faults_leave_the_run_readable(planned: Path) -> None:
    caches = planned / "input" / "caches.csv"
    caches.write_text(caches.read_text().replace("0.8,1000", "0.8,-1"))
    side = open_side(planned / RUN)
    assert side.tables is None and side.changed == ()
    assert side.run.summary["plan_date"] == "2026-03-08"


def test_a_run_folder_alone_has_no_tables_and_one_thread(planned: Path, tmp_path: Path) -> None:
    (planned / "fillplan.toml").write_text("[run]\nthreads = 3\n")
    alone = Path(shutil.copytree(planned / RUN, tmp_path / "elsewhere" / "runs" / "alone"))
    assert (open_side(alone).tables, open_side(alone).threads) == (None, 1)
    assert open_side(planned / RUN).threads == 3


def test_two_sides_of_one_workspace_share_its_tables(planned: Path, tmp_path: Path) -> None:
    first = open_side(planned)
    assert open_side(planned / RUN, first).tables is first.tables
    other = Path(shutil.copytree(planned, tmp_path / "other"))
    assert open_side(other, first).tables is not first.tables


def test_the_settings_are_those_that_the_plan_was_made_with(planned: Path) -> None:
    (planned / "fillplan.toml").write_text("[plan]\nhorizon_days = 3\n")
    assert open_side(planned).plan_settings.horizon_days == 7


@pytest.mark.parametrize(("name", "found"), [("nowhere", "no such folder"), ("input", "a folder without them")])
def test_anything_else_is_refused_with_what_was_found(small_workspace: Path, name: str, found: str) -> None:
    with pytest.raises(NotFound, match=f"expected a workspace .*, found {found}"):
        open_side(small_workspace / name)
