"""`replay` on the small workspace: a score, a scorecard, and what is said where there is nothing to score."""

import json
import shutil

import pandas as pd
import pytest

from fillplan.cli.app import run

SEEN = [("FR", "m1", 9), ("DE", "m2", 5)]
"""(region, title, hours) of every day."""


def answer(capsys, *arguments):
    capsys.readouterr()
    code = run(["replay", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


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
