"""Two sides side by side: what they are called, and what is said where they cannot be set against each other."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from fillplan.workflow.comparing import compare_step
from fillplan.workflow.steps import plan_step
from fillplan_data.errors import NotFound

from ..conftest import PLAN_DATE

RUN = "runs/2026-03-08"


def test_a_run_with_itself_differs_by_exactly_nothing(planned: Path) -> None:
    made = compare_step(planned, planned / RUN, [])
    assert set(made["difference"].values()) == {0.0}
    assert {part for parts in made["attribution"].values() for part in parts.values()} == {0.0}
    assert (made["notes"], made["exceeded"], made["by"]) == ([], [], "title_id")


def test_sides_are_called_by_date_and_by_folder_only_where_both_are_alike(planned: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(planned, tmp_path / "other"))
    plan_step(planned, PLAN_DATE + timedelta(days=1), planned / "demand.parquet")
    labels = {side["label"] for made in [compare_step(planned, planned / RUN, [])] for side in (made["a"], made["b"])}
    assert labels == {"plan for 9 Mar 2026", "plan for 8 Mar 2026"}
    made = compare_step(planned / RUN, other, [])
    assert made["a"]["label"] == f"plan for 8 Mar 2026, {planned / RUN}"
    assert made["b"]["label"] == f"plan for 8 Mar 2026, {other}"


def test_tables_that_changed_and_tables_that_are_gone_are_told(planned: Path, tmp_path: Path) -> None:
    alone = Path(shutil.copytree(planned / RUN, tmp_path / "elsewhere" / "alone"))
    titles = planned / "input" / "titles.csv"
    titles.write_text(titles.read_text().replace("One", "Won"))
    made = compare_step(planned, alone, [])
    assert made["attribution"] is None
    changed, gone = made["notes"]
    assert changed == "Tables have changed since the first run (titles): what that did counts as other."
    assert gone.startswith("The tables of the second run are gone or no longer readable")


def test_other_horizons_and_other_networks_are_told(planned: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(planned, tmp_path / "other"))
    (other / "fillplan.toml").write_text("[plan]\nhorizon_days = 3\n")
    plan_step(other, PLAN_DATE, other / "demand.parquet")
    assert any("horizons differ in length" in note for note in compare_step(planned, other, [])["notes"])
    alone = Path(shutil.copytree(planned / RUN, tmp_path / "elsewhere" / "alone"))
    plan = alone / "plan.json"
    plan.write_text(plan.read_text().replace('"fr1"', '"x1"').replace('"de1"', '"y1"'))
    assert any(note.startswith("Only 1 of 5 caches are in both") for note in compare_step(planned, alone, [])["notes"])


def test_what_a_parent_serves_is_not_told_as_its_own_regions(planned: Path) -> None:
    def own() -> dict[str, float]:
        return {row["region"]: row["a"]["own_bytes"] for row in compare_step(planned, planned, [])["regions"]}

    edges = own()
    caches = planned / "input" / "caches.csv"
    caches.write_text(caches.read_text().replace("mid,,,,", "mid,,FR,0.1,"))
    assert own() == edges


def test_anything_else_is_not_found(planned: Path) -> None:
    with pytest.raises(NotFound, match="no such folder"):
        compare_step(planned, planned / "nowhere", [])
