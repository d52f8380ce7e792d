"""The ladder of the demand model's pieces runs, and its last rung, the shares, is worth its place."""

from pathlib import Path

import pytest

from fillplan_data.synthetic import make_workspace
from fillplan_models.spec import load_spec
from tests.benchmarks import stops
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
