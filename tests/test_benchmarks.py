"""Benchmarks that documents quote run, and say what they should of small workspaces."""

from datetime import timedelta
from pathlib import Path

import pytest

from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_models.spec import load_spec
from tests.benchmarks import earlier, stops
from tests.benchmarks.ablation import ROWS, measure


@pytest.mark.slow
def test_the_ladder_of_pieces(tmp_path: Path) -> None:
    make_workspace(tmp_path, "tiny", 3, truth=True)
    rows = {row["method"]: row for row in measure(tmp_path, load_spec(), threads=1)}
    assert list(rows) == [pieces.name for pieces in ROWS]
    without, complete = rows["+ promotions"], rows["+ shares"]
    assert complete["files, week / floor"] < 0.9 * without["files, week / floor"]
    assert complete["week / floor"] == without["week / floor"]
    assert all(row["day / floor"] > 1 for row in rows.values())


def test_what_a_stop_takes(tmp_path: Path) -> None:
    measured = stops.measure(tmp_path / "workspace", "tiny", 3)
    assert {kind: (one["is_right"], one["in_force"]) for kind, one in measured.items()} == {
        "data gate": (True, 1),
        "plan gate": (True, 2),
    }
    assert all(0 < one["seconds_to_confirmed"] < 60 for one in measured.values())


def test_the_model_against_simple_methods_that_know_nothing_of_launches(tmp_path: Path) -> None:
    make_workspace(tmp_path, "tiny", 3)
    tables, _ = read_tables(tmp_path / "input")
    rows = {row["method"]: row for row in earlier.measure(tables, default_plan_date(tables) - timedelta(days=9), 1)}
    model, simple = rows.pop("model"), rows.values()
    assert model["day"] < min(float(row["day"]) for row in simple)
    assert all(row["new, week"] in (1.0, pytest.approx(float("nan"), nan_ok=True)) for row in simple)
    assert 0.6 < model["coverage"] < 0.95 and model["interval score"] > 0
