"""Which plans are judged, and on which days, as `replay` tells it."""

import json
import shutil
from datetime import date

import pandas as pd
import pytest

from fillplan.cli.app import run
from fillplan.workflow.replaying import Wanted
from tests.fillplan.cli.test_replay import SEEN, answer


@pytest.mark.parametrize(
    ("wanted", "is_one"),
    [
        (Wanted(), True),
        (Wanted(date(2026, 3, 8), date(2026, 3, 8)), True),
        (Wanted(date(2026, 3, 8), date(2026, 3, 9)), False),
        (Wanted(first=date(2026, 3, 8)), False),
        (Wanted(count=1), False),
    ],
)
def test_one_plan_is_meant_by_its_date_or_by_nothing(wanted: Wanted, is_one: bool) -> None:
    assert wanted.is_one is is_one


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


def test_says_that_another_plan_was_published(replayed, tmp_path, capsys):
    folder = tmp_path / "again"
    shutil.copytree(replayed, folder, ignore=shutil.ignore_patterns("replays"))
    told = "This plan was made after the one that was published, which stands in 2026-03-06.published-10."

    def notes():
        return answer(capsys, folder, "--date", "2026-03-06")[1]["notes"]

    assert told not in notes()
    for version in (9, 10):
        aside = folder / "runs" / f"2026-03-06.published-{version}"
        aside.mkdir()
        (aside / "published.json").write_text(json.dumps({"version": version}))
    assert told in notes()
    own = folder / "runs" / "2026-03-06"
    shutil.copytree(own / "manifests", aside / "manifests")
    assert told not in notes(), "the night was run again, and gave the same"
    (aside / "manifests" / "x.jsonl").touch()
    assert told in notes()
    (own / "published.json").write_text('{"version": 11}')
    assert told not in notes()


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
