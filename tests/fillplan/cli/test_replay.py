"""`replay` on the small workspace: a score, a scorecard, and what is said where there is nothing to score."""

import json
import shutil

import pandas as pd
import pytest

from fillplan.cli.app import run

SEEN = [("FR", "m1", 9), ("DE", "m2", 5)]
"""(region, title, hours) of every day."""


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """Plans of two dates whose horizons the views cover in part."""
    from tests.fillplan.conftest import SMALL

    folder = tmp_path_factory.mktemp("replay") / "small"
    (folder / "input").mkdir(parents=True)
    for name, content in SMALL.items():
        content = content.replace("de1,m1fr,,pin\n,m1v,,pin\n", "fr1,m1fr,,pin\n") if name == "pins" else content
        (folder / "input" / f"{name}.csv").write_text(content)
    (folder / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "greedy"\n')
    for day in ("2026-03-04", "2026-03-06", "2026-03-08"):
        assert run(["plan", str(folder), "--date", day, "--json"]) == 0
    return folder


def answer(capsys, *arguments):
    capsys.readouterr()
    code = run(["replay", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_scores_the_days_there_are_and_keeps_the_score(replayed, capsys):
    code, made = answer(capsys, replayed, "--date", "2026-03-06")
    assert code == 0
    assert (made["days"], made["complete"]) == (["2026-03-06", "2026-03-07"], False)
    assert any("Only 2 of 7 days" in note for note in made["notes"])
    # two days: 9 hours of m1 in FR and 5 of m2 in DE each, one-hour titles
    watched = 2 * (9 * 900 + 5 * 800)
    assert watched < made["requested_bytes"] < watched + 2 * (9 * 60 + 5 * 40) + 1
    missed = sum(row["bytes"] for row in made["misses"].values())
    assert made["served_bytes"] + missed == pytest.approx(made["requested_bytes"])
    kept = json.loads((replayed / "replays" / "2026-03-06" / "replay.json").read_text())
    assert kept == {key: made[key] for key in kept}
    misses = pd.read_parquet(replayed / "replays" / "2026-03-06" / "misses.parquet")
    assert misses.drop(columns=["region", "asset_id"]).to_numpy().sum() == pytest.approx(missed)


def test_takes_the_latest_plan_with_views_by_default(replayed, capsys):
    assert answer(capsys, replayed)[1]["plan_date"] == "2026-03-06"


def test_the_latest_so_many_are_those_that_can_be_judged(replayed, capsys):
    code, card = answer(capsys, replayed, "--days", "2")
    assert code == 0
    assert [row["plan_date"] for row in card["rows"]] == ["2026-03-04", "2026-03-06"]
    assert card["without_views"] == ["2026-03-08"]
    assert [row["plan_date"] for row in answer(capsys, replayed, "--days", "1")[1]["rows"]] == ["2026-03-06"]


def test_several_dates_make_a_scorecard(replayed, capsys):
    code, card = answer(capsys, replayed, "--from", "2026-03-01", "--to", "2026-03-31")
    assert code == 0
    assert [row["plan_date"] for row in card["rows"]] == ["2026-03-04", "2026-03-06"]
    assert card["without_views"] == ["2026-03-08"]
    parts = card["total"]["regret_value"]
    assert sum(v for k, v in parts.items() if k != "total") == pytest.approx(parts["total"], abs=1e-9)
    assert run(["replay", str(replayed), "--days", "2"]) == 0
    assert "2026-03-06" in capsys.readouterr().out


def test_a_day_that_looks_incomplete_is_left_out_of_the_error_and_told(replayed, tmp_path, capsys):
    folder = tmp_path / "late"
    shutil.copytree(replayed, folder, ignore=shutil.ignore_patterns("replays"))
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2026-01-01", "2026-03-07")]
    rows = [f"{day},{region},{title},{hours}" for day in days for region, title, hours in SEEN]
    rows[rows.index("2026-03-07,FR,m1,9")] = "2026-03-07,FR,m1,3"
    rows.remove("2026-03-06,DE,m2,5")
    (folder / "input" / "views.csv").write_text("\n".join(["date,region,title_id,view_hours", *rows]))
    made = answer(capsys, folder, "--date", "2026-03-06")[1]
    assert made["missing_region_days"] == 2
    assert any(note.startswith("1 region-day without views:") for note in made["notes"])
    assert any(note.startswith("Views of FR on 2026-03-07 look incomplete") for note in made["notes"])
    assert [day["real_view_hours"] for day in made["forecast"]["days"]] == [9.0, 5.0]
    assert made["requested_bytes"] > 9 * 900 + 3 * 900 + 5 * 800  # what came there counts in bytes


def test_says_what_is_missing(replayed, capsys):
    code, refusal = answer(capsys, replayed, "--date", "2026-03-08")
    assert (code, refusal["error"]) == (5, "NotFound")
    assert "input/views" in refusal["message"]
    code, refusal = answer(capsys, replayed, "--date", "2026-02-01")
    assert code == 5
    assert "fillplan plan" in refusal["message"]
    assert run(["replay", str(replayed), "--date", "2026-03-06", "--days", "2"]) == 2
    assert run(["replay", str(replayed), "--from", "2026-03-06", "--to", "2026-03-04"]) == 2
    assert "--from: 2026-03-06 is after --to 2026-03-04" in capsys.readouterr().err


def test_shows_a_person_the_split(replayed, capsys):
    assert run(["replay", str(replayed), "--date", "2026-03-04"]) == 0
    shown = capsys.readouterr().out
    assert "forecast error" in shown
    assert "Why requests went to the origin" in shown
    told = " ".join(shown.split())
    assert "let it stay, with nothing new but pins, would have offloaded" in told
    assert "popularity would have offloaded" in told


def test_a_mesh_and_given_demand(replayed, tmp_path, capsys):
    folder = tmp_path / "mesh"
    shutil.copytree(replayed / "input", folder / "input")
    (folder / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "greedy"\n')
    routes = "region,cache_id,value_per_gb\nFR,de1,1.5\nFR,mid,0.5\nDE,de1,1.0\n"
    (folder / "input" / "routes.csv").write_text(routes)
    demand = pd.DataFrame({"region": ["DE"], "asset_id": ["m2v"], "expected_bytes": [1000.0]})
    demand.to_parquet(tmp_path / "demand.parquet")
    command = ["plan", str(folder), "--date", "2026-03-06", "--demand", str(tmp_path / "demand.parquet"), "--json"]
    assert run(command) == 0
    made = answer(capsys, folder, "--date", "2026-03-06")[1]
    assert made["forecast"] is None
    missed = {name: row["bytes"] for name, row in made["misses"].items()}
    assert made["served_bytes"] + sum(missed.values()) == pytest.approx(made["requested_bytes"])
    # nothing was expected in FR, whose routes ask caches for all of it: a surprise as a whole
    assert missed["rights_or_launch"] == pytest.approx(2 * 9 * (900 + 55), rel=0.02)
    assert missed["no_cache"] == 0
    parts = made["regret_value"]
    assert sum(v for k, v in parts.items() if k != "total") == pytest.approx(parts["total"], abs=1e-9)
