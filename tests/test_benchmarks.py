"""Benchmarks that documents quote run, and say what they should of small workspaces."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan_data.history import default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_models.spec import load_spec
from tests.benchmarks import earlier, scale, seasons, shapes, stops
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


def test_a_world_wider_than_there_are_countries(tmp_path: Path) -> None:
    """Copies of regions are complete, sound, and not alike."""
    rows = scale.make(tmp_path, scale.COUNTRIES + 1, titles=60, days=30, seed=3)
    tables, _ = read_tables(tmp_path / "input")
    hours = tables.views.pivot_table(index=["title_id", "date"], columns="region", values="view_hours", observed=True)
    copy = next(region for region in hours if f"{region}2" in hours)
    assert hours.shape[1] == scale.COUNTRIES + 1 and len(tables.views) == rows
    assert hours[f"{copy}2"].notna().equals(hours[copy].notna())
    assert 0.1 < (hours[f"{copy}2"] / hours[copy]).std() < 0.4
    assert f"{copy}2" in set(tables.availability["region"]) & set(tables.variant_views["region"])


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
    regret, origin = earlier.regret_of(tmp_path, 1), default_plan_date(tables) - timedelta(days=9)
    judged: list[earlier.Judged] = []
    rows = {row["method"]: row for row in earlier.measure(tables, origin, 1, regret, judged)}
    model, simple = rows.pop("model"), rows.values()
    assert model["day"] < min(float(row["day"]) for row in simple)
    assert all(row["new, week"] in (1.0, pytest.approx(float("nan"), nan_ok=True)) for row in simple)
    assert 0.6 < model["coverage"] < 0.95 and model["interval score"] > 0
    forecast, hours, counted = judged[0]
    assert hours.shape == counted.shape == forecast.view_hours.shape
    assert hours[counted].sum() == pytest.approx(float(model["hours"]), rel=0.02)  # closed titles may be watched
    lost = regret.table().set_index("method")["lost_value_share"]
    assert 0 < lost["boosted:default"] < lost["ewma"] and lost["perfect foresight"] == 0


def test_demand_of_other_shapes_is_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Films open on Fridays, pages surge, goods are counted; the table tells wins and the ratio of summed errors."""
    made = {name: shape(np.random.default_rng(5)).views for name, shape in shapes.SHAPES.items()}
    films = made["launches"].groupby(["region", "title_id"], observed=True)["date"].min()
    assert (films[films > films.min()].dt.day_of_week == 4).mean() > 0.95  # a small one is first seen a day late
    pages = made["surges"].groupby(["region", "title_id"], observed=True)["view_hours"]
    assert (pages.max() > 10 * pages.median()).sum() > 20
    goods = made["shelves"]["view_hours"]
    assert (goods == goods.round()).all() and goods.median() < 10
    rows = [
        {"method": method, "hours": hours, "day": error, "week": error, "bias": 0, "coverage": 1, "interval score": 1}
        for hours, errors in ((100.0, (0.2, 0.3, 0.1)), (300.0, (0.2, 0.1, 0.3)))
        for method, error in zip(("model", "ewma", "recent_mean"), errors, strict=True)
    ]
    shapes.print_table("odd", pd.DataFrame(rows))
    table = capsys.readouterr().out
    assert "odd, 2 dates" in table
    assert "| ewma | 0.150 | 1.333 | 1.000 |" in table and "| recent_mean | 0.250 | 0.800 | 1.000 |" in table


def test_the_season_of_last_year_pays_where_years_are_alike_and_nowhere_costs_much() -> None:
    alike = seasons.measure(seasons.made(seasons.WORLDS["plateau of 1.8"], 1), dates=9)[5:]  # it goes, stays, comes
    assert alike[:, 0].sum() < 0.95 * alike[:, 1].sum()
    quiet = seasons.measure(seasons.made(seasons.WORLDS["quiet"], 1), dates=2)
    assert quiet[:, 0] == pytest.approx(quiet[:, 1])
